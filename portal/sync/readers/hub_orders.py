"""Reads a hub's order: it confirms what we sent, and tells what was shipped."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors import canonical
from connectors.canonical import HubState, OrderState
from connectors.ports import Ability, Side
from exceptions.cases import clear_items
from portal.ledger.expect import Expected, drop, expect, met
from portal.ledger.models import SalesOrder, Stage
from portal.ledger.record_hub_orders import HubRecorded, record_hub_order
from portal.ledger.record_returns import order_of
from portal.sync import complaints, failures
from portal.sync.amended import take_over_lines
from portal.sync.claim import lock_orders
from portal.sync.complaints import snapshot
from portal.sync.confirm import confirm, order_at_hub, remember_reference
from portal.sync.cut_watch import watch_cut
from portal.sync.dispatched import shipped, taken_back
from portal.sync.models import ExternalReference, InboundMessage, InboundState
from portal.sync.money_watch import watch_money
from portal.sync.pending_watch import watch_pending
from portal.sync.plan_acceptance import warehouse_has
from portal.sync.plan_edit import plan_edit
from portal.sync.profiles import is_followed

STAGES = {
    HubState.PART_SHIPPED: Stage.PART_SHIPPED,
    HubState.SHIPPED: Stage.SHIPPED,
}
WAITS_THERE = (HubState.RECEIVED, HubState.ON_HOLD)  # not paid, or held: nobody picks it
BEFORE = {Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED, Stage.WITH_HUB, Stage.PART_SHIPPED}


def read(seen: canonical.HubOrder, *, message: InboundMessage, at: datetime) -> InboundState:
    is_hub = message.connection.has_side(Side.HUB)
    find = order_at_hub if is_hub else order_of  # a flow of a channel tells what some warehouse sent of the channel's own order
    order = find(message.connection, reference=seen.reference, number=seen.number)
    lock_orders([order.pk if order is not None else None])
    recorded = record_hub_order(seen, connection=message.connection, order=order, at=at)
    if recorded.older:
        return InboundState.OLDER
    if order is not None:
        (acknowledge if is_hub else sent_elsewhere)(order, recorded, seen, at=at)
        for shipment in recorded.shipments:
            shipped(shipment, at=at)
        if recorded.shipments and order.stage == Stage.PART_SHIPPED:
            await_shipping(order, because="A part has shipped.", at=at)
    for shipment in recorded.taken_back:
        taken_back(shipment, at=at)
    if order is not None:
        watch_pending(order, at=at)
        watch_cut(order, at=at)
    if order is not None and (recorded.changed or recorded.shipments or recorded.taken_back):
        watch_money(order, at=at)
    return InboundState.DONE if recorded.changed or recorded.shipments else InboundState.OLDER


def acknowledge(order: SalesOrder, recorded: HubRecorded, seen: canonical.HubOrder, *, at: datetime) -> None:
    """The warehouse has the order: nothing about its transfer is open any more."""
    subject = f"order:{order.pk}"
    watch_duplicates(order, at=at)
    known = ExternalReference.objects.filter(connection=recorded.hub_order.connection, kind="order", subject=subject).exists()
    if not known or order.stage in (Stage.QUEUED, Stage.BLOCKED):
        remember_reference(recorded.hub_order.connection, "order", subject, seen.reference, link=seen.link)
        met(Expected.IN_HUB, subject, at=at)
        failures.settled(order, proof={"warehouse order": seen.reference, "seen in": recorded.hub_order.connection.name}, at=at)
        if order.sent_snapshot is None:
            order.sent_version, order.sent_snapshot = order.version, snapshot(order)
            SalesOrder.objects.filter(pk=order.pk).update(sent_version=order.sent_version, sent_snapshot=order.sent_snapshot)
    take_over_lines(order, seen, at=at)
    if order.sent_version != order.version and seen.state is not HubState.CANCELLED:
        plan_edit(order, at=at)  # it may have been changed while it was on its way
    confirm("create_order", subject, at=at)
    move_on(order, seen, at=at)
    if order.state in (OrderState.WAITING_ACCEPTANCE, OrderState.OPEN) and seen.state in WAITS_THERE and takes_decisions_of(order):
        warehouse_has(order, on_hold=True, at=at)


def sent_elsewhere(order: SalesOrder, recorded: HubRecorded, seen: canonical.HubOrder, *, at: datetime) -> None:
    """A warehouse that we do not reach sent units of the order; whether that was all, the order's own quantities say."""
    sent = sum(line.quantity for one in order.shipments.filter(cancelled_at=None) for line in one.lines.all())
    wanted = sum(line.wanted for line in order.lines.all() if not line.is_extra)
    stage = Stage.SHIPPED if sent >= wanted else Stage.PART_SHIPPED
    if order.stage in BEFORE and order.stage != stage:
        order.move(stage, at=at)
    met(Expected.IN_HUB, f"order:{order.pk}", at=at)
    if stage is Stage.SHIPPED:
        met(Expected.SHIPPED, f"order:{order.pk}", at=at)


def takes_decisions_of(order: SalesOrder) -> bool:
    """Whether the channel is a marketplace, whose orders the warehouse gets on hold."""
    return Ability.DECIDE_ORDER in order.connection.vendor.abilities


def move_on(order: SalesOrder, seen: canonical.HubOrder, *, at: datetime) -> None:
    """Where the warehouse is with it, and what must happen next and by when."""
    subject = f"order:{order.pk}"
    stage = STAGES.get(seen.state, Stage.WITH_HUB)
    if seen.state is HubState.CANCELLED:
        cancelled_there(order, seen, at=at)
        return
    if (order.stage in BEFORE or is_followed(order)) and order.stage != stage:
        order.move(stage, at=at)
    if stage in (Stage.WITH_HUB, Stage.PART_SHIPPED) and order.stage != Stage.DONE:
        await_shipping(order, because="The warehouse has the order.", at=at)
    if stage is Stage.SHIPPED:
        met(Expected.SHIPPED, subject, at=at)
        clear_items("E19", subjects=[subject], proof={"warehouse says": "shipped", "seen": at.isoformat()}, at=at)


def await_shipping(order: SalesOrder, *, because: str, at: datetime) -> None:
    """The warehouse's own clock; after a part shipment it begins anew for the rest (R64)."""
    if order.integration is not None:
        due_at = at + timedelta(minutes=order.integration.ship_limit_min)
        expect(Expected.SHIPPED, f"order:{order.pk}", due_at=due_at, connection=order.integration.hub, because=because, at=at)


def cancelled_there(order: SalesOrder, seen: canonical.HubOrder, *, at: datetime) -> None:
    """Cancelled in the warehouse: what the channel asked for, or a case."""
    subject = f"order:{order.pk}"
    others = order.hub_orders.exclude(reference=seen.reference).exclude(state=HubState.CANCELLED)
    if others.exists():
        return  # the spare of a duplicate
    met(Expected.CANCELLED_IN_HUB, subject, at=at)
    drop(subject, at=at, kinds=[Expected.SHIPPED, Expected.IN_HUB])
    if order.state == OrderState.CANCELLED:
        order.move(Stage.CANCELLED, note="Cancelled in the channel and in the warehouse.", at=at)
        clear_items("E20", subjects=[subject], proof={"warehouse says": "cancelled", "seen": at.isoformat()}, at=at)
    elif order.stage not in (Stage.CANCELLED, Stage.ABANDONED):
        order.move(Stage.CANCELLED, note=f"Cancelled in the warehouse. {seen.cancel_reason}".strip(), at=at)
        complaints.cancelled_in_hub(order, seen.cancel_reason, at=at)


def watch_duplicates(order: SalesOrder, *, at: datetime) -> None:
    """Two live warehouse orders for one sales order are a case until one is cancelled."""
    live = list(order.hub_orders.exclude(state=HubState.CANCELLED).filter(merged_into="").values_list("reference", flat=True))
    if len(live) > 1:
        complaints.duplicate(order, live, at=at)
    else:
        clear_items("E07", subjects=[f"order:{order.pk}"], proof={"live warehouse orders": ", ".join(live) or "none"}, at=at)
