"""When a connection is down, what fails because of it waits under one case, its clocks standing still for a stated reason (A14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from exceptions import clocks
from exceptions.entries import NewCase
from exceptions.kinds import KINDS
from exceptions.models import CaseEvent, ExceptionCase

FOLDING = tuple(code for code, kind in KINDS.items() if kind.folds)
JUST_BEFORE = timedelta(minutes=30)  # what failed so long before the connection counted as down failed for the same reason


def incident_of(connection_id: int | None) -> ExceptionCase | None:
    """The open case that says this connection is down."""
    if connection_id is None:
        return None
    return ExceptionCase.objects.filter(is_open=True, kind="E32", fingerprint=f"connection:{connection_id}").first()


def fold_new(opened: Mapping[int, NewCase]) -> None:
    """A fresh incident takes what failed just before it; a fresh case goes under the incident that is there."""
    for pk, one in opened.items():
        if one.kind == "E32" and one.connection is not None and one.fingerprint == f"connection:{one.connection.pk}":
            recent = ExceptionCase.objects.filter(connection=one.connection, opened_at__gte=one.at - JUST_BEFORE, opened_at__lte=one.at)
            fold_under(ExceptionCase.objects.get(pk=pk), recent, at=one.at)
    victims = {pk: one for pk, one in opened.items() if one.kind in FOLDING and one.connection is not None}
    by_connection: dict[int, list[int]] = {}
    for pk, one in victims.items():
        by_connection.setdefault(one.connection.pk, []).append(pk)  # type: ignore[union-attr]
    for connection_id, pks in by_connection.items():
        if incident := incident_of(connection_id):
            fold_under(incident, ExceptionCase.objects.filter(pk__in=pks), at=max(victims[pk].at for pk in pks))


def fold_under(incident: ExceptionCase, cases: QuerySet[ExceptionCase] | Iterable[ExceptionCase], *, at: datetime) -> int:
    """Put the cases under the incident and stop their clocks. A case with an outside deadline stays in sight: that one never pauses."""
    pks: Any = cases.values("pk") if isinstance(cases, QuerySet) else [case.pk for case in cases]
    reason = f"waits for {incident}"
    folded = ExceptionCase.objects.filter(pk__in=pks, is_open=True, incident=None, deadline_at=None, paused_at=None, kind__in=FOLDING)
    chosen = list(folded.exclude(pk=incident.pk).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    ExceptionCase.objects.filter(pk__in=chosen).update(incident=incident, paused_at=at, paused_reason=reason)
    text = f"Waits under {incident}: {incident.cause} Its clocks stand still until that is over."
    CaseEvent.objects.bulk_create([CaseEvent(case_id=pk, at=at, verb="folded", text=text) for pk in chosen], batch_size=2000)
    return len(chosen)


def unfold(incident_ids: Iterable[int], *, at: datetime) -> int:
    """The incident is over: what is still open comes back, and its clocks go on with the time they had left."""
    waiting = ExceptionCase.objects.filter(incident__in=list(incident_ids), is_open=True).select_for_update(of=("self",)).order_by("pk")
    cases = list(waiting.select_related("connection"))
    for case in cases:
        case.ack_due_at, case.resolve_due_at = resumed(case, at=at)
        case.incident, case.paused_at, case.paused_reason = None, None, ""
    fields = ["ack_due_at", "resolve_due_at", "incident", "paused_at", "paused_reason"]
    ExceptionCase.objects.bulk_update(cases, fields, batch_size=500)
    text = "The connection works again. The clocks go on with the time that was left."
    CaseEvent.objects.bulk_create([CaseEvent(case=case, at=at, verb="unfolded", text=text) for case in cases], batch_size=2000)
    return len(cases)


def resumed(case: ExceptionCase, *, at: datetime) -> tuple[datetime, datetime]:
    """When to acknowledge and to resolve, after the pause."""
    if case.paused_at is None:
        return case.ack_due_at, case.resolve_due_at
    clock = case.rule.clock_at(case.connection)
    ack, resolve = (
        clocks.resumed(moment, paused_at=case.paused_at, at=at, clock=clock, team=case.team) for moment in (case.ack_due_at, case.resolve_due_at)
    )
    return ack, resolve


def blast(incident: ExceptionCase) -> dict[str, int]:
    """How many cases of each kind wait under it."""
    rows = ExceptionCase.objects.filter(incident=incident, is_open=True).values_list("kind").annotate(number=Count("pk")).order_by("kind")
    return dict(rows)
