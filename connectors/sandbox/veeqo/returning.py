"""Returns as staff book and receive them on the order screen; the API can only read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.sandbox.veeqo.answers import invalid, stamp
from connectors.sandbox.veeqo.fulfilment import fit_allocations, serve_waiting
from connectors.sandbox.veeqo.lifecycle import allocated, changed
from connectors.sandbox.veeqo.models import Json, Order
from connectors.sandbox.veeqo.stock import move
from connectors.sandbox.veeqo.store import State


def book(state: State, order: Order, *, units: Mapping[int, int], reason: str | None, by: Json, at: datetime) -> Json:
    """A return of shipped goods is under way; one of unshipped goods is a refund that is over at once."""
    shipped = allocated(order, shipped_only=True)
    kind = kind_of(order, units)
    if kind == "ShippedItemsReturn" and any(quantity > shipped[sellable_id] for sellable_id, quantity in units.items()):
        raise invalid("Quantity exceeds what was shipped")
    id = state.next_id("return")
    warehouse = state.warehouses.get(order.allocations[0].warehouse_id) if order.allocations else None
    made: Json = {
        "id": id,
        "number": f"RN-{id}",
        "type": kind,
        "status": "returning" if kind == "ShippedItemsReturn" else "returned",
        "reason": reason,
        "created_at": stamp(at),
        "warehouse_name": warehouse["name"] if warehouse else None,
        "user": {"id": by["id"], "name": by["login"], "email": by["email"]},
        "line_items": [return_line(state, order, sellable_id, quantity) for sellable_id, quantity in units.items()],
    }
    order.returns.append(made)
    if kind == "ShippedItemsReturn":
        changed(state, order, at=at, change="return")
    else:
        give_up(state, order, units, at=at)
    return made


def kind_of(order: Order, units: Mapping[int, int]) -> str:
    shipped, reserved = allocated(order, shipped_only=True), allocated(order)
    if any(shipped[sellable_id] for sellable_id in units):
        return "ShippedItemsReturn"
    return "AllocatedItemsReturn" if any(reserved[sellable_id] for sellable_id in units) else "UnallocatedItemsReturn"


def return_line(state: State, order: Order, sellable_id: int, quantity: int) -> Json:
    line = next((each for each in order.lines if each.sellable_id == sellable_id), None)
    if line is None:
        raise invalid("Item is not in the order")
    sellable, price = state.sellables[sellable_id], float(line.price)
    return {
        "id": state.next_id("return_line"),
        "sellable_id": sellable_id,
        "sku_code": sellable.sku,
        "title": sellable.own["full_title"],
        "quantity": quantity,
        "received_quantity": None,
        "refund_quantity": quantity,
        "refund_amount_per_unit": price,
        "refund_amount": round(price * quantity, 2),
    }


def give_up(state: State, order: Order, units: Mapping[int, int], *, at: datetime) -> None:
    """Refunded before it left: its stock is available at once."""
    for line in order.lines:
        line.refunded = min(line.quantity, line.refunded + units.get(line.sellable_id, 0))
    changed(state, order, at=at, change="return")
    for sellable_id in fit_allocations(state, order, at=at):
        serve_waiting(state, sellable_id, at=at)


def receive(state: State, order: Order, booked: Json, *, units: Mapping[int, int] | None, restock: bool, at: datetime) -> None:
    """Goods are back on the dock, all or part of them; ticked "restock", they are stock again."""
    warehouse_id = order.allocations[0].warehouse_id if order.allocations else next(iter(state.warehouses))
    for line in booked["line_items"]:
        left = line["quantity"] - (line["received_quantity"] or 0)
        arrived = left if units is None else min(left, units.get(line["sellable_id"], 0))
        line["received_quantity"] = (line["received_quantity"] or 0) + arrived
        if restock and arrived:
            entry = state.entry(line["sellable_id"], warehouse_id, at=at)
            move(state, entry, at=at, reason="return", physical=arrived)
            serve_waiting(state, line["sellable_id"], at=at)
    if all((line["received_quantity"] or 0) >= line["quantity"] for line in booked["line_items"]):
        booked["status"] = "returned"
    changed(state, order, at=at, change="return")
