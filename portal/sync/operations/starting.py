"""Starting a run by hand: who may, in which mode, and once however often the button is pressed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from exceptions.kinds import KINDS
from portal.accounts import approvals
from portal.accounts.approvals import ApprovalError
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import Action, Verdict, check
from portal.accounts.roles import Role
from portal.audit.trail import record
from portal.connections.models import Integration
from portal.sync.operations.selection import Criteria, dry_run
from portal.sync.run_models import Process, Run, Trigger

JOB = "portal.sync.operations.jobs.execute_run"
GROUP_LIMIT = 50  # beyond it a second person must agree
# whose work each process is: the roles that may act on the case it would raise
TEAMS: dict[str, Collection[Role]] = {Process.EXPORT: KINDS["E04"].may_act, Process.FETCH: KINDS["E18"].may_act}
WRONG_MODE = {
    Process.EXPORT: "{} does not export orders: its export mode is off.",
    Process.FETCH: "{} does not fetch fulfilments: its fetch mode is off.",
}


class RunRefusedError(Exception):
    """It cannot be run; the text is the sentence for the person."""


def refuse_if_off(integration: Integration, process: str) -> None:
    """RunRefusedError when the mode is off (R131, R132), or a side cannot be called."""
    runs = {Process.EXPORT: integration.exports_orders, Process.FETCH: integration.fetches_fulfilments}
    if integration.removed_at is not None:
        raise RunRefusedError("This integration was removed; nothing runs any more.")
    if not runs.get(Process(process), False):
        raise RunRefusedError(WRONG_MODE[Process(process)].format(integration.name))
    asleep = [side.name for side in (integration.channel, integration.hub) if not side.enabled or side.verified_at is None]
    if asleep:
        raise RunRefusedError(f"{' and '.join(asleep)} must be verified and switched on first.")


def verdict_for(by: User, process: str, number: int) -> Verdict:
    """May they, for so many? NotAllowedError when they never may."""
    action = Action.REPLAY_GROUP if number > 1 else Action.REPLAY_ONE
    return check(by, action, owner=TEAMS[process], beyond_limit=number > GROUP_LIMIT)


def start(
    integration: Integration, process: str, criteria: Criteria, *, by: User, token: UUID | None = None, reason: str = ""
) -> Run | ApprovalRequest:
    """The run, which a worker takes up in a moment; or, beyond the limit, the request that waits for a second person."""
    refuse_if_off(integration, process)
    told = dry_run(integration, process, criteria)
    verdict = verdict_for(by, process, told.goes)
    if verdict.needs_approval:
        arguments = {"do": "run", "integration": integration.pk, "process": process, "criteria": criteria.stored()}
        summary = f"Run the {Process(process).label} of {integration.name} for {told.goes:,} items ({criteria.spoken() or 'all that wait'})."
        return approvals.ask(Action.REPLAY_GROUP, by=by, verdict=verdict, arguments=arguments, summary=summary[:300], reason=reason)
    return begin(integration, process, criteria, by=by, token=token or uuid4(), at=timezone.now())


def begin(integration: Integration, process: str, criteria: Criteria, *, by: User, token: UUID, at: datetime) -> Run:
    """Write the run down and ring for it, in one transaction; the same token is the same run."""
    with transaction.atomic():
        values: dict[str, Any] = {
            "integration": integration, "process": process, "trigger": Trigger.HAND, "by": by, "criteria": criteria.stored(), "created_at": at,
        }  # fmt: skip
        run, is_new = Run.objects.get_or_create(token=token, defaults=values)
        if is_new:
            record("integration.run", integration, by=by, new={"run": run.pk, "process": process, "criteria": criteria.stored()})
            transaction.on_commit(partial(async_task, JOB, run.pk))
    return run


def approved(request: ApprovalRequest) -> str:
    """A second person agreed; what is chosen is what fits now."""
    told = request.arguments
    integration = Integration.objects.select_related("channel", "hub").get(pk=told["integration"])
    try:
        refuse_if_off(integration, told["process"])
    except RunRefusedError as error:
        raise ApprovalError(str(error)) from error
    run = begin(integration, told["process"], Criteria.of(told["criteria"]), by=request.requester, token=uuid4(), at=timezone.now())
    return f"{run} of {integration.name} has started."
