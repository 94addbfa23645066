"""Control endpoints for what happens to orders afterwards: paid, canceled, received, complained about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, jsonify

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.mirakl.control import asked, misused
from connectors.sandbox.mirakl.lifecycle import UNPAID, auto_refuse, cancel, closed, debited, move, received, shipped, touch
from connectors.sandbox.mirakl.models import CLOSED, DEAD, RECEIVED, SHIPPED, SHIPPING, TO_COLLECT, WAITING_ACCEPTANCE, Json, Order
from connectors.sandbox.mirakl.store import Shop, State, state

bp = Blueprint("mirakl_happenings", __name__, url_prefix=ADMIN)
bp.register_error_handler(ValueError, misused)
bp.register_error_handler(KeyError, misused)


def to_collect(here: State, mine: Shop, order: Order, at: datetime) -> None:
    """The parcel lies at a pick-up point; only `move` takes it on from there."""
    move(mine, order, TO_COLLECT, at=at)


MOVES = {  # to: (from, what happens)
    "SHIPPED": ((SHIPPING,), shipped),
    "TO_COLLECT": ((SHIPPED,), to_collect),
    "RECEIVED": ((SHIPPED, TO_COLLECT), received),
    "CLOSED": ((RECEIVED,), closed),
    "REFUSED": ((WAITING_ACCEPTANCE,), auto_refuse),
}


def chosen(here: State, wanted: Json) -> Iterator[tuple[Shop, Order]]:
    """The orders of `order_ids`, wherever they are."""
    for id in wanted["order_ids"]:
        mine = next((each for each in here.shops.values() if id in each.orders), None)
        if mine is None:
            raise ValueError(f"no such order: {id}")
        yield mine, mine.orders[id]


def check(order: Order, allowed: tuple[str, ...]) -> None:
    if order.state not in allowed:
        raise ValueError(f"{order.id} is {order.state}")


@bp.post("/debit")
def debit() -> Response:
    """`{"order_ids": […], "ok": true}`: the customer's debit succeeds, or fails and cancels the order."""
    here, wanted = state(), asked()
    for mine, order in chosen(here, wanted):
        check(order, UNPAID[1:] if not wanted.get("ok", True) else (*UNPAID[1:], SHIPPING, SHIPPED, TO_COLLECT, RECEIVED))
        if wanted.get("ok", True):
            debited(here, mine, order, here.now())
        else:
            cancel(here, mine, order, at=here.now(), reason=("PAYMENT", "Payment refused"))
    return Response("", 204)


@bp.post("/cancel")
def take_back() -> Response:
    """`{"order_ids": […], "reason_code", "reason"}`: the customer or the operator cancels what has not been shipped."""
    here, wanted = state(), asked()
    reason = (str(wanted["reason_code"]), str(wanted.get("reason", "Canceled"))) if "reason_code" in wanted else None
    for mine, order in chosen(here, wanted):
        check(order, ("STAGING", *UNPAID, SHIPPING))
        cancel(here, mine, order, at=here.now(), reason=reason)
    return Response("", 204)


@bp.post("/move")
def move_on() -> Response:
    """`{"order_ids": […], "to": "SHIPPED" | "TO_COLLECT" | "RECEIVED" | "CLOSED" | "REFUSED"}`: without waiting for its time."""
    here, wanted = state(), asked()
    allowed, happen = MOVES[wanted["to"]]
    for mine, order in chosen(here, wanted):
        check(order, allowed)
        happen(here, mine, order, here.now())
    return Response("", 204)


@bp.post("/incident")
def open_incident() -> Response:
    """`{"order_ids": […], "lines": [1], "reason_code": "1"}`: the customer complains; all living lines without `lines`."""
    here, wanted = state(), asked()
    reason = (str(wanted.get("reason_code", "1")), str(wanted.get("reason", "Item not received")))
    for mine, order in chosen(here, wanted):
        check(order, (SHIPPING, SHIPPED, TO_COLLECT, RECEIVED, CLOSED))
        for line in order.lines:
            if line.index in wanted.get("lines", (line.index,)) and line.state not in DEAD | {"REFUNDED", "INCIDENT_OPEN"}:
                line.before_incident, line.state, line.reason = line.state, "INCIDENT_OPEN", reason
                order.has_incident = True
        touch(mine, order, at=here.now())
    return Response("", 204)


@bp.post("/message")
def write_message() -> Response:
    """`{"order_ids": […]}`: the customer writes; OR11 shows `has_customer_message`."""
    here = state()
    for mine, order in chosen(here, asked()):
        order.has_message = True
        touch(mine, order, at=here.now(), lines=[])
    return jsonify(done=True)
