"""Resolving by a person: each code must be true, and giving up above the limit needs a second one (A13)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from exceptions import ignoring, worth
from exceptions.acts import open_case_of
from exceptions.closing import Ending, as_array, close, close_many
from exceptions.errors import CaseError
from exceptions.models import CaseEvent, ExceptionCase, Resolution
from exceptions.models.case import acting_roles
from exceptions.proof import PREDICATES, prove
from exceptions.signals import case_reopened
from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import Action, allowed, check
from portal.audit import trail

WRITE_OFF_LIMIT = Decimal(250)  # in euro or thereabouts; above it a second person agrees

# resolution code → what a person must be allowed to do, and what they must tell
CODES: dict[Resolution, tuple[Action, str]] = {
    Resolution.FIXED: (Action.RESOLVE_FIXED, "Say what you checked: nothing can check this kind by itself."),
    Resolution.BY_HAND: (Action.RESOLVE_BY_HAND, "Say what you did and where it can be seen: that is the evidence."),
    Resolution.STOPPED: (Action.WRITE_OFF, "Say why nobody should try any longer."),
    Resolution.FALSE_ALARM: (Action.RESOLVE_FIXED, "Say why it was no fault, so that the rule can be tuned."),
}


LOCK = "SELECT id, kind, owner FROM exceptions_exceptioncase WHERE id = ANY(%s::bigint[]) AND is_open ORDER BY id FOR UPDATE"


def resolve(
    case: ExceptionCase,
    code: Resolution,
    note: str,
    *,
    by: User,
    evidence: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    until: datetime | None = None,
) -> ApprovalRequest | None:
    """Close the case; or, when a second person must agree first, the request that now waits for them.

    `until`: for a false alarm of a comparison, when it may be raised again (empty: not before somebody says so).
    """
    if code not in CODES:
        raise CaseError("That is not a way to resolve a case.")
    action, missing = CODES[code]
    verdict = check(by, action, owner=case.acting_roles, beyond_limit=worth.rank(case.value) > WRITE_OFF_LIMIT)
    proof = _proof(case, code)
    if not note.strip() and proof is None:
        raise CaseError(missing)
    if verdict.needs_approval:
        arguments = {"do": "stop", "case": case.pk, "note": note.strip()}
        summary = f"Stop trying on {case} ({case.rule.name}, {case.value_text or 'no money at stake'})."
        return approvals.ask(action, by=by, verdict=verdict, arguments=arguments, summary=summary, reason=note)
    moment = at or timezone.now()
    with transaction.atomic():
        held = open_case_of(case)
        if code is Resolution.FALSE_ALARM:
            ignoring.remember([held], reason=note.strip(), by=by, at=moment, until=until)
        close([held], Ending(code, moment, by, note.strip(), proof, dict(evidence or {})))
    return None


def resolve_many(pks: Collection[int], code: Resolution, note: str, *, by: User, at: datetime) -> dict[int, str]:
    """Close many with one note, in a few statements; those that refuse stay open, with why. Only codes that need no reading of each."""
    if code not in (Resolution.BY_HAND, Resolution.FALSE_ALARM):
        raise CaseError("These must be resolved one by one: each is checked or approved for itself.")
    if not note.strip():
        raise CaseError(CODES[code][1])
    with transaction.atomic():
        found = lock_many(pks)
        verdicts = {sort: allowed(by, CODES[code][0], owner=acting_roles(*sort)) for sort in set(found.values())}
        refused = {pk: verdicts[sort].why for pk, sort in found.items() if not verdicts[sort].yes}
        if code is Resolution.FALSE_ALARM:
            alike = [pk for pk, (kind, _) in found.items() if pk not in refused and kind in ignoring.KIND_CODES]
            ignoring.remember(list(ExceptionCase.objects.filter(pk__in=alike)), reason=note.strip(), by=by, at=at)
        close_many({pk: kind for pk, (kind, _) in found.items() if pk not in refused}, Ending(code, at, by, note.strip()))
    return {**refused, **dict.fromkeys(set(pks) - found.keys(), "It was resolved meanwhile.")}


def lock_many(pks: Collection[int]) -> dict[int, tuple[str, str]]:
    """The open ones, locked in the order in which everybody locks them: id → kind and owner."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [as_array(pks)])
        return {pk: (kind, owner) for pk, kind, owner in cursor.fetchall()}


def _proof(case: ExceptionCase, code: Resolution) -> Mapping[str, Any] | None:
    """“Fixed and verified” is read again where it can be; a reading that says otherwise wins."""
    if code is not Resolution.FIXED or case.kind not in PREDICATES:
        return None
    found = prove(case)
    if found is None:
        raise CaseError(f"Not yet: it is solved when {case.rule.words.closes_when}, and that cannot be seen. It closes by itself then.")
    return found.facts


def reopen(case: ExceptionCase, reason: str, *, by: User | None, at: datetime | None = None) -> ExceptionCase:
    """Put a resolved case back, as nobody's; its clocks go on from where they were."""
    if by is not None:
        check(by, Action.TAKE_PART, owner=case.acting_roles)
    if not reason.strip():
        raise CaseError("Say why it is open again.")
    moment = at or timezone.now()
    columns: dict[str, Any] = {
        "is_open": True, "resolved_at": None, "resolved_by": None, "resolution": "", "resolution_note": "", "proof": None, "assignee": None,
        "acknowledged_at": None, "checked_at": moment,
    }  # fmt: skip
    try:
        with transaction.atomic():
            before = ExceptionCase.objects.select_for_update(of=("self",)).filter(pk=case.pk, is_open=False, merged_into=None).first()
            if before is None:
                raise CaseError("This case is open, or was merged into another one. Nothing was changed.")
            ExceptionCase.objects.filter(pk=case.pk).update(**columns)
            _note(before, reason.strip(), by=by, at=moment)
    except IntegrityError as error:
        raise CaseError("The same thing happened again meanwhile and has an open case of its own. Work on that one.") from error
    case.refresh_from_db()
    return case


def _note(case: ExceptionCase, reason: str, *, by: User | None, at: datetime) -> None:
    data = {"resolution": case.resolution, "note": case.resolution_note, "resolved_at": case.resolved_at}
    CaseEvent.objects.create(case=case, at=at, by=by, verb="reopened", text=f"Reopened. {reason}", data=data)
    if by is not None:
        trail.record("case.reopened", case, by=by, old={"is_open": False, "resolution": case.resolution}, new={"is_open": True}, reason=reason)
    case_reopened.send(ExceptionCase, case=case, by=by, at=at)
