"""The simulator's own endpoints for the warehouse floor; each takes `ids`, `numbers`, or a `status` with a `limit`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.veeqo import returning, staff
from connectors.sandbox.veeqo.answers import Refused
from connectors.sandbox.veeqo.control import asked, misused, variant, warehouse_named
from connectors.sandbox.veeqo.fulfilment import Label, allocate, auto_allocate, cancel, new_number, release, schedule_shipping, set_tracking, unship
from connectors.sandbox.veeqo.lifecycle import changed, unallocated
from connectors.sandbox.veeqo.models import Json, Order
from connectors.sandbox.veeqo.order_write import put_payment
from connectors.sandbox.veeqo.seed import STAFF
from connectors.sandbox.veeqo.store import State, state

bp = Blueprint("veeqo_warehouse_control", __name__, url_prefix=ADMIN)
bp.register_error_handler(ValueError, misused)
bp.register_error_handler(KeyError, misused)
Action = Callable[[State, Order, Json, datetime], Any]


def chosen(here: State, wanted: Json) -> list[Order]:
    ids = [int(id) for id in wanted.get("ids", [])]
    ids += [id for number in wanted.get("numbers", []) for id in here.by_number.get(str(number), [])]
    if "status" in wanted:
        ids += list(here.by_status[str(wanted["status"])])[: int(wanted.get("limit", 10**9))]
    unknown = [id for id in ids if id not in here.orders]
    if unknown or not ids:
        raise ValueError(f"no such orders: {unknown or wanted}")
    return [here.orders[id] for id in ids]


def units_of(here: State, wanted: Json) -> dict[int, int] | None:
    """`units` by SKU; all of them if not named."""
    return {variant(here, sku).id: int(count) for sku, count in wanted["units"].items()} if wanted.get("units") else None


def do_allocate(here: State, order: Order, wanted: Json, at: datetime) -> None:
    """By the store's ranking, or by force at one warehouse, whatever it has (available turns negative)."""
    if "warehouse" not in wanted:
        auto_allocate(here, order, at=at)
        return
    units = units_of(here, wanted) or dict(unallocated(order))
    if units:
        allocate(here, order, warehouse_id=warehouse_named(here, wanted["warehouse"]), units=units, by=STAFF, at=at)


def do_deallocate(here: State, order: Order, wanted: Json, at: datetime) -> None:
    release(here, order, at=at)


def do_ship(here: State, order: Order, wanted: Json, at: datetime) -> list[int]:
    """`carrier_id`, `tracking` (a number; "late" for none yet), `service_name`, `units` (by SKU) and `parcels`."""
    label = Label(int(wanted.get("carrier_id", 1)), wanted.get("tracking"), wanted.get("service_name"))
    if label.carrier_id not in here.carriers:
        raise ValueError(f"no such carrier: {label.carrier_id}")
    parcels = max(1, int(wanted.get("parcels", 1)))
    return staff.ship_order(here, order, label, by=STAFF, at=at, units=units_of(here, wanted), parcels=parcels)


def do_track(here: State, order: Order, wanted: Json, at: datetime) -> None:
    """Numbers for the parcels that have none, or `replace` those that have."""
    for shipment in [each.shipment for each in order.allocations if each.shipment]:
        if shipment.tracking is None or wanted.get("replace"):
            set_tracking(here, shipment, str(wanted.get("tracking") or new_number(shipment.id)), at=at)


def do_unship(here: State, order: Order, wanted: Json, at: datetime) -> None:
    for shipment in [each.shipment for each in order.allocations if each.shipment]:
        unship(here, shipment, at=at)


def do_pay(here: State, order: Order, wanted: Json, at: datetime) -> None:
    put_payment(here, order, {"payment_type": "bank_transfer"}, by=STAFF, at=at)
    changed(here, order, at=at, change="payment")
    schedule_shipping(here, order, at=at)


def do_refund(here: State, order: Order, wanted: Json, at: datetime) -> None:
    order.refunded = True
    changed(here, order, at=at, change="return")


def do_merge(here: State, order: Order, wanted: Json, at: datetime) -> None:
    staff.merge(here, order, into=chosen(here, {"numbers": [wanted["into"]]})[0], at=at)


def do_return(here: State, order: Order, wanted: Json, at: datetime) -> list[int]:
    """`units` by SKU (all lines if not named), `reason`, and at once `received` (with `restock`)."""
    units = units_of(here, wanted) or {line.sellable_id: line.needed for line in order.lines}
    booked = returning.book(here, order, units=units, reason=wanted.get("reason"), by=STAFF, at=at)
    if wanted.get("received"):
        returning.receive(here, order, booked, units=None, restock=bool(wanted.get("restock", True)), at=at)
    return [booked["id"]]


def do_receive(here: State, order: Order, wanted: Json, at: datetime) -> None:
    """Receive the order's open returns, or some `units` of them."""
    for booked in order.returns:
        if booked["status"] == "returning":
            returning.receive(here, order, booked, units=units_of(here, wanted), restock=bool(wanted.get("restock", True)), at=at)


def do_return_status(here: State, order: Order, wanted: Json, at: datetime) -> None:
    """Any spelling that the vendor's screen may use ("archived", "ready_to_refund")."""
    for booked in order.returns:
        booked["status"] = str(wanted["return_status"])
    changed(here, order, at=at, change="return")


ACTIONS: dict[str, Action] = {
    "allocate": do_allocate,
    "deallocate": do_deallocate,
    "reallocate": lambda here, order, wanted, at: staff.reallocate(here, order, at=at),
    "pick": lambda here, order, wanted, at: staff.pick(here, order, at=at),
    "pack": lambda here, order, wanted, at: staff.pack(here, order, at=at),
    "ship": do_ship,
    "track": do_track,
    "unship": do_unship,
    "cancel": lambda here, order, wanted, at: cancel(here, order, reason=wanted.get("reason"), by=STAFF, at=at),
    "hold": lambda here, order, wanted, at: staff.hold(here, order, on=bool(wanted.get("on", True)), at=at),
    "pay": do_pay,
    "refund": do_refund,
    "merge": do_merge,
    "return": do_return,
    "receive": do_receive,
    "return-status": do_return_status,
}


@bp.post("/<any({}):name>".format(",".join(f'"{name}"' for name in ACTIONS)))
def act(name: str) -> Response:
    """Do it to every chosen order; `done` maps order ids to what was made, `refused` to the reason why not."""
    here, wanted = state(), asked()
    done: dict[str, Any] = {}
    refused: dict[str, Any] = {}
    for order in chosen(here, wanted):
        try:
            done[str(order.id)] = ACTIONS[name](here, order, wanted, here.now())
        except Refused as error:
            refused[str(order.id)] = error.messages
    return jsonify(done=done, refused=refused)
