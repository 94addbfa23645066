"""Closes periods: one person prepares, another reviews, and what was signed stays; reopening is asked for, approved and recorded."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from portal.accounts import approvals
from portal.accounts.approvals import ApprovalError
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import Action, NotAllowedError, check
from portal.audit.trail import record
from portal.reconciliation.finance.booking import count
from portal.reconciliation.finance.entries import alone
from portal.reconciliation.finance.models import Discrepancy, Figure, Period, PeriodClose
from portal.reconciliation.finance.words import Basis, Match, PeriodState

# The same entries give the same number whatever the order in which they are read, and no memory is needed for a million of them.
DIGEST = """
SELECT count(*), coalesce(sum(('x' || substr(md5(concat_ws('|', source, source_id, turn, kind, amount, currency)), 1,
     15))::bit(60)::bigint::numeric), 0)::text
  FROM reconciliation_entry WHERE {column} = %s
"""
COLUMNS = {Basis.MONTH: ("month_id",), Basis.CYCLE: ("interval_id", "settled_id")}


class FinanceError(Exception):
    """It cannot be done now; the text is a sentence for the person."""


def snapshot(period: Period) -> dict[str, Any]:
    """What is signed: every figure of the period, and a digest of the entries behind them."""
    figures = Figure.objects.filter(period=period).order_by("part", "kind").values_list("part", "kind", "amount", "entries")
    return {
        "account": period.connection.name,
        "basis": period.basis,
        "key": period.key,
        "currency": period.currency,
        "from": period.starts_at.astimezone(UTC).isoformat(),
        "to": period.ends_at.astimezone(UTC).isoformat(),
        "opening": f"{period.opening:.4f}",
        "ending": f"{period.ending:.4f}",
        "transferred": None if period.transferred is None else f"{period.transferred:.4f}",
        "figures": [[part, kind, f"{amount:.4f}", entries] for part, kind, amount, entries in figures],
        "entries": [digest(period, column) for column in COLUMNS[Basis(period.basis)]],
    }


def digest(period: Period, column: str) -> list[Any]:
    with database.cursor() as cursor:
        cursor.execute(DIGEST.format(column=column), [period.pk])
        number, total = cursor.fetchone()
    return [column.removesuffix("_id"), number, total]


def canonical(content: dict[str, Any]) -> str:
    """One spelling: keys sorted, no spaces, amounts as text with four places, moments in UTC."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def obstacles(period: Period, *, at: datetime) -> list[str]:
    """Why it cannot be closed yet, in sentences."""
    found = []
    if period.state == PeriodState.CLOSED:
        found.append("It is closed already.")
    if period.ends_at > at:
        found.append(f"It ends on {period.ends_at:%d %b %Y}.")
    if earlier := before(period).exclude(state=PeriodState.CLOSED).order_by("ends_at").first():
        found.append(f"{earlier.name} must be closed first, because its ending balance is the opening balance here.")
    return found


def before(period: Period) -> Any:
    same = Period.objects.filter(connection=period.connection_id, currency=period.currency, basis=period.basis)
    return same.filter(ends_at__lt=period.ends_at)


def after(period: Period) -> Any:
    same = Period.objects.filter(connection=period.connection_id, currency=period.currency, basis=period.basis)
    return same.filter(ends_at__gt=period.ends_at)


def unexplained(period: Period) -> Any:
    """What differs in it and nobody has explained: a warning on the page, and part of what the reviewer signs for."""
    rows = Discrepancy.objects.filter(connection=period.connection_id, currency=period.currency, state=Match.UNEXPLAINED)
    return rows.filter(since__gte=period.starts_at, since__lt=period.ends_at)


def prepare(pk: int, *, by: User, at: datetime | None = None) -> Period:
    """The preparer has gone through it; a second person reviews these very figures."""
    check(by, Action.CLOSE_PERIOD)
    moment = at or timezone.now()
    with alone():
        period = locked(pk)
        if why := obstacles(period, at=moment):
            raise FinanceError(why[0])
        period.state, period.prepared_by, period.prepared_at = PeriodState.PREPARED, by, moment
        period.prepared_sha256 = sha256(canonical(snapshot(period)))
        period.save(update_fields=["state", "prepared_by", "prepared_at", "prepared_sha256"])
        record("period.prepared", period, by=by, new={"sha256": period.prepared_sha256})
    return period


def close(pk: int, *, by: User, at: datetime | None = None) -> PeriodClose:
    """The reviewer signs; from now on nothing of it changes."""
    check(by, Action.CLOSE_PERIOD)
    with alone():
        period = locked(pk)
        if period.state != PeriodState.PREPARED or period.prepared_by is None or period.prepared_at is None:
            raise FinanceError("Nobody has prepared it yet, or it is closed already.")
        if period.prepared_by_id == by.pk:
            raise NotAllowedError("You prepared it yourself; a second person has to review it.")
        content = canonical(snapshot(period))
        if sha256(content) != period.prepared_sha256:
            raise FinanceError("Lines have come in since it was prepared, so the figures changed. Take it back and prepare it again.")
        Period.objects.filter(pk=pk).update(state=PeriodState.CLOSED)
        made = PeriodClose.objects.create(
            period=period, content=content, sha256=sha256(content), prepared_by=period.prepared_by, prepared_at=period.prepared_at,
            reviewed_by=by, closed_at=at or timezone.now(),
        )  # fmt: skip
        record("period.closed", period, by=by, new={"sha256": made.sha256, "prepared by": period.prepared_by.called})
    return made


def take_back(pk: int, *, by: User) -> Period:
    """Prepared, and not after all: it is open again."""
    check(by, Action.CLOSE_PERIOD)
    with alone():
        period = locked(pk)
        if period.state != PeriodState.PREPARED:
            raise FinanceError("It does not wait for a reviewer.")
        set_open(period)
        record("period.taken_back", period, by=by)
    return period


def set_open(period: Period) -> None:
    period.state, period.prepared_by, period.prepared_at, period.prepared_sha256 = PeriodState.OPEN, None, None, ""
    period.save(update_fields=["state", "prepared_by", "prepared_at", "prepared_sha256"])


def ask_to_reopen(pk: int, *, by: User, reason: str) -> ApprovalRequest:
    """Always a second person's decision."""
    verdict = check(by, Action.REOPEN_PERIOD)
    period = Period.objects.get(pk=pk)
    if why := stays_closed(period):
        raise FinanceError(why)
    summary = f"Reopen {period}, closed by {current_close(period).reviewed_by.called}."
    try:
        return approvals.ask(Action.REOPEN_PERIOD, by=by, verdict=verdict, arguments={"period": pk}, summary=summary[:300], reason=reason)
    except ApprovalError as error:
        raise FinanceError(str(error)) from error


def stays_closed(period: Period) -> str:
    if period.state != PeriodState.CLOSED:
        return "It is open."
    later = after(period).filter(state=PeriodState.CLOSED).order_by("-ends_at").first()
    return f"{later.name} is closed and begins with its ending balance. Reopen that one first." if later else ""


def current_close(period: Period) -> PeriodClose:
    return PeriodClose.objects.select_related("reviewed_by", "prepared_by").get(period=period, reopened_at=None)


def reopen(request: ApprovalRequest) -> str:
    """Runs when the second person has approved; the old close stays as it was signed, beside who opened it and why."""
    with alone():
        period = locked(int(request.arguments["period"]))
        if why := stays_closed(period):
            raise ApprovalError(why)
        made = current_close(period)
        made.reopened_at, made.reopened_by = timezone.now(), request.requester
        made.reopen_approved_by, made.reopen_reason = request.decided_by, request.reason
        made.save(update_fields=["reopened_at", "reopened_by", "reopen_approved_by", "reopen_reason"])
        set_open(period)
        count()
        decided = request.decided_by.called if request.decided_by else ""
        record("period.reopened", period, by=request.requester, old={"sha256": made.sha256}, new={"approved by": decided}, reason=request.reason)
    return f"{period} is open again. The figures signed before are kept with their hash."


def locked(pk: int) -> Period:
    return Period.objects.select_for_update(of=("self",)).select_related("connection", "prepared_by").get(pk=pk)


def verify(made: PeriodClose) -> list[str]:
    """What is wrong with a close; empty: the text still has its hash, and today's entries still give the signed figures."""
    found = []
    if sha256(made.content) != made.sha256:
        found.append("The signed text no longer has the hash it was signed with.")
    if made.reopened_at is None and canonical(snapshot(made.period)) != made.content:
        found.append("The entries behind it no longer give the signed figures.")
    return found


def connect() -> None:
    if Action.REOPEN_PERIOD not in approvals.ON_APPROVAL:
        approvals.on_approval(Action.REOPEN_PERIOD)(reopen)


def verify_all() -> dict[int, list[str]]:
    """Every close that stands, with what is wrong; by the clock once a day."""
    with transaction.atomic():
        standing = PeriodClose.objects.filter(reopened_at=None).select_related("period__connection")
        return {made.pk: wrong for made in standing if (wrong := verify(made))}
