"""What a person does with a case: each act asks whether they may, changes it, and leaves a line in its timeline and in the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from exceptions import clocks
from exceptions.errors import CaseError
from exceptions.models import CaseEvent, ExceptionCase
from exceptions.rules import rule_of
from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.accounts.roles import Role, spoken
from portal.audit import trail


def claim(case: ExceptionCase, *, by: User, at: datetime | None = None) -> ExceptionCase:
    """It is theirs now, and counts as acknowledged. CaseError when somebody else has it."""
    check(by, Action.TAKE_PART, owner=case.acting_roles)
    with transaction.atomic():
        found = open_case_of(case)
        if found.assignee is not None and found.assignee_id != by.pk:
            raise CaseError(f"{found.assignee.called} has this case. Ask them, or assign it to yourself.")
        return _give(found, to=by, by=by, at=at, verb="claimed", text="Claimed.")


acknowledge = claim


def assign(case: ExceptionCase, to: User | None, *, by: User, at: datetime | None = None) -> ExceptionCase:
    """Give it to somebody of the teams that may act on it, or (None) to nobody."""
    check(by, Action.TAKE_PART, owner=case.acting_roles)
    if to is not None and not to.roles & case.acting_roles:
        raise CaseError(f"{to.called} cannot take it: this kind of case is for {spoken(case.acting_roles)}.")
    with transaction.atomic():
        text = f"Assigned to {to.called}." if to else "Given back: nobody has it now."
        return _give(open_case_of(case), to=to, by=by, at=at, verb="assigned", text=text)


def reassign(case: ExceptionCase, team: Role, *, by: User, note: str, at: datetime | None = None) -> ExceptionCase:
    """Hand it to another team, which acknowledges it anew; the time to resolve goes on."""
    check(by, Action.REASSIGN, owner=case.acting_roles)
    if team is Role.AUD:
        raise CaseError("Auditors look and change nothing; choose another team.")
    if not note.strip():
        raise CaseError("Say why it goes to another team: they read it first.")
    with transaction.atomic():
        found, moment = open_case_of(case), at or timezone.now()
        if found.team is team:
            raise CaseError(f"{team.label} has it already.")
        old = found.facts()
        ack_due = clocks.due(moment, rule_of(found.kind).ack_min, clock=found.rule.clock_at(found.connection), team=team)
        changes = {"owner": team, "assignee": None, "acknowledged_at": None, "ack_due_at": ack_due}
        return _change(found, changes, by=by, at=moment, verb="reassigned", text=f"Handed to {team.label}. {note.strip()}", old=old, reason=note)


def comment(case: ExceptionCase, text: str, *, by: User, at: datetime | None = None) -> CaseEvent:
    """A remark in the timeline, on closed cases too."""
    check(by, Action.TAKE_PART, owner=case.acting_roles)
    if not text.strip():
        raise CaseError("The comment is empty.")
    with transaction.atomic():
        trail.record("case.commented", case, by=by, reason=text.strip())
        return CaseEvent.objects.create(case=case, at=at or timezone.now(), by=by, verb="comment", text=text.strip())


def snooze(
    case: ExceptionCase, until: datetime, *, by: User, items: int | None = None, if_worse: bool = False, at: datetime | None = None
) -> ExceptionCase:
    """Out of the list until then, until so many things are affected, or until it gets worse; never past an outside deadline."""
    check(by, Action.SNOOZE, owner=case.acting_roles)
    moment = at or timezone.now()
    if until <= moment:
        raise CaseError("That moment has passed. Choose a later one.")
    with transaction.atomic():
        found = open_case_of(case)
        if found.deadline_at is not None and until > found.deadline_at:
            raise CaseError(f"It cannot sleep past the outside deadline, {found.deadline_at:%d %b %H:%M} UTC. Choose an earlier time.")
        changes = {"snoozed_until": until, "snooze_items": items, "snooze_if_worse": if_worse}
        return _change(found, changes, by=by, at=moment, verb="snoozed", text=snooze_text(until, items=items, if_worse=if_worse))


def snooze_text(until: datetime, *, items: int | None, if_worse: bool) -> str:
    sooner = [f"{items} things are affected"] if items else []
    sooner += ["it gets worse"] if if_worse else []
    return f"Snoozed until {until:%d %b %H:%M} UTC" + (f", or until {' or '.join(sooner)}." if sooner else ".")


def wake(case: ExceptionCase, *, by: User | None, at: datetime | None = None) -> ExceptionCase:
    """Back into the list."""
    if by is not None:
        check(by, Action.SNOOZE, owner=case.acting_roles)
    with transaction.atomic():
        changes = {"snoozed_until": None, "snooze_items": None, "snooze_if_worse": False}
        return _change(open_case_of(case), changes, by=by, at=at or timezone.now(), verb="woke", text="Back in the list.")


def wake_due(*, at: datetime) -> int:
    """Wake what slept long enough; how many."""
    with transaction.atomic():
        asleep = ExceptionCase.objects.filter(is_open=True, snoozed_until__isnull=False, snoozed_until__lte=at)
        pks = list(asleep.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:5000])
        ExceptionCase.objects.filter(pk__in=pks).update(snoozed_until=None, snooze_items=None, snooze_if_worse=False)
        CaseEvent.objects.bulk_create([CaseEvent(case_id=pk, at=at, verb="woke", text="The snooze is over.") for pk in pks], batch_size=2000)
    return len(pks)


def open_case_of(case: ExceptionCase) -> ExceptionCase:
    """The case as it is now, locked. CaseError when it is resolved."""
    found = ExceptionCase.objects.select_for_update(of=("self",)).select_related("assignee", "connection", "resolved_by").get(pk=case.pk)
    if not found.is_open:
        who = f" by {found.resolved_by.called}" if found.resolved_by else " by itself"
        raise CaseError(f"This case was resolved{who} as {found.get_resolution_display()}. Nothing was changed.")
    return found


def _give(case: ExceptionCase, *, to: User | None, by: User, at: datetime | None, verb: str, text: str) -> ExceptionCase:
    moment, old = at or timezone.now(), case.facts()
    changes = {"assignee": to, "acknowledged_at": case.acknowledged_at or moment}
    return _change(case, changes, by=by, at=moment, verb=verb, text=text, old=old)


def _change(
    case: ExceptionCase,
    changes: dict[str, Any],
    *,
    by: User | None,
    at: datetime,
    verb: str,
    text: str,
    old: dict[str, Any] | None = None,
    reason: str = "",
) -> ExceptionCase:
    """Save, one line in the timeline, one in the audit trail; the caller holds the transaction."""
    ExceptionCase.objects.filter(pk=case.pk).update(**changes)
    CaseEvent.objects.create(case=case, at=at, by=by, verb=verb, text=text)
    new = {name: getattr(value, "pk", value) for name, value in changes.items()}
    if by is not None:
        trail.record(f"case.{verb}", case, by=by, old=old, new=new, reason=reason)
    case.refresh_from_db()
    return case
