"""What a warehouse does with an order: allocate, deallocate, pick, pack, ship, unship, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.sandbox.veeqo.answers import Refused, invalid, stamp
from connectors.sandbox.veeqo.lifecycle import CANCELLED, allocated, changed, needed, unallocated
from connectors.sandbox.veeqo.models import Allocation, AllocationLine, Json, Order, Shipment
from connectors.sandbox.veeqo.stock import move
from connectors.sandbox.veeqo.store import State

PACKER: Json = {"id": 78, "login": "Packer", "email": "packer@example.com"}
ALREADY_SHIPPED = "This allocation is already shipped"


def allocate(state: State, order: Order, *, warehouse_id: int, units: Mapping[int, int], by: Json, at: datetime) -> Allocation:
    """Reserve units at a warehouse as one parcel; more than there is may be reserved, and available turns negative."""
    lines = [AllocationLine(state.next_id("allocation_line"), sellable_id, units[sellable_id], at, at) for sellable_id in units]
    made = Allocation(state.next_id("allocation"), order.id, warehouse_id, by["id"], lines, at, at)
    order.allocations.append(made)
    state.allocations[made.id] = made
    reserve(state, made, at=at, sign=1)
    changed(state, order, at=at, change="allocation")
    schedule_shipping(state, order, at=at)
    return made


def reserve(state: State, allocation: Allocation, *, at: datetime, sign: int) -> None:
    for line in allocation.lines:
        entry = state.entry(line.sellable_id, allocation.warehouse_id, at=at)
        move(state, entry, at=at, reason="allocation", allocated=sign * line.quantity)


def remove_allocation(state: State, order: Order, allocation: Allocation, *, at: datetime) -> None:
    if allocation.shipment is not None:
        raise Refused(400, ALREADY_SHIPPED)
    reserve(state, allocation, at=at, sign=-1)
    order.allocations.remove(allocation)
    del state.allocations[allocation.id]
    changed(state, order, at=at, change="allocation")


def auto_allocate(state: State, order: Order, *, at: datetime) -> None:
    """Walk the store's ranked warehouses, taking as much as possible from each: one allocation per warehouse."""
    if order.status == CANCELLED or order.merged_to_id or order.refunded:
        return
    for warehouse_id in ranked_warehouses(state, order.channel_id):
        take = {}
        for sellable_id, wanted in unallocated(order).items():
            entry = state.stock[sellable_id].get(warehouse_id)
            units = 0 if entry is None else wanted if entry.infinite else min(wanted, entry.available)
            if units > 0:
                take[sellable_id] = units
        if take:
            allocate(state, order, warehouse_id=warehouse_id, units=take, by=order.created_by, at=at)


def ranked_warehouses(state: State, channel_id: int) -> list[int]:
    ranked = sorted(state.channels[channel_id]["channel_warehouses"], key=lambda each: each["rank"])
    return [each["warehouse"]["id"] for each in ranked if each["warehouse"]["id"] in state.warehouses]


def schedule_allocation(state: State, order: Order, *, at: datetime) -> None:
    if state.settings.auto_allocate:
        state.later(state.settings.alloc_delay_s, lambda moment: auto_allocate(state, order, at=moment), start=at)


def serve_waiting(state: State, sellable_id: int, *, at: datetime) -> None:
    """Stock came free: the orders waiting for it get it, oldest first."""
    if not (state.settings.auto_allocate and state.settings.reallocate_on_stock) or sellable_id not in state.waiting:
        return
    for order_id in list(state.waiting[sellable_id]):
        if not any(entry.infinite or entry.available > 0 for entry in state.stock[sellable_id].values()):
            return
        auto_allocate(state, state.orders[order_id], at=at)


@dataclass(frozen=True)
class Label:
    """What a shipment is made with; no tracking number is real, too."""

    carrier_id: int
    tracking_number: str | None = None
    service_name: str | None = None
    notify_customer: bool = False
    update_remote_order: bool = False


def ship(state: State, allocation: Allocation, label: Label, *, by: Json, at: datetime) -> Shipment:
    """Ship the whole allocation: reserved and physical stock go down together."""
    order = state.orders[allocation.order_id]
    if allocation.shipment is not None:
        raise Refused(400, ALREADY_SHIPPED)
    if order.status == CANCELLED:
        raise invalid("Order is cancelled")
    made = Shipment(state.next_id("shipment"), allocation.id, order.id, label.carrier_id, by, at, at)
    made.notify_customer, made.update_remote_order, made.service_name = label.notify_customer, label.update_remote_order, label.service_name
    allocation.shipment = state.shipments[made.id] = made
    allocation.updated_at = at
    for line in allocation.lines:
        line.picked = line.quantity
    leave_stock(state, allocation, at=at, sign=-1)
    if label.tracking_number is not None:
        set_tracking(state, made, label.tracking_number, at=at)
    changed(state, order, at=at, change="shipment")
    return made


def leave_stock(state: State, allocation: Allocation, *, at: datetime, sign: int) -> None:
    for line in allocation.lines:
        units = sign * line.quantity
        entry = state.entry(line.sellable_id, allocation.warehouse_id, at=at)
        move(state, entry, at=at, reason="shipment" if sign < 0 else "shipment_deleted", physical=units, allocated=units)


def set_tracking(state: State, shipment: Shipment, number: str, *, at: datetime) -> None:
    """The number is an object of its own, with the carrier's milestones."""
    milestones = dict.fromkeys(("collected", "in_transit", "out_for_delivery", "delivered", "attempted_delivery", "delayed"))
    milestones |= dict.fromkeys(("returned_to_sender", "cancelled"))
    shipment.tracking = {"id": state.next_id("tracking"), "tracking_number": number, "status": "created", "shipment_id": shipment.id}
    shipment.tracking |= {"cancelled": False, "created_at": stamp(at), "updated_at": stamp(at)}
    shipment.tracking |= {f"{name}_at": None for name in milestones}
    shipment.updated_at = at
    state.touch_order(state.orders[shipment.order_id], at=at, change="tracking")


def unship(state: State, shipment: Shipment, *, at: datetime) -> None:
    """Delete a shipment: the stock is back and reserved, the allocation stays."""
    allocation = state.allocations[shipment.allocation_id]
    allocation.shipment = None
    allocation.updated_at = at
    del state.shipments[shipment.id]
    leave_stock(state, allocation, at=at, sign=1)
    changed(state, state.orders[shipment.order_id], at=at, change="unshipment")


def cancel(state: State, order: Order, *, reason: str | None, by: Json, at: datetime) -> None:
    """Cancel and release its stock; a second time changes nothing, a shipped parcel refuses."""
    if order.status == CANCELLED and order.cancelled_at:
        return
    if any(allocation.shipment for allocation in order.allocations):
        raise invalid("Order has shipped items")
    order.cancelled_at, order.cancel_reason, order.cancelled_by = at, reason, by
    freed = release(state, order, at=at)
    changed(state, order, at=at, change="cancel")
    for sellable_id in freed:
        serve_waiting(state, sellable_id, at=at)


def release(state: State, order: Order, *, at: datetime) -> set[int]:
    """Give up every unshipped allocation; the variants that came free."""
    freed: set[int] = set()
    for allocation in [each for each in order.allocations if each.shipment is None]:
        freed |= {line.sellable_id for line in allocation.lines}
        remove_allocation(state, order, allocation, at=at)
    return freed


def fit_allocations(state: State, order: Order, *, at: datetime) -> set[int]:
    """After lines shrank: take the surplus out of unshipped allocations, the newest first."""
    surplus = allocated(order) - needed(order)
    freed = set(surplus)
    for allocation in [each for each in reversed(order.allocations) if each.shipment is None]:
        keep = {}
        for line in allocation.lines:
            cut = min(line.quantity, surplus[line.sellable_id])
            surplus[line.sellable_id] -= cut
            if line.quantity > cut:
                keep[line.sellable_id] = line.quantity - cut
        if keep != {line.sellable_id: line.quantity for line in allocation.lines}:
            resize(state, order, allocation, keep, at=at)
    return freed


def resize(state: State, order: Order, allocation: Allocation, units: Mapping[int, int], *, at: datetime) -> None:
    """Make an unshipped allocation hold just these units; none at all removes it."""
    if not units:
        remove_allocation(state, order, allocation, at=at)
        return
    reserve(state, allocation, at=at, sign=-1)
    known = {line.sellable_id: line for line in allocation.lines}
    allocation.lines = [known.get(sellable_id) or AllocationLine(state.next_id("allocation_line"), sellable_id, 0, at, at) for sellable_id in units]
    for line in allocation.lines:
        line.quantity, line.updated_at = units[line.sellable_id], at
    allocation.updated_at = at
    reserve(state, allocation, at=at, sign=1)
    changed(state, order, at=at, change="allocation")


def schedule_shipping(state: State, order: Order, *, at: datetime) -> None:
    """In auto-ship mode, an order that is ready leaves by itself."""
    delay = state.settings.auto_ship_s
    if delay is not None and order.status == "awaiting_fulfillment":
        state.later(delay, lambda moment: auto_ship(state, order, at=moment), start=at)


def auto_ship(state: State, order: Order, *, at: datetime) -> None:
    if order.status != "awaiting_fulfillment" or state.settings.auto_ship_s is None:
        return
    label = Label(state.settings.auto_ship_carrier_id, service_name="Tracked 24")
    for allocation in [each for each in order.allocations if each.shipment is None]:
        made = ship(state, allocation, label, by=PACKER, at=at)
        state.later(state.settings.tracking_delay_s, lambda moment, made=made: late_number(state, made, at=moment), start=at)  # type: ignore[misc]


def late_number(state: State, shipment: Shipment, *, at: datetime) -> None:
    if shipment.id in state.shipments and shipment.tracking is None:
        set_tracking(state, shipment, new_number(shipment.id), at=at)


def new_number(shipment_id: int) -> str:
    return f"VQ{shipment_id:09d}GB"
