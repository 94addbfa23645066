"""Many cases at once: frozen at the click, taken back within ten seconds, each judged for itself."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from exceptions import bulk, cases
from exceptions.cases import NewCase, clear_case, open_cases
from exceptions.models import BulkRun, CaseEvent, ExceptionCase
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from tests.exceptions.conftest import NOON, Opens, entry

SOON = NOON + timedelta(seconds=11)

ASKED = {
    "Word": {"show": "all", "q": "SO-2"},
    "Nothing": {"show": "all", "q": "nowhere"},
    "My refusals": {"show": "mine", "kind": "E04"},
    "No incident": {"show": "folded", "incident": "7"},
    "Soon": {"show": "all", "sort": "value"},
}


def many(number: int, kind: str = "E04") -> None:
    open_cases([NewCase(kind, f"order:{one}", "No.", NOON, [entry(one)]) for one in range(number)])


def start(act: str, by: User, **arguments: str) -> BulkRun:
    return bulk.start(act, ExceptionCase.objects.filter(is_open=True), by=by, arguments=arguments, at=NOON)


class TestStart:
    def test_freezes_the_number_at_the_click(self, omar: User) -> None:
        many(5)
        run = start("claim", omar)
        open_cases([NewCase("E04", "later", "No.", NOON, [entry(99)])])

        assert bulk.run_due(at=SOON) == 5
        run.refresh_from_db()
        assert (run.number, run.done, run.refused, run.state) == (5, 5, 0, "done")
        assert ExceptionCase.objects.filter(assignee=omar).count() == 5

    def test_waits_for_second_thoughts(self, omar: User) -> None:
        many(2)
        run = start("claim", omar)

        assert bulk.run_due(at=NOON + timedelta(seconds=9)) == 0
        assert bulk.undo(run, by=omar, at=NOON + timedelta(seconds=9))
        assert bulk.run_due(at=SOON) == 0
        assert not ExceptionCase.objects.filter(assignee=omar).exists()

    def test_cannot_be_taken_back_afterwards(self, omar: User) -> None:
        many(1)
        run = start("claim", omar)
        bulk.run_due(at=SOON)

        assert not bulk.undo(run, by=omar, at=SOON)


class TestRun:
    def test_resolves_a_thousand_with_a_line_in_every_trail(self, omar: User) -> None:
        many(1000)
        start("resolve", omar, code="done_by_hand", note="Entered by hand, list on the desk.")

        assert bulk.run_due(at=SOON) == 1000
        assert not ExceptionCase.objects.filter(is_open=True).exists()
        assert CaseEvent.objects.filter(verb="resolved", by=omar).count() == 1000
        assert AuditEvent.objects.filter(action="case.resolved", actor=omar).count() == 1000

    def test_judges_each_case_for_itself(self, opened: Opens, omar: User) -> None:
        many(2)
        other = opened("E08", "unpaid")  # Finance's
        run = start("resolve", omar, code="done_by_hand", note="Done.")
        bulk.run_due(at=SOON)

        run.refresh_from_db()
        assert (run.done, run.refused) == (2, 1)
        assert "own team" in run.chosen.get(case=other).outcome
        other.refresh_from_db()
        assert other.is_open

    def test_leaves_alone_what_was_resolved_meanwhile(self, opened: Opens, omar: User) -> None:
        case = opened()
        run = start("resolve", omar, code="done_by_hand", note="Done.")
        clear_case(case, {"seen": "it"}, at=NOON)
        bulk.run_due(at=SOON)

        case.refresh_from_db()
        assert case.resolution == "fixed_verified"
        assert run.chosen.get().outcome == "It was resolved meanwhile."

    def test_stops_when_told(self, omar: User) -> None:
        many(3)
        run = start("claim", omar)
        bulk.stop(run, by=omar, at=SOON)

        assert bulk.run_due(at=SOON) == 0

    def test_runs_twice_without_doing_twice(self, omar: User) -> None:
        many(3)
        start("comment", omar, text="Looked at.")
        bulk.run_due(at=SOON)
        bulk.run_due(at=SOON)

        assert CaseEvent.objects.filter(verb="comment").count() == 3


class TestPages:
    def test_take_everything_the_list_matches(self, opened: Opens, client: Client, omar: User) -> None:
        many(60)
        opened("E06", "orphan")
        client.force_login(omar)
        answer = client.post("/inbox/many/", {"act": "claim", "everything": "1", "show": "teams", "kind": "E04"}, follow=True)

        assert b"Claim 60 cases" in answer.content
        assert b"Undo: nothing has happened yet" in answer.content

    def test_take_the_picked_ones(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()
        opened("E06", "orphan")
        client.force_login(omar)
        client.post("/inbox/many/", {"act": "claim", "pick": [str(case.pk)]})
        bulk.run_due(at=timezone.now() + timedelta(seconds=11))

        assert list(ExceptionCase.objects.filter(assignee=omar)) == [case]

    def test_undo(self, opened: Opens, client: Client, omar: User) -> None:
        opened()
        client.force_login(omar)
        client.post("/inbox/many/", {"act": "claim", "everything": "1"})
        answer = client.post(f"/inbox/many/{BulkRun.objects.get().pk}/end/", follow=True)

        assert b"Taken back. Not one case was touched." in answer.content

    def test_say_what_is_missing(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()
        client.force_login(omar)
        answer = client.post("/inbox/many/", {"act": "resolve", "code": "done_by_hand", "pick": [str(case.pk)]}, follow=True)

        assert b"Write the note first" in answer.content
        assert not BulkRun.objects.exists()

    def test_are_not_for_auditors(self, client: Client, aldo: User) -> None:
        client.force_login(aldo)
        assert client.post("/inbox/many/", {"act": "claim", "everything": "1"}).status_code == 403


class TestSavedViews:
    def test_are_shared_with_a_team_and_numbered(self, opened: Opens, client: Client, omar: User, cora: User) -> None:
        opened("E04")
        client.force_login(omar)
        client.post("/inbox/views/", {"name": "Refused", "shared_with": "OPS", "show": "all", "kind": "E04"})

        assert 'Refused <span class="count">1</span>' in client.get("/inbox/").content.decode()
        client.force_login(cora)
        assert "Refused" not in client.get("/inbox/").content.decode()

    def test_can_be_removed_by_their_owner(self, client: Client, omar: User, ada: User) -> None:
        client.force_login(omar)
        client.post("/inbox/views/", {"name": "Refused", "show": "all", "kind": "E04"})
        view = omar.saved_views.get()
        client.force_login(ada)
        assert client.post(f"/inbox/views/{view.pk}/remove/").status_code == 404

        client.force_login(omar)
        client.post(f"/inbox/views/{view.pk}/remove/")
        assert not omar.saved_views.exists()

    def test_are_numbered_whatever_they_ask_for(self, opened: Opens, client: Client, omar: User) -> None:
        now = timezone.now()
        mine, _ = opened("E04", "one", items=[entry(1)], at=now), opened("E04", "two", items=[entry(2)], at=now)
        opened("E06", "later", items=[entry(3)], at=now + timedelta(days=30))
        cases.claim(mine, by=omar)
        client.force_login(omar)
        for name, asked in ASKED.items():
            client.post("/inbox/views/", {"name": name, **asked})

        numbers = {tab.label: tab.number for tab in client.get("/inbox/numbers/").context["views"]}
        assert {name: numbers[name] for name in ASKED} == {"Word": "1", "Nothing": "0", "My refusals": "1", "No incident": "0", "Soon": "2"}

    def test_are_there_for_each_team_from_the_start(self, opened: Opens, client: Client, omar: User, finn: User) -> None:
        opened("E05", "missing")
        client.force_login(omar)
        assert 'Not in the warehouse <span class="count">1</span>' in client.get("/inbox/").content.decode()

        client.force_login(finn)
        page = client.get("/inbox/").content.decode()
        assert "Shipped, not captured" in page
        assert "Not in the warehouse" not in page

    def test_are_shared_with_ones_own_team_only(self, client: Client, omar: User) -> None:
        client.force_login(omar)
        client.post("/inbox/views/", {"name": "Refused", "shared_with": "FIN", "show": "all"})

        assert not omar.saved_views.exists()
