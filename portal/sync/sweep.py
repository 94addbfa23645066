"""Acts on the clock alone: what should have happened and has not becomes a case, though nothing failed (A5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from exceptions.cases import CaseEntry, clear_items, open_case

from portal.connections.models import Connection, Health
from portal.ledger.expect import Expected, overdue
from portal.ledger.models import Expectation, Heartbeat, SalesOrder
from portal.sync import complaints

BATCH = 200
SILENCE_GRACE = timedelta(seconds=30)


def sweep_clock(*, at: datetime) -> int:
    """Raise what is overdue and watch the flows; how many expectations were raised."""
    raised = 0
    with transaction.atomic():
        for row in overdue(at).select_related("connection").select_for_update(of=("self",), skip_locked=True)[:BATCH]:
            RAISE[Expected(row.kind)](row, at)
            Expectation.objects.filter(pk=row.pk).update(raised_at=at)
            raised += 1
    watch_flows(at=at)
    return raised


def order_of(row: Expectation) -> SalesOrder:
    return SalesOrder.objects.select_related("connection", "integration", "integration__hub").get(pk=int(row.subject.partition(":")[2]))


def raise_not_in_hub(row: Expectation, at: datetime) -> None:
    """E05, one for a connection that is down (the orders are its items), else one an order."""
    order = order_of(row)
    hub = order.integration.hub if order.integration else row.connection
    waited = round((at - row.created_at).total_seconds() / 60)
    down = hub is not None and hub.health in (Health.DOWN, Health.DENIED)
    where = f"{hub}" if hub else "the warehouse"
    cause = (
        f"{where} is not answering, so these orders have not reached it."
        if down
        else f"Order {order.number} has been ready for {waited} minutes and {where} does not show it. {order.stage_note}".strip()
    )
    open_case(
        "E05",
        fingerprint=f"hub-down:{hub.pk}" if down and hub else row.subject,
        cause=cause,
        items=[complaints.entry(order)],
        connection=hub,
        integration=order.integration,
        evidence={"ready since": row.created_at.isoformat(), "stage": order.get_stage_display()},
        at=at,
    )


def raise_unpaid(row: Expectation, at: datetime) -> None:
    order = order_of(row)
    open_case(
        "E08",
        fingerprint=row.subject,
        cause=f"Order {order.number} is held because its payment has not settled: {order.connection} says “{order.get_payment_state_display()}”.",
        items=[complaints.entry(order)],
        connection=order.connection,
        integration=order.integration,
        evidence={"payment state": order.payment_state, "placed": order.placed_at.isoformat()},
        at=at,
    )


RAISE: dict[Expected, Callable[[Expectation, datetime], None]] = {
    Expected.IN_HUB: raise_not_in_hub,
    Expected.PAYMENT: raise_unpaid,
}


def watch_flows(*, at: datetime) -> None:
    """E32 for every flow of a working connection that has gone silent; its next beat closes it."""
    silent = Heartbeat.objects.filter(connection__enabled=True, connection__removed_at=None).exclude(flow="worker")
    for beat in silent.filter(beat_at__lt=at - F("every_s") * timedelta(seconds=1) - SILENCE_GRACE).select_related("connection"):
        connection = beat.connection
        assert connection is not None
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
