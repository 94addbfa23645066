"""What happens when a second person says yes to something asked from a case."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from exceptions.actions import ACTIONS
from exceptions.acts import open_case_of
from exceptions.closing import Ending, close
from exceptions.errors import CaseError
from exceptions.models import CaseEvent, ExceptionCase, Resolution
from portal.accounts.approvals import ON_APPROVAL, ApprovalError, on_approval
from portal.accounts.models import ApprovalRequest
from portal.accounts.permissions import Action

ASKED_FROM_CASES = (Action.WRITE_OFF, Action.REPLAY_GROUP)


def connect() -> None:
    for action in ASKED_FROM_CASES:
        if action not in ON_APPROVAL:
            on_approval(action)(carry_out)


def carry_out(request: ApprovalRequest) -> str:
    """Do what was asked, if the case still allows it."""
    if other := DO_WITHOUT_CASE.get(request.arguments["do"]):
        return other(request)
    try:
        with transaction.atomic():
            case = open_case_of(ExceptionCase.objects.get(pk=request.arguments["case"]))
            return DO[request.arguments["do"]](case, request)
    except CaseError as error:
        raise ApprovalError(str(error)) from error


def stop(case: ExceptionCase, request: ApprovalRequest) -> str:
    approver = request.decided_by.called if request.decided_by else ""
    evidence = {"approved by": approver, "request": request.pk}
    close([case], Ending(Resolution.STOPPED, timezone.now(), request.requester, str(request.arguments["note"]), evidence=evidence))
    return f"{case} is closed: nobody tries any longer."


def run_action(case: ExceptionCase, request: ApprovalRequest) -> str:
    action = ACTIONS[request.arguments["name"]]
    if not action.applies(case):
        raise CaseError(f"“{action.label}” is not possible any more: the state of things has changed.")
    sentence = action.run(case, request.requester, request.arguments["data"])
    CaseEvent.objects.create(case=case, at=timezone.now(), by=request.requester, verb="action", text=f"{action.label}: {sentence}")
    return sentence


DO = {"stop": stop, "action": run_action}
DO_WITHOUT_CASE: dict[str, Callable[[ApprovalRequest], str]] = {}  # filled by the app that asks
