"""Second approval: never by the person who asked, and only then does it happen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from django.utils import timezone

from portal.accounts import approvals
from portal.accounts.approvals import ApprovalError, approve, ask, refuse, withdraw
from portal.accounts.models import ApprovalRequest, ApprovalState
from portal.accounts.permissions import Action, NotAllowedError, Verdict, allowed
from portal.accounts.roles import Role
from tests.people import make, person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def written_off(monkeypatch):
    """What was carried out on approval."""
    done: list[dict[str, object]] = []

    def run(wish: ApprovalRequest) -> str:
        done.append(wish.arguments)
        return "12.50 EUR written off."

    monkeypatch.setitem(approvals.ON_APPROVAL, Action.WRITE_OFF, run)
    return done


@pytest.fixture
def wish(written_off):
    return wanted(case=7)


def wanted(**arguments: object) -> ApprovalRequest:
    omar = person("omar")
    verdict = allowed(omar, Action.WRITE_OFF)
    return ask(Action.WRITE_OFF, by=omar, verdict=verdict, arguments=arguments, summary="Write off 12.50 EUR", reason="Parcel lost")


class TestAsk:
    def test_writes_down_who_decides(self, wish):
        assert wish.approvers == {Role.FIN}
        assert wish.is_waiting

    def test_asked_twice_is_one_request(self, wish):
        assert wanted(case=7).pk == wish.pk
        assert wanted(case=8).pk != wish.pk

    def test_refuses_what_needs_no_second_person(self):
        with pytest.raises(NotAllowedError):
            ask(Action.WRITE_OFF, by=person("cora"), verdict=Verdict(yes=False, why="No."), arguments={}, summary="", reason="why")

    def test_wants_a_reason(self):
        verdict = allowed(person("omar"), Action.WRITE_OFF)

        with pytest.raises(ApprovalError, match="Say why"):
            ask(Action.WRITE_OFF, by=person("omar"), verdict=verdict, arguments={}, summary="Write off", reason="  ")


class TestApprove:
    def test_carries_it_out(self, wish, written_off):
        approve(wish.pk, by=person("finn"), at=NOON)

        wish.refresh_from_db()
        assert (wish.state, wish.decided_by, wish.decided_at) == (ApprovalState.APPROVED, person("finn"), NOON)
        assert wish.outcome == "12.50 EUR written off."
        assert written_off == [{"case": 7}]

    def test_happens_once(self, wish, written_off):
        approve(wish.pk, by=person("finn"))

        with pytest.raises(ApprovalError, match="already"):
            approve(wish.pk, by=make("fay", Role.FIN))
        assert len(written_off) == 1

    def test_is_never_by_the_requester(self, wish, written_off):
        both = person("omar")
        both.memberships.create(role=Role.FIN)

        with pytest.raises(ApprovalError, match="yourself"):
            approve(wish.pk, by=both)
        assert written_off == []

    def test_is_not_by_another_role(self, wish, written_off):
        with pytest.raises(ApprovalError, match="Finance"):
            approve(wish.pk, by=person("ada"))
        assert written_off == []

    def test_that_fails_leaves_the_request_waiting(self, wish, monkeypatch):
        def fail(_wish: ApprovalRequest) -> str:
            raise ApprovalError("The case was resolved meanwhile.")

        monkeypatch.setitem(approvals.ON_APPROVAL, Action.WRITE_OFF, fail)

        with pytest.raises(ApprovalError, match="meanwhile"):
            approve(wish.pk, by=person("finn"))
        wish.refresh_from_db()
        assert wish.is_waiting

    def test_needs_something_registered(self, wish, monkeypatch):
        monkeypatch.delitem(approvals.ON_APPROVAL, Action.WRITE_OFF)

        with pytest.raises(ApprovalError, match="Nothing is registered"):
            approve(wish.pk, by=person("finn"))


class TestRefuse:
    def test_does_nothing_and_says_why(self, wish, written_off):
        refuse(wish.pk, by=person("finn"), note="Ask the carrier first.")

        wish.refresh_from_db()
        assert (wish.state, wish.note) == (ApprovalState.REFUSED, "Ask the carrier first.")
        assert written_off == []

    def test_wants_a_reason(self, wish):
        with pytest.raises(ApprovalError, match="Say why"):
            refuse(wish.pk, by=person("finn"), note="")


class TestWithdraw:
    def test_is_for_the_person_who_asked(self, wish):
        with pytest.raises(ApprovalError, match="Only the person who asked"):
            withdraw(wish.pk, by=person("finn"))

        assert withdraw(wish.pk, by=person("omar")).state == ApprovalState.WITHDRAWN


class TestDatabase:
    def test_refuses_an_approver_who_asked(self, wish):
        with pytest.raises(IntegrityError, match="approval_by_another_person"):
            ApprovalRequest.objects.filter(pk=wish.pk).update(state="approved", decided_by=wish.requester, decided_at=timezone.now())

    def test_refuses_a_decision_without_a_person(self, wish):
        with pytest.raises(IntegrityError, match="approval_decided_by"):
            ApprovalRequest.objects.filter(pk=wish.pk).update(state="approved", decided_at=timezone.now())

    def test_refuses_a_decision_without_a_time(self, wish):
        with pytest.raises(IntegrityError, match="approval_decided_at"):
            ApprovalRequest.objects.filter(pk=wish.pk).update(state="withdrawn")


class TestRegistry:
    def test_keeps_one_function_for_an_action(self, written_off):
        with pytest.raises(ValueError, match="already"):
            approvals.on_approval(Action.WRITE_OFF)(lambda wish: "twice")


class TestPage:
    def test_shows_what_waits_for_the_reader(self, client, wish):
        client.force_login(person("finn"))

        assert "Write off 12.50 EUR" in client.get("/approvals/").text

    def test_approves_with_a_button(self, client, wish, written_off):
        client.force_login(person("finn"))

        page = client.post(f"/approvals/{wish.pk}/", {"decision": "approve"}, follow=True)

        assert "Approved. 12.50 EUR written off." in page.text
        assert written_off == [{"case": 7}]

    def test_says_why_it_cannot_be_decided(self, client, wish, written_off):
        client.force_login(person("ada"))

        page = client.post(f"/approvals/{wish.pk}/", {"decision": "approve"}, follow=True)

        assert "you hold none of these roles" in page.text
        assert written_off == []

    @pytest.mark.parametrize(("pk", "decision", "status"), [(0, "perhaps", 400), (0, "approve", 404)])
    def test_refuses_what_makes_no_sense(self, client, pk, decision, status):
        client.force_login(person("finn"))

        assert client.post(f"/approvals/{pk}/", {"decision": decision}).status_code == status

    @pytest.mark.parametrize("username", ["aldo", "nell"])
    def test_is_closed_to_those_who_decide_nothing(self, client, username):
        client.force_login(person(username))

        assert client.get("/approvals/").status_code == 403
