"""The inbox's pages: who sees what, what a form does, and how many queries a list may cost."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exceptions import details
from exceptions.actions import ActionForm, CaseAction, Preview, PreviewRow, register
from exceptions.cases import NewCase, claim, clear_case, open_cases, snooze
from exceptions.models import CaseEvent, ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.ledger.models import Heartbeat
from tests.exceptions.conftest import Opens, entry

LIST = "/inbox/"


def page(client: Client, user: User, url: str = LIST) -> str:
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


class TestInbox:
    def test_shows_my_teams_cases(self, opened: Opens, client: Client, omar: User, cora: User) -> None:
        case = opened("E04", cause="Veeqo refused UK-1.")

        assert f"/inbox/{case.pk}/" in page(client, omar)
        assert f"/inbox/{case.pk}/" not in page(client, cora)
        assert f"/inbox/{case.pk}/" in page(client, cora, "/inbox/?show=all")

    def test_puts_the_nearest_of_both_clocks_first(self, opened: Opens, client: Client, omar: User) -> None:  # A2
        now = timezone.now()
        late = opened("E04", "one", at=now)
        soon = opened("E06", "two", at=now, deadline_at=now + timedelta(minutes=2))
        text = page(client, omar)

        assert text.index(f"/inbox/{soon.pk}/") < text.index(f"/inbox/{late.pk}/")

    def test_sorts_by_value_lost_within_four_hours(self, opened: Opens, client: Client, omar: User) -> None:  # A3
        now = timezone.now()
        small, later = opened("E04", "one", at=now), opened("E06", "two", items=[entry(9), entry(10)], at=now + timedelta(days=30))
        large = opened("E04", "three", items=[entry(3), entry(4)], at=now)
        text = page(client, omar, "/inbox/?sort=value")

        assert text.index(f"/inbox/{large.pk}/") < text.index(f"/inbox/{small.pk}/")
        assert f"/inbox/{later.pk}/" not in text

    @pytest.mark.parametrize("word", ["so-1", "SO-", "sku-77", "ku-77", "JD0002", "CUST-5"])
    def test_finds_a_case_by_any_of_its_words(self, opened: Opens, client: Client, omar: User, word: str) -> None:
        case = opened(items=[entry(1, keys=["SKU-77", "JD0002", "cust-5"])])

        text = page(client, omar, f"/inbox/?q={word}")
        assert f"/inbox/{case.pk}/" in text

    def test_finds_a_case_by_its_number(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()

        assert f"/inbox/{case.pk}/" in page(client, omar, f"/inbox/?q=%23{case.pk}")

    def test_numbers_its_tabs_and_filters(self, opened: Opens, client: Client, omar: User) -> None:
        claim(opened("E04", "one"), by=omar)
        snooze(opened("E04", "two"), timezone.now() + timedelta(hours=1), by=omar)
        opened("E06", "three")
        text = page(client, omar)

        assert 'My teams <span class="count">2</span>' in text
        assert 'Snoozed <span class="count">1</span>' in text
        assert "E06 Order known on one side only (1)" in text

    def test_pages_without_counting(self, client: Client, omar: User) -> None:
        now = timezone.now()
        open_cases([NewCase("E04", f"order:{number}", "No.", now, [entry(number)]) for number in range(120)])
        client.force_login(omar)
        seen: list[int] = []
        cursor = ""
        for _ in range(3):
            answer = client.get(LIST, {"cursor": cursor})
            seen += [case.pk for case in answer.context["page"].rows]
            cursor = answer.context["page"].older
        assert (len(seen), len(set(seen)), cursor) == (120, 120, "")

    def test_costs_six_queries_whatever_the_rows(self, client: Client, omar: User) -> None:
        now = timezone.now()
        open_cases([NewCase("E04", f"order:{number}", "No.", now, [entry(number)]) for number in range(60)])
        page(client, omar)

        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        assert len(queries) <= 6

    def test_says_why_it_is_empty(self, client: Client, omar: User, opened: Opens) -> None:
        assert "Nothing waits for you here" in page(client, omar)
        opened("E04")
        assert "none that fit this filter" in page(client, omar, "/inbox/?kind=E06")
        assert "No case found" in page(client, omar, "/inbox/?q=nowhere")

    def test_does_not_call_it_clear_when_only_nothing_is_lost_soon(self, client: Client, omar: User, opened: Opens) -> None:
        case, later = opened("E19"), timezone.now() + timedelta(days=2)
        ExceptionCase.objects.filter(pk=case.pk).update(ack_due_at=later, resolve_due_at=later, acknowledged_at=timezone.now())
        text = page(client, omar, "/inbox/?sort=value")

        assert "Nothing is lost in the next four hours" in text
        assert "All clear" not in text

    def test_does_not_call_silence_all_clear(self, client: Client, omar: User) -> None:
        Heartbeat.objects.create(flow="orders", label="Orders of Shop UK", beat_at=timezone.now() - timedelta(hours=3), every_s=300)

        assert "Orders of Shop UK has told us nothing for 3 h" in page(client, omar)

    def test_is_closed_to_people_without_a_role(self, client: Client, nell: User) -> None:
        client.force_login(nell)
        assert client.get(LIST).status_code == 403

    @pytest.mark.parametrize(
        "query", ["kind=E99", "severity=x", "connection=;drop", "sort=up", "show=nothing", "cursor=", "connection=99999999999999999999"]
    )
    def test_takes_a_broken_address_for_a_plain_one(self, client: Client, omar: User, query: str) -> None:
        assert "Inbox" in page(client, omar, f"/inbox/?{query}")

    def test_refuses_a_forged_cursor(self, client: Client, omar: User) -> None:
        client.force_login(omar)
        assert client.get("/inbox/?cursor=abc").status_code == 400


class TestCasePage:
    def test_tells_the_whole_story(self, opened: Opens, client: Client, omar: User) -> None:  # R152
        case = opened("E04", cause="Veeqo refused UK-1.", deadline_at=timezone.now() + timedelta(hours=1), consequence="The sale is lost.")
        text = page(client, omar, f"/inbox/{case.pk}/")

        for part in (
            "Veeqo refused UK-1.",
            "Read the answer",
            "CX: nothing to do.",
            "40.00 GBP",
            "SO-1",
            "The sale is lost.",
            "Outside deadline",
            "Opened:",
        ):
            assert part in text, part

    def test_escapes_what_vendors_say(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened(cause="<script>alert(1)</script>", evidence={"body": "<b>no</b>"})
        text = page(client, omar, f"/inbox/{case.pk}/")

        assert "<script>alert" not in text
        assert "<b>no</b>" not in text

    def test_keeps_evidence_from_other_teams(self, opened: Opens, client: Client, omar: User, finn: User) -> None:
        case = opened("E04", evidence={"detail": "HTTP 422"})

        assert "HTTP 422" in page(client, omar, f"/inbox/{case.pk}/")
        assert "HTTP 422" not in page(client, finn, f"/inbox/{case.pk}/")

    def test_shows_the_proof_of_a_closed_case(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()
        clear_case(case, {"warehouse order": "55"}, at=timezone.now())
        text = page(client, omar, f"/inbox/{case.pk}/")

        assert "It closed by itself" in text
        assert "warehouse order" in text

    def test_offers_auditors_nothing_to_press(self, opened: Opens, client: Client, aldo: User) -> None:
        text = page(client, aldo, f"/inbox/{opened().pk}/")

        assert "Claim" not in text
        assert "Resolve" not in text

    def test_tells_who_else_is_here(self, opened: Opens, client: Client, omar: User, cora: User) -> None:  # A17
        case = opened()
        page(client, cora, f"/inbox/{case.pk}/")

        assert "Cora has this case open too" in page(client, omar, f"/inbox/{case.pk}/presence/")

    def test_links_what_it_holds_up(self, opened: Opens, client: Client, omar: User) -> None:
        details.LINKS["order"] = "/orders/{}/".format
        details.STATES["order"] = lambda subjects: dict.fromkeys(subjects, "waits for a mapping")
        text = page(client, omar, f"/inbox/{opened().pk}/")

        assert 'href="/orders/1/"' in text
        assert "waits for a mapping" in text

    def test_lists_everything_page_by_page(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened(items=[entry(number) for number in range(130)])
        text = page(client, omar, f"/inbox/{case.pk}/items/")

        assert text.count("data-row") == 100
        assert "Next" in text

    def test_is_not_found_for_a_case_that_is_none(self, client: Client, omar: User) -> None:
        client.force_login(omar)
        assert client.get("/inbox/999/").status_code == 404


class TestActs:
    def press(self, client: Client, user: User, case: ExceptionCase, act: str, **sent: str) -> str:
        client.force_login(user)
        answer = client.post(f"/inbox/{case.pk}/{act}/", sent, follow=True)
        return answer.content.decode()

    def test_claim(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()

        assert "It is yours" in self.press(client, omar, case, "claim")
        case.refresh_from_db()
        assert case.assignee == omar

    def test_say_what_stands_in_the_way(self, opened: Opens, client: Client, omar: User, ada: User) -> None:
        case = claim(opened(), by=ada)

        assert "Ada has this case" in self.press(client, omar, case, "claim")

    def test_comment(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()
        self.press(client, omar, case, "comment", text="Called them.")

        assert CaseEvent.objects.filter(case=case, verb="comment", by=omar, text="Called them.").exists()

    def test_bring_a_refused_form_back(self, opened: Opens, client: Client, omar: User) -> None:
        client.force_login(omar)
        answer = client.post(f"/inbox/{opened().pk}/comment/", {"text": ""})

        assert answer.status_code == 422
        assert b"This field is required" in answer.content

    def test_resolve_with_a_code(self, opened: Opens, client: Client, omar: User) -> None:  # A13
        case = opened()
        text = self.press(client, omar, case, "resolve", code="done_by_hand", note="Entered as 4711.")

        case.refresh_from_db()
        assert (case.resolution, "Resolved as done by hand" in text) == ("done_by_hand", True)

    def test_ask_a_second_person_to_stop_trying(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()

        assert "stays open until a second person agrees" in self.press(client, omar, case, "resolve", code="stop_trying", note="Gone.")
        case.refresh_from_db()
        assert case.is_open

    def test_snooze_and_wake(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()
        self.press(client, omar, case, "snooze", until="tomorrow")
        case.refresh_from_db()
        assert case.state == "snoozed"

        self.press(client, omar, case, "wake")
        case.refresh_from_db()
        assert case.state == "new"

    def test_hand_over(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()
        self.press(client, omar, case, "reassign", team="CX", note="Ask the customer.")

        case.refresh_from_db()
        assert case.owner == "CX"

    def test_reopen(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened()
        clear_case(case, {"seen": "it"}, at=timezone.now())

        assert "Open again" in self.press(client, omar, case, "reopen", reason="Not there after all.")

    @pytest.mark.parametrize("act", ["claim", "comment", "resolve", "snooze", "assign", "reassign"])
    def test_are_not_for_auditors(self, opened: Opens, client: Client, aldo: User, act: str) -> None:
        client.force_login(aldo)
        assert client.post(f"/inbox/{opened().pk}/{act}/", {"text": "x"}).status_code == 403

    def test_lead_back_to_our_own_pages_only(self, opened: Opens, client: Client, omar: User) -> None:
        client.force_login(omar)
        case = opened()
        answer = client.post(f"/inbox/{case.pk}/claim/", {"next": "https://evil.example/"})

        assert answer.headers["Location"].startswith("/inbox/")


class RenameForm(ActionForm):
    name = forms.CharField()


class TestActionPage:
    def install(self) -> list[str]:
        done: list[str] = []

        def run(case: ExceptionCase, by: User, data: object) -> str:
            done.append(str(dict(data)))  # type: ignore[call-overload]
            return "Sent."

        def preview(case: ExceptionCase, data: object) -> Preview:
            return Preview("1 order goes again.", [PreviewRow("SO-1", "DPD", str(data.get("name", "?")))])

        register(CaseAction("retry", "Send again", Action.REPLAY_ONE, run=run, preview=preview, form=RenameForm))
        return done

    def test_shows_what_would_happen_first(self, opened: Opens, client: Client, omar: User) -> None:  # A1
        done = self.install()
        text = page(client, omar, f"/inbox/{opened().pk}/do/retry/?name=DPD_FR")

        assert "1 order goes again." in text
        assert '<span class="after">DPD_FR</span>' in text
        assert not done

    def test_does_it_once(self, opened: Opens, client: Client, omar: User) -> None:  # A1
        done, case, token = self.install(), opened(), str(uuid4())
        client.force_login(omar)
        for _ in range(2):
            answer = client.post(f"/inbox/{case.pk}/do/retry/", {"token": token, "name": "DPD_FR"}, follow=True)

        assert done == ["{'name': 'DPD_FR'}"]
        assert b"Done already" in answer.content

    def test_asks_again_for_what_is_missing(self, opened: Opens, client: Client, omar: User) -> None:
        done = self.install()
        client.force_login(omar)

        assert client.post(f"/inbox/{opened().pk}/do/retry/", {"token": str(uuid4())}).status_code == 422
        assert not done

    def test_refuses_who_may_not(self, opened: Opens, client: Client, finn: User) -> None:
        self.install()
        client.force_login(finn)

        assert client.post(f"/inbox/{opened().pk}/do/retry/", {"token": str(uuid4()), "name": "x"}).status_code == 403
