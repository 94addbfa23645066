"""One act on many cases. The click freezes which; ten seconds later the worker does them one by one; until then it can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.dateparse import parse_datetime

from exceptions import cases
from exceptions.actions import perform
from exceptions.errors import CaseError
from exceptions.models import BulkRun, BulkRunCase, ExceptionCase, Resolution
from exceptions.models.bulk import BulkState
from exceptions.resolving import resolve_many
from portal.accounts.approvals import ApprovalError
from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.accounts.roles import Role
from portal.audit import trail

UNDO = timedelta(seconds=10)
BATCH = 1000
FREEZE = "INSERT INTO exceptions_bulkruncase (run_id, case_id, outcome) SELECT %s, chosen.id, '' FROM ({}) AS chosen"
OUTCOMES = """
UPDATE exceptions_bulkruncase AS c SET outcome = o.outcome FROM unnest(%s::bigint[], %s::text[]) AS o (id, outcome) WHERE c.id = o.id
"""

Arguments = dict[str, Any]


def claim(case: ExceptionCase, by: User, given: Arguments) -> None:
    cases.claim(case, by=by)


def comment(case: ExceptionCase, by: User, given: Arguments) -> None:
    cases.comment(case, given["text"], by=by)


def snooze(case: ExceptionCase, by: User, given: Arguments) -> None:
    until = parse_datetime(given["until"])
    if until is None:
        raise CaseError("The time to sleep until cannot be read.")
    cases.snooze(case, min(until, case.deadline_at or until), by=by)


def reassign(case: ExceptionCase, by: User, given: Arguments) -> None:
    cases.reassign(case, Role(given["team"]), by=by, note=given["note"])


def resolve(case: ExceptionCase, by: User, given: Arguments) -> None:
    if cases.resolve(case, Resolution(given["code"]), given["note"], by=by) is not None:
        raise CaseError("A second person was asked; it stays open until they agree.")


def send_again(case: ExceptionCase, by: User, given: Arguments) -> None:
    perform(case, "retry", by=by, token=uuid4(), reason=given.get("note", ""))


# name → what it is called, and what it does with one case
ACTS: dict[str, tuple[str, Callable[[ExceptionCase, User, Arguments], None]]] = {
    "claim": ("Claim", claim),
    "comment": ("Comment on", comment),
    "snooze": ("Snooze", snooze),
    "reassign": ("Hand over", reassign),
    "resolve": ("Resolve", resolve),
    "retry": ("Send again", send_again),
}


def start(act: str, chosen: QuerySet[ExceptionCase], *, by: User, arguments: Arguments, at: datetime) -> BulkRun:
    """Freeze the chosen cases in one statement; what matches later is not touched."""
    check(by, Action.TAKE_PART)
    with transaction.atomic():
        run = BulkRun.objects.create(act=act, arguments=arguments, by=by, created_at=at, starts_at=at + UNDO, summary="")
        sql, params = chosen.filter(is_open=True).order_by().values("id").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(FREEZE.format(sql), [run.pk, *params])
            run.number = cursor.rowcount
        run.summary = f"{ACTS[act][0]} {run.number:,} case{'' if run.number == 1 else 's'}"
        run.save(update_fields=["number", "summary"])
        trail.record("case.bulk_started", run, by=by, new={"act": act, "number": run.number})
    return run


def undo(run: BulkRun, *, by: User, at: datetime) -> bool:
    """Take it back before it began; False when it was too late."""
    mine = BulkRun.objects.filter(pk=run.pk, by=by, state=BulkState.WAITING, starts_at__gt=at)
    return mine.update(state=BulkState.UNDONE, ended_at=at) == 1


def stop(run: BulkRun, *, by: User, at: datetime) -> bool:
    """Stop it on the way; what is done stays done."""
    mine = BulkRun.objects.filter(pk=run.pk, by=by, state__in=(BulkState.WAITING, BulkState.RUNNING))
    return mine.update(state=BulkState.STOPPED, ended_at=at) == 1


def run_due(*, at: datetime) -> int:
    """Do every run whose ten seconds are over; how many cases were done. Two workers share a run and do nothing twice."""
    due = BulkRun.objects.filter(state__in=(BulkState.WAITING, BulkState.RUNNING), starts_at__lte=at).order_by("starts_at")
    return sum(_run(run, at=at) for run in due.select_related("by"))


def _run(run: BulkRun, *, at: datetime) -> int:
    BulkRun.objects.filter(pk=run.pk, state=BulkState.WAITING).update(state=BulkState.RUNNING)
    done = 0
    while number := _batch(run, at=at):
        done += number
    if not run.chosen.filter(outcome="").exists():
        BulkRun.objects.filter(pk=run.pk, state=BulkState.RUNNING).update(state=BulkState.DONE, ended_at=at)
    return done


def _batch(run: BulkRun, *, at: datetime) -> int:
    """Some of what is left, each case for itself; none when it was stopped."""
    with transaction.atomic():
        if not BulkRun.objects.filter(pk=run.pk, state=BulkState.RUNNING).exists():
            return 0
        waiting = run.chosen.filter(outcome="").select_for_update(skip_locked=True).order_by("pk")[:BATCH]
        rows = list(waiting)
        outcomes = _outcomes(run, [row.case_id for row in rows], at=at)
        for row, outcome in zip(rows, outcomes, strict=True):
            row.outcome = outcome
        write_outcomes(rows)
        refused = sum(outcome != "done" for outcome in outcomes)
        BulkRun.objects.filter(pk=run.pk).update(done=F("done") + len(rows) - refused, refused=F("refused") + refused)
    return len(rows)


def write_outcomes(rows: list[BulkRunCase]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OUTCOMES, [[row.pk for row in rows], [row.outcome for row in rows]])


def _outcomes(run: BulkRun, pks: list[int], *, at: datetime) -> list[str]:
    """“done”, or why not, of each."""
    code = Resolution(run.arguments["code"]) if run.act == "resolve" else None
    if code in (Resolution.BY_HAND, Resolution.FALSE_ALARM):
        refused = resolve_many(pks, code, run.arguments["note"], by=run.by, at=at)
        return [refused.get(pk, "done")[:300] for pk in pks]
    found = ExceptionCase.objects.select_related("connection").in_bulk(pks)
    return [_one(run, found[pk]) for pk in pks]


def _one(run: BulkRun, case: ExceptionCase) -> str:
    """A case that refuses must not keep the others from it."""
    try:
        with transaction.atomic():
            ACTS[run.act][1](case, run.by, run.arguments)
    except (CaseError, ApprovalError, PermissionDenied) as error:
        return str(error)[:300]
    return "done"
