"""What each overdue expectation is as a case: what should have happened, since when, and whom it concerns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.timesince import timesince

from exceptions.cases import open_case
from exceptions.models import CaseItem
from portal.connections.models import Connection, Health
from portal.ledger.expect import Expected
from portal.ledger.models import Expectation, SalesOrder, Shipment
from portal.sync import complaints, flow_faults, money_watch
from portal.sync.catalogue.missing import not_in_catalogue
from portal.sync.failures import ORDER_KINDS
from portal.sync.kinds.confirm_shipment import WAITS
from portal.sync.models import OutboundMessage, State
from portal.sync.pending_watch import still_pending
from portal.sync.plan_acceptance import accept_without_hub, outside_clock
from portal.sync.returns.watching import raise_flow
from portal.sync.subjects import subject_pk

LONG_AFTER = timedelta(seconds=1)


def raise_overdue(row: Expectation, *, at: datetime) -> bool:
    """Open the case; False where somebody has the reason on the desk already: a thousand orders behind one mapping are one case."""
    kind = Expected(row.kind)
    if (
        kind is Expected.IN_HUB
        and CaseItem.objects.filter(subject=row.subject, cleared_at=None, case__is_open=True, case__kind__in=ORDER_KINDS).exists()
    ):
        return False
    react = RAISE.get(kind)
    if react is not None:
        react(row, at)
    return True


def order_of(row: Expectation) -> SalesOrder:
    return SalesOrder.objects.select_related("connection", "integration", "integration__hub").get(pk=subject_pk(row.subject))


def is_down(connection: Connection | None) -> bool:
    return connection is not None and connection.health in (Health.DOWN, Health.DENIED)


def waited(row: Expectation, at: datetime) -> str:
    """“2 hours”, in the words people use."""
    return timesince(row.created_at, at, depth=1) if at - row.created_at > LONG_AFTER else "a moment"


def not_in_hub(row: Expectation, at: datetime) -> None:
    """E05, one for a connection that is down (the orders are its items), else one an order."""
    order = order_of(row)
    hub = order.integration.hub if order.integration else row.connection
    down = is_down(hub)
    cause = (
        f"{hub} is not answering, so these orders have not reached it."
        if down
        else f"Order {order.number} has been ready for {waited(row, at)} and {hub or 'the warehouse'} does not show it. {order.stage_note}".strip()
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


def not_accepted(row: Expectation, at: datetime) -> None:
    """E01: the marketplace still waits, and its clock runs (R53); the time left is the case's outside deadline."""
    order = order_of(row)
    why = why_not_accepted(order)
    note = f" {why}" if why else ""
    if accept_without_hub(order, at=at):
        note += " It is accepted now without waiting for the warehouse."
    open_case(
        "E01",
        fingerprint=row.subject,
        cause=f"Order {order.number} has not been accepted in {order.connection} for {waited(row, at)}.{note}",
        items=[complaints.entry(order)],
        connection=order.connection,
        integration=order.integration,
        evidence={"placed": order.placed_at.isoformat()},
        waiting_for=row.subject,
        at=at,
        **outside_clock(order),
    )


def why_not_accepted(order: SalesOrder) -> str:
    """What its message waits for, in the words of who stopped it; else where the order stands."""
    messages = OutboundMessage.objects.filter(order=order, kind__in=("decide_order", "create_order"), state__in=(State.QUEUED, State.PARKED))
    return messages.exclude(note="").order_by("-kind").values_list("note", flat=True).first() or order.stage_note


def unpaid(row: Expectation, at: datetime) -> None:
    """E08: the hold has lasted as long as it may (R37)."""
    order = order_of(row)
    complain(
        "E08",
        order,
        f"Order {order.number} is held because its payment has not settled: {order.connection} says “{order.get_payment_state_display()}”.",
        evidence={"payment state": order.payment_state, "placed": order.placed_at.isoformat()},
        at=at,
    )


def not_shown(row: Expectation, at: datetime) -> None:
    """E18: dispatched, and the channel does not show it with its tracking (R57)."""
    shipment = (
        Shipment.objects.select_related("order", "order__connection", "order__integration")
        .prefetch_related("parcels")
        .get(pk=subject_pk(row.subject))
    )
    order = shipment.order
    if order is None:
        return
    if OutboundMessage.objects.filter(kind="confirm_shipment", subject=row.subject, state=State.QUEUED, payload__has_key=WAITS).exists():
        cause = f"Part of order {order.number} has shipped; {order.connection} takes only whole orders, so it is told when the rest has shipped."
        complain("E19", order, cause, evidence={"shipment": shipment.reference}, at=at)
        return
    untracked = not any(parcel.tracking_number for parcel in shipment.parcels.all())
    why = "The warehouse has given no tracking number yet." if untracked and shipment.channel_reference else f"{order.connection} does not show it."
    down = is_down(order.connection)
    open_case(
        "E18",
        fingerprint=f"channel-down:{order.connection_id}" if down else row.subject,
        cause=f"{order.connection} is not answering, so these dispatches are not shown there."
        if down
        else f"Order {order.number} left the warehouse {waited(row, at)} ago. {why} The customer has not been told.",
        items=[complaints.entry(order, subject=row.subject, at=shipment.shipped_at)],
        connection=order.connection,
        integration=order.integration,
        evidence={"shipment": shipment.reference, "shipped": shipment.shipped_at.isoformat()},
        at=at,
    )


def not_shipped(row: Expectation, at: datetime) -> None:
    """E29 where it is paid and nothing left (R94); E19 where a part is stuck (R64), or the warehouse is late with what is not paid."""
    order = order_of(row)
    if order.shipments.filter(cancelled_at=None).exists():
        complain("E19", order, f"Part of order {order.number} has shipped; the rest has not moved for {waited(row, at)}.", at=at)
    elif money_watch.sums_of(order).kept:
        money_watch.raise_money(order, Expected.FULFILLED, at=at)
    else:
        complain("E19", order, f"Order {order.number} is with the warehouse, and for {waited(row, at)} nothing has left it.", at=at)


def not_captured(row: Expectation, at: datetime) -> None:
    money_watch.raise_money(order_of(row), Expected.CAPTURED, at=at)


def not_fulfilled(row: Expectation, at: datetime) -> None:
    money_watch.raise_money(order_of(row), Expected.FULFILLED, at=at)


def not_cancelled(row: Expectation, at: datetime) -> None:
    """E20: cancelled in the channel, alive in the warehouse."""
    order = order_of(row)
    cause = f"Order {order.number} was cancelled in {order.connection} {waited(row, at)} ago, and the warehouse still has it. It may be shipped."
    complain("E20", order, cause, at=at)


def complain(kind: str, order: SalesOrder, cause: str, *, at: datetime, evidence: dict[str, str] | None = None) -> None:
    """One case for one order."""
    open_case(
        kind,
        fingerprint=f"order:{order.pk}",
        cause=cause,
        items=[complaints.entry(order)],
        connection=order.connection,
        integration=order.integration,
        evidence=evidence or {},
        at=at,
    )


RAISE: dict[Expected, Callable[[Expectation, datetime], None]] = {
    Expected.IN_HUB: not_in_hub,
    Expected.PAYMENT: unpaid,
    Expected.ACCEPTED: not_accepted,
    Expected.SHOWN: not_shown,
    Expected.SHIPPED: not_shipped,
    Expected.CAPTURED: not_captured,
    Expected.FULFILLED: not_fulfilled,
    Expected.MONEY_BACK: not_fulfilled,
    Expected.CANCELLED_IN_HUB: not_cancelled,
    Expected.NOT_PENDING: still_pending,
    Expected.IN_CATALOGUE: not_in_catalogue,
    Expected.RUN_ENDED: flow_faults.stuck,
    Expected.HANDED_IN: flow_faults.swallowed,
    Expected.AUTHORISED_BACK: raise_flow,
    Expected.REFUNDED: raise_flow,
    Expected.RECEIVED_BACK: raise_flow,
}
