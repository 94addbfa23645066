"""What people do with a case, who may, and what is written down of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exceptions.acts import wake_due
from exceptions.cases import assign, claim, clear_case, comment, reassign, reopen, resolve, snooze, wake
from exceptions.errors import CaseError
from exceptions.models import Resolution
from exceptions.proof import PREDICATES, Proof
from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import NotAllowedError
from portal.accounts.roles import Role
from portal.audit.models import AuditEvent
from tests.exceptions.conftest import NOON, Opens, entry

LATER = NOON + timedelta(hours=1)


class TestClaim:
    def test_gives_the_case_to_them_and_stops_the_first_clock(self, opened: Opens, omar: User) -> None:
        case = claim(opened(), by=omar, at=LATER)

        assert (case.assignee, case.acknowledged_at, case.state) == (omar, LATER, "taken")
        assert case.due_at == case.resolve_due_at

    def test_is_written_down_twice(self, opened: Opens, omar: User) -> None:
        case = claim(opened(), by=omar)

        assert case.events.all()[0].text == "Claimed."
        assert AuditEvent.objects.get(action="case.claimed").actor == omar

    def test_tells_who_has_it(self, opened: Opens, omar: User, cora: User) -> None:
        case = claim(opened(), by=omar)

        with pytest.raises(CaseError, match="Omar has this case"):
            claim(case, by=cora)

    def test_is_not_for_auditors(self, opened: Opens, aldo: User, nell: User) -> None:
        case = opened()

        with pytest.raises(NotAllowedError):
            claim(case, by=aldo)
        with pytest.raises(NotAllowedError):
            claim(case, by=nell)

    def test_comes_too_late_for_a_resolved_case(self, opened: Opens, omar: User) -> None:
        case = opened()
        clear_case(case, {"seen": "it"}, at=NOON)

        with pytest.raises(CaseError, match="resolved by itself"):
            claim(case, by=omar)


class TestAssign:
    def test_stays_within_the_teams_that_may_act(self, opened: Opens, omar: User, finn: User) -> None:
        with pytest.raises(CaseError, match="Finn cannot take it"):
            assign(opened("E04"), finn, by=omar)

    def test_gives_it_back_to_nobody(self, opened: Opens, omar: User) -> None:
        case = assign(claim(opened(), by=omar), None, by=omar)

        assert (case.assignee, case.state) == (None, "new")


class TestReassign:
    def test_moves_the_team_and_starts_its_first_clock(self, opened: Opens, omar: User, cora: User) -> None:
        case = reassign(claim(opened(), by=omar), Role.CX, by=omar, note="The customer must say.", at=LATER)

        assert (case.team, case.assignee, case.acknowledged_at) == (Role.CX, None, None)
        assert case.ack_due_at > LATER
        assert claim(case, by=cora).assignee == cora, "the new team may act"

    def test_needs_a_reason(self, opened: Opens, omar: User) -> None:
        with pytest.raises(CaseError, match="Say why"):
            reassign(opened(), Role.CX, by=omar, note=" ")


class TestSnooze:
    def test_takes_it_out_of_the_list_until_then(self, opened: Opens, omar: User) -> None:
        case = snooze(opened(), LATER, by=omar, at=NOON)

        assert (case.state, case.is_awake) == ("snoozed", False)
        assert wake_due(at=LATER) == 1
        case.refresh_from_db()
        assert (case.state, case.is_awake) == ("new", True)

    def test_never_goes_past_an_outside_deadline(self, opened: Opens, omar: User) -> None:  # A4
        case = opened("E05", deadline_at=LATER)

        with pytest.raises(CaseError, match="outside deadline"):
            snooze(case, LATER + timedelta(minutes=1), by=omar, at=NOON)

    def test_ends_when_so_many_are_affected(self, opened: Opens, omar: User) -> None:  # A4
        snooze(opened(items=[entry(1)]), LATER, by=omar, items=3, at=NOON)

        assert opened(items=[entry(2)]).state == "snoozed"
        assert opened(items=[entry(3)]).state == "new"

    def test_ends_when_it_gets_worse(self, opened: Opens, omar: User) -> None:
        snooze(opened("E16", severity=3), LATER, by=omar, if_worse=True, at=NOON)

        assert opened("E16", severity=1).state == "new"

    def test_ends_when_a_deadline_comes_before_it(self, opened: Opens, omar: User) -> None:
        snooze(opened("E05"), LATER, by=omar, at=NOON)

        assert opened("E05", deadline_at=NOON + timedelta(minutes=30)).state == "new"

    def test_can_be_ended_by_hand(self, opened: Opens, omar: User) -> None:
        assert wake(snooze(opened(), LATER, by=omar, at=NOON), by=omar).is_awake

    def test_is_for_the_own_team(self, opened: Opens, finn: User) -> None:
        with pytest.raises(NotAllowedError):
            snooze(opened("E04"), LATER, by=finn, at=NOON)


class TestComment:
    def test_stays_with_a_closed_case(self, opened: Opens, cora: User) -> None:
        case = opened()
        clear_case(case, {"seen": "it"}, at=NOON)

        assert comment(case, "The customer was told.", by=cora).text == "The customer was told."


class TestResolve:
    def test_asks_what_was_checked_where_nothing_can_check(self, opened: Opens, omar: User) -> None:  # A13
        with pytest.raises(CaseError, match="what you checked"):
            resolve(opened(), Resolution.FIXED, "", by=omar)

    def test_refuses_what_the_system_of_record_denies(self, opened: Opens, omar: User) -> None:  # A13
        PREDICATES["E04"] = lambda case: None

        with pytest.raises(CaseError, match="Not yet"):
            resolve(opened(), Resolution.FIXED, "It is there.", by=omar)

    def test_keeps_the_reading_as_proof(self, opened: Opens, omar: User) -> None:
        PREDICATES["E04"] = lambda case: Proof({"warehouse order": "55"})
        case = opened()

        resolve(case, Resolution.FIXED, "", by=omar)

        case.refresh_from_db()
        assert (case.resolution, case.proof, case.resolved_by) == ("fixed_verified", {"warehouse order": "55"}, omar)

    def test_needs_evidence_for_work_done_by_hand(self, opened: Opens, omar: User) -> None:
        case = opened()
        with pytest.raises(CaseError, match="evidence"):
            resolve(case, Resolution.BY_HAND, "", by=omar)

        resolve(case, Resolution.BY_HAND, "Entered in Veeqo as 4711.", by=omar)
        case.refresh_from_db()
        assert case.resolution_note == "Entered in Veeqo as 4711."

    def test_stops_trying_only_with_finance(self, opened: Opens, omar: User, finn: User) -> None:  # D10
        case = opened()
        request = resolve(case, Resolution.STOPPED, "The customer cancelled by phone.", by=omar)
        assert request is not None

        case.refresh_from_db()
        assert case.is_open, "asking changes nothing"
        approvals.approve(request.pk, by=finn)
        case.refresh_from_db()
        assert (case.resolution, case.resolved_by) == ("stop_trying", omar)

    def test_lets_finance_write_off_small_sums_alone(self, opened: Opens, finn: User) -> None:
        assert resolve(opened("E29"), Resolution.STOPPED, "Goodwill.", by=finn) is None

    def test_asks_a_second_person_above_the_limit(self, opened: Opens, finn: User) -> None:
        case = opened("E29", items=[entry(number) for number in range(20)])

        assert isinstance(resolve(case, Resolution.STOPPED, "Goodwill.", by=finn), ApprovalRequest)

    def test_is_for_the_own_team(self, opened: Opens, finn: User) -> None:
        with pytest.raises(NotAllowedError):
            resolve(opened("E04"), Resolution.BY_HAND, "Done.", by=finn)


class TestReopen:
    def test_puts_it_back_as_nobodys(self, opened: Opens, omar: User) -> None:
        case = opened()
        resolve(case, Resolution.BY_HAND, "Entered by hand.", by=omar)

        case = reopen(case, "It was the wrong order.", by=omar)

        assert (case.state, case.resolution, case.resolved_at) == ("new", "", None)
        assert (case.events.all()[0].data or {})["note"] == "Entered by hand."

    def test_refuses_beside_an_open_one(self, opened: Opens, omar: User) -> None:
        case = opened(at=NOON - timedelta(days=40))
        clear_case(case, {"seen": "it"}, at=NOON - timedelta(days=40))
        opened()

        with pytest.raises(CaseError, match="open case of its own"):
            reopen(case, "Again.", by=omar)
