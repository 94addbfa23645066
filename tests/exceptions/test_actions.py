"""Buttons: offered where they make sense, refused by the server elsewhere, and never pressed twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from exceptions.actions import CaseAction, offered, perform, register
from exceptions.errors import CaseBusyError, CaseError
from exceptions.models import CaseRun, ExceptionCase
from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import Action, NotAllowedError
from portal.audit.models import AuditEvent
from tests.exceptions.conftest import Opens

PRESSED: list[int] = []


@pytest.fixture(autouse=True)
def retry() -> CaseAction:
    PRESSED.clear()
    return register(CaseAction("retry", "Send again", Action.REPLAY_ONE, run=press, applies=lambda case: case.cause != "gone"))


def press(case: ExceptionCase, by: User, data: object) -> str:
    PRESSED.append(case.pk)
    return "It goes out within a minute."


class TestPerform:
    def test_does_it_and_writes_it_down(self, opened: Opens, omar: User) -> None:
        case = opened()

        assert perform(case, "retry", by=omar, token=uuid4()) == "It goes out within a minute."

        assert [case.pk] == PRESSED
        assert AuditEvent.objects.get(action="case.action", new__action="retry").actor == omar
        case.refresh_from_db()
        assert case.acknowledged_at is not None
        assert case.busy_until is None

    def test_takes_a_second_click_for_the_first(self, opened: Opens, omar: User) -> None:  # A1
        case, token = opened(), uuid4()
        perform(case, "retry", by=omar, token=token)

        assert "Done already" in perform(case, "retry", by=omar, token=token)
        assert len(PRESSED) == 1

    def test_lets_one_person_at_a_time(self, opened: Opens, omar: User, ada: User) -> None:  # A17
        case = opened()
        ExceptionCase.objects.filter(pk=case.pk).update(busy_until=timezone.now() + timedelta(minutes=1), busy_by=ada)

        with pytest.raises(CaseBusyError, match="Ada is doing something"):
            perform(case, "retry", by=omar, token=uuid4())
        assert not PRESSED

    def test_tells_the_second_person_who_was_first(self, opened: Opens, omar: User, ada: User) -> None:  # A17
        case, at = opened(), timezone.now()
        perform(case, "retry", by=ada, token=uuid4(), at=at)

        with pytest.raises(CaseBusyError, match="Ada pressed “Send again” a moment ago"):
            perform(case, "retry", by=omar, token=uuid4(), at=at + timedelta(seconds=2))
        case.refresh_from_db()
        assert (len(PRESSED), case.busy_by) == (1, None)
        perform(case, "retry", by=omar, token=uuid4(), at=at + timedelta(minutes=2))
        assert len(PRESSED) == 2, "later it is a wish of its own"

    def test_frees_the_case_after_a_failure(self, opened: Opens, omar: User) -> None:
        def fail(case: ExceptionCase, by: User, data: object) -> str:
            raise CaseError("The warehouse is closed.")

        register(CaseAction("retry", "Send again", Action.REPLAY_ONE, run=fail))
        case = opened()
        with pytest.raises(CaseError, match="closed"):
            perform(case, "retry", by=omar, token=uuid4())

        case.refresh_from_db()
        assert case.busy_until is None
        assert not CaseRun.objects.exists(), "the same page may try again"

    def test_refuses_what_the_state_forbids(self, opened: Opens, omar: User) -> None:
        with pytest.raises(CaseError, match="not possible any more"):
            perform(opened(cause="gone"), "retry", by=omar, token=uuid4())

    def test_refuses_what_the_kind_does_not_know(self, opened: Opens, omar: User) -> None:
        with pytest.raises(CaseError, match="cannot be done with this kind"):
            perform(opened("E06"), "retry", by=omar, token=uuid4())

    def test_refuses_who_may_not(self, opened: Opens, finn: User, aldo: User) -> None:
        for nobody in (finn, aldo):
            with pytest.raises(NotAllowedError):
                perform(opened(), "retry", by=nobody, token=uuid4())
        assert not PRESSED

    def test_asks_a_second_person_first(self, opened: Opens, omar: User, ada: User) -> None:
        register(CaseAction("retry", "Send all again", Action.REPLAY_GROUP, run=press, beyond_limit=lambda case: True))
        case = opened()

        assert "Nothing has happened yet" in perform(case, "retry", by=omar, token=uuid4(), reason="All of them.")
        assert not PRESSED

        approvals.approve(ApprovalRequest.objects.get().pk, by=ada)
        assert [case.pk] == PRESSED


class TestOffered:
    def test_shows_what_is_possible_and_permitted(self, opened: Opens, omar: User, finn: User) -> None:
        assert [offer.action.name for offer in offered(opened(), omar)] == ["retry"]
        assert offered(opened(), finn) == []

    def test_hides_what_the_state_forbids(self, opened: Opens, omar: User) -> None:
        assert offered(opened(cause="gone"), omar) == []
