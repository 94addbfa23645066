"""Acts on the clock alone: what should have happened and has not becomes a case, though nothing failed (A5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from exceptions.cases import CaseEntry, clear_items, open_case
from portal.connections.models import Connection, Health
from portal.ledger.expect import overdue
from portal.ledger.models import Expectation, Heartbeat
from portal.sync.raising import raise_overdue
from portal.sync.stock_watch import watch_stock

BATCH = 200
LOOK_AGAIN = timedelta(minutes=5)
SILENCE_GRACE = timedelta(seconds=30)


def sweep_clock(*, at: datetime) -> int:
    """Raise what is overdue and watch the flows; how many expectations were raised."""
    raised = 0
    with transaction.atomic():
        for row in overdue(at).select_related("connection").select_for_update(of=("self",), skip_locked=True)[:BATCH]:
            if raise_overdue(row, at=at):
                Expectation.objects.filter(pk=row.pk).update(raised_at=at)
                raised += 1
            else:
                Expectation.objects.filter(pk=row.pk).update(due_at=at + LOOK_AGAIN)
    watch_flows(at=at)
    watch_stock(at=at)
    return raised


def watch_flows(*, at: datetime) -> None:
    """E32 for every flow of a working connection that has gone silent; its next beat closes it. One that is down has its own E32."""
    silent = Heartbeat.objects.filter(connection__in=Connection.objects.automatic()).exclude(connection__health__in=(Health.DOWN, Health.DENIED))
    for beat in silent.filter(beat_at__lt=at - F("every_s") * timedelta(seconds=1) - SILENCE_GRACE).select_related("connection"):
        connection = beat.connection
        assert connection is not None
        if connection.intervals.get(beat.flow.rpartition(":")[2]) == 0:
            continue  # an administrator has switched this feed off
        subject = f"flow:{beat.flow}"
        open_case(
            "E32",
            fingerprint=subject,
            cause=f"Nothing has been read from {beat.label} since {beat.beat_at:%d %b %H:%M} UTC, though it should be read every few minutes.",
            items=[CaseEntry(subject=subject, label=beat.label, at=beat.beat_at)],
            connection=connection,
            evidence={"last read": beat.beat_at.isoformat(), "expected every (s)": beat.every_s},
            at=at,
        )


def flow_beats(connection: Connection, flow: str, *, at: datetime) -> None:
    """The flow was read again."""
    clear_items("E32", subjects=[f"flow:{flow}"], proof={"read": at.isoformat(), "flow": flow, "connection": connection.name}, at=at)
