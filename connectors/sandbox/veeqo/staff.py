"""What people at the warehouse do beyond the API: ship in part, in several parcels, hold, merge, reallocate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from connectors.sandbox.veeqo.answers import invalid
from connectors.sandbox.veeqo.fulfilment import (
    Label,
    allocate,
    auto_allocate,
    new_number,
    release,
    resize,
    schedule_allocation,
    schedule_shipping,
    set_tracking,
    ship,
)
from connectors.sandbox.veeqo.lifecycle import CANCELLED, changed
from connectors.sandbox.veeqo.models import Allocation, Json, Order
from connectors.sandbox.veeqo.store import State

NO_NUMBER = "late"  # tracking is to follow by /track, or never


def open_allocations(order: Order) -> list[Allocation]:
    return [each for each in order.allocations if each.shipment is None]


def split(state: State, order: Order, allocation: Allocation, units: Mapping[int, int], *, at: datetime) -> Allocation:
    """Take units out of an allocation into one of their own at the same warehouse."""
    rest = {line.sellable_id: line.quantity - units.get(line.sellable_id, 0) for line in allocation.lines}
    rest = {sellable_id: quantity for sellable_id, quantity in rest.items() if quantity > 0}
    if not rest:
        return allocation
    resize(state, order, allocation, rest, at=at)
    by = {"id": allocation.allocated_by_id}
    return allocate(state, order, warehouse_id=allocation.warehouse_id, units=units, by=by, at=at)


def ship_order(state: State, order: Order, label: Label, *, by: Json, at: datetime, units: Mapping[int, int] | None, parcels: int) -> list[int]:
    """Ship what is allocated: all of it or some units, in so many parcels for each allocation; the shipments' ids."""
    if not open_allocations(order):
        auto_allocate(state, order, at=at)
    chosen = open_allocations(order) if units is None else pick_units(state, order, dict(units), at=at)
    if not chosen:
        raise invalid("Nothing is allocated")
    leaving = [part for each in chosen for part in into_parcels(state, order, each, parcels, at=at)]
    made = []
    for part in leaving:
        shipment = ship(state, part, replace(label, tracking_number=None), by=by, at=at)
        if label.tracking_number != NO_NUMBER:
            set_tracking(state, shipment, label.tracking_number or new_number(shipment.id), at=at)
        made.append(shipment.id)
    return made


def pick_units(state: State, order: Order, left: dict[int, int], *, at: datetime) -> list[Allocation]:
    """Allocations that hold just the units asked for, split off where they hold more."""
    chosen = []
    for allocation in open_allocations(order):
        take = {line.sellable_id: min(line.quantity, left.get(line.sellable_id, 0)) for line in allocation.lines}
        take = {sellable_id: quantity for sellable_id, quantity in take.items() if quantity > 0}
        for sellable_id, quantity in take.items():
            left[sellable_id] -= quantity
        if take:
            chosen.append(split(state, order, allocation, take, at=at))
    return chosen


def into_parcels(state: State, order: Order, allocation: Allocation, parcels: int, *, at: datetime) -> list[Allocation]:
    """Deal an allocation's units out over parcels; there are never more parcels than units."""
    units = [line.sellable_id for line in allocation.lines for _ in range(line.quantity)]
    hands = [units[start::parcels] for start in range(1, parcels)]
    made = []
    for hand in hands:
        if hand:
            made.append(split(state, order, allocation, {id: hand.count(id) for id in hand}, at=at))
    return [allocation, *made]


def pick(state: State, order: Order, *, at: datetime) -> None:
    for allocation in open_allocations(order):
        for line in allocation.lines:
            line.picked, line.updated_at = line.quantity, at
    changed(state, order, at=at, change="pick")


def pack(state: State, order: Order, *, at: datetime) -> None:
    for allocation in open_allocations(order):
        allocation.packed = True
    changed(state, order, at=at, change="pick")


def hold(state: State, order: Order, *, on: bool, at: datetime) -> None:
    order.on_hold = on
    changed(state, order, at=at, change="hold")
    schedule_shipping(state, order, at=at)


def reallocate(state: State, order: Order, *, at: datetime) -> None:
    """Deallocate and allocate again: the same parcels under new ids."""
    old = [(each.warehouse_id, {line.sellable_id: line.quantity for line in each.lines}) for each in open_allocations(order)]
    release(state, order, at=at)
    for warehouse_id, units in old:
        allocate(state, order, warehouse_id=warehouse_id, units=units, by=order.created_by, at=at)


def merge(state: State, order: Order, *, into: Order, at: datetime) -> None:
    """Staff merge two orders of one buyer; the one merged away points at the survivor."""
    if order is into:
        raise invalid("An order cannot be merged into itself")
    if order.merged_to_id or CANCELLED in (order.status, into.status):
        raise invalid("Order is cancelled or merged already")
    if any(each.shipment for each in order.allocations):
        raise invalid("Order has shipped items")
    order.merged_to_id, into.merged_order = into.id, True
    release(state, order, at=at)
    known = {line.sellable_id: line for line in into.lines}
    for line in order.lines:
        if line.sellable_id in known:
            known[line.sellable_id].quantity += line.quantity
        else:
            into.lines.append(replace(line, id=state.next_id("line"), created_at=at, updated_at=at))
    changed(state, order, at=at, change="merge")
    changed(state, into, at=at, change="merge")
    schedule_allocation(state, into, at=at)
