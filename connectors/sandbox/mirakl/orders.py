"""The orders of a shop: OR11 read, OR21 accept or refuse, OR23 tracking, OR24 ship, OR29 cancel, OR04 reference, OR64 incident."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.mirakl.answers import Refused, no_content, offset_page
from connectors.sandbox.mirakl.carriers import read_tracking
from connectors.sandbox.mirakl.fields import objects, one_of, sent, text
from connectors.sandbox.mirakl.lifecycle import can_cancel, can_ship, cancel, decide, shipped, touch
from connectors.sandbox.mirakl.models import AFTER_SHIPPING, SHIPPING, WAITING_ACCEPTANCE, Json, Line, Order
from connectors.sandbox.mirakl.order_list import TAX_MODES, matching_orders
from connectors.sandbox.mirakl.order_view import order_view
from connectors.sandbox.mirakl.store import Shop, State, shop, state

bp = Blueprint("mirakl_orders", __name__, url_prefix="/api/orders")
MESSAGES = {  # OR21's published codes; the sentences are not
    "ORDER_NOT_FOUND": "Order not found",
    "ORDER_INVALID_STATE": "Order is not in the expected state",
    "ORDER_FULFILLED_UNAUTHORIZED": "The order is handled by a fulfillment center",
    "ORDER_LINE_NOT_FOUND": "Order line not found",
    "ORDER_LINE_DUPLICATE_ID": "An order line is present more than once",
    "ORDER_LINE_NULL_ELEMENT": "An order line is null",
    "ORDER_LINE_ACCEPTANCE_DECISION_MISSING": "The acceptance decision is missing for some order lines",
    "ORDER_PARTIAL_ACCEPTANCE_DISABLED": "Partial acceptance is disabled for this shop",
    "VALIDATION_ERROR": "The request is not valid",
}


def coded(here: State, code: str, *, field: str = "order_lines", status: int = 400) -> Refused:
    """One of the published codes, in the shape that this operator uses for them."""
    if here.settings.coded_errors == "message":
        return Refused(status, MESSAGES[code])
    return Refused(status, errors=[{"code": code, "field": field, "message": MESSAGES[code]}])


def find_order(mine: Shop, id: str) -> Order:
    order = mine.orders.get(id)
    if order is None:
        raise Refused(404, f"Order with id {id} does not exist")
    return order


@bp.get("", endpoint="OR11")
def list_orders() -> Response:
    here, args = state(), request.args
    mode = args.get("order_tax_mode")
    one_of([mode] if mode else [], "order_tax_mode", allowed=TAX_MODES)
    one_of([args.get("order", "asc")], "order", allowed=("asc", "desc"))
    one_of([args.get("sort", "dateCreated")], "sort", allowed=("dateCreated",))
    found = matching_orders(shop(), args, overlap_s=here.settings.update_overlap_s)
    if here.oddities.left and args.get("offset", "0") != "0" and here.oddities.take("repeated_order"):
        found = repeat_order(found, int(args["offset"]))
    return offset_page(found, "orders", render=view(here, mode), clamp=here.settings.max_over_100 == "clamp")


def view(here: State, mode: str | None) -> Callable[[Order], Json]:
    return lambda order: here.oddities.disfigure(order_view(order, here.settings, mode=mode))


def repeat_order(found: list[Order], offset: int) -> list[Order]:
    """A new order slipped in while the pages were read: the last of the page before comes again."""
    return found[:offset] + found[offset - 1 :]


@bp.put("/<order_id>/accept", endpoint="OR21")
def accept(order_id: str) -> Response:
    """Every line decided, once, while the order waits for it."""
    here, mine = state(), shop()
    order = mine.orders.get(order_id)
    if order is None:
        raise coded(here, "ORDER_NOT_FOUND", field="order_id", status=404)
    if order.state != WAITING_ACCEPTANCE:
        order.accepted += order.decided_at is not None
        raise coded(here, "ORDER_INVALID_STATE", field="order_id")
    if order.center != "DEFAULT":
        raise coded(here, "ORDER_FULFILLED_UNAUTHORIZED", field="order_id")
    refused = read_decision(here, order, sent())
    if 0 < len(refused) < len(order.lines) and not here.settings.partial_acceptance:
        raise coded(here, "ORDER_PARTIAL_ACCEPTANCE_DISABLED")
    order.accepted += 1
    decide(here, mine, order, refused, at=here.now())
    return no_content()


def read_decision(here: State, order: Order, body: Json) -> list[Line]:
    """The refused lines."""
    listed = body.get("order_lines")
    if not isinstance(listed, list) or not listed:
        raise coded(here, "VALIDATION_ERROR")
    if any(each is None for each in listed):
        raise coded(here, "ORDER_LINE_NULL_ELEMENT")
    if not all(isinstance(each, dict) and isinstance(each.get("id"), str) and isinstance(each.get("accepted"), bool) for each in listed):
        raise coded(here, "VALIDATION_ERROR")
    decisions = {each["id"]: each["accepted"] for each in listed}
    if len(decisions) < len(listed):
        raise coded(here, "ORDER_LINE_DUPLICATE_ID")
    known = {line.id for line in order.lines}
    if not decisions.keys() <= known:
        raise coded(here, "ORDER_LINE_NOT_FOUND")
    if decisions.keys() != known:
        raise coded(here, "ORDER_LINE_ACCEPTANCE_DECISION_MISSING")
    return [line for line in order.lines if not decisions[line.id]]


@bp.put("/<order_id>/tracking", endpoint="OR23")
def track(order_id: str) -> Response:
    here, mine = state(), shop()
    order = find_order(mine, order_id)
    if not takes_tracking(order, late=here.settings.late_tracking):
        raise Refused(400, f"The order status must be 'SHIPPING' but it is '{order.state}'.")
    order.carrier = read_tracking(sent(), here.settings, url_field="carrier_url")
    touch(mine, order, at=here.now(), lines=[])
    return no_content()


def takes_tracking(order: Order, *, late: str) -> bool:
    if order.state == SHIPPING:
        return True
    return order.state in AFTER_SHIPPING and (late == "always" or (late == "missing" and not order.carrier))


@bp.put("/<order_id>/ship", endpoint="OR24")
def ship(order_id: str) -> Response:
    here, mine = state(), shop()
    order = find_order(mine, order_id)
    order.ship_calls += order.state in AFTER_SHIPPING
    kind = here.settings.shipping_type(order.shipping_type)
    if order.state != SHIPPING:
        raise Refused(400, f"The order status must be 'SHIPPING' but it is '{order.state}'.")
    if not can_ship(order, kind):
        raise Refused(400, "The shop is not allowed to ship this order")
    if kind.get("mandatory_tracking") and not order.carrier.get("tracking_number"):
        raise Refused(400, "Tracking details are mandatory for this shipping method")
    order.ship_calls += 1
    shipped(here, mine, order, here.now())
    return no_content()


@bp.put("/<order_id>/cancel", endpoint="OR29")
def cancel_order(order_id: str) -> Response:
    here, mine = state(), shop()
    order = find_order(mine, order_id)
    if not can_cancel(order):
        raise Refused(400, "Order is not in the expected state")
    cancel(here, mine, order, at=here.now())
    return no_content()


@bp.put("", endpoint="OR04")
def set_references() -> Response:
    """The seller's own reference; 200 with the errors of each order inside."""
    mine, at = shop(), state().now()
    answers = []
    for item in objects(sent(), "orders", most=100):
        id, references = text(item, "order_id", must=True), item.get("references")
        order = mine.orders.get(id)
        written = str((references if isinstance(references, dict) else {}).get("order_reference_for_seller") or "")
        error = reference_error(order, written)
        if order is not None and not error:
            change_reference(mine, order, written)
            touch(mine, order, at=at, lines=[])
        updated = None if error else {"references": {"order_reference_for_seller": written}}
        answers.append({"order_id": id, "updated": updated, "errors": error})
    return jsonify(updated_orders=answers)


def reference_error(order: Order | None, written: str) -> list[Json]:
    if order is None:
        return [{"code": "ORDER_NOT_FOUND", "field": "order_id", "message": "Order not found"}]
    if not 1 <= len(written) <= 2000:
        field = "references.order_reference_for_seller"
        return [{"code": "VALIDATION_ERROR", "field": field, "message": "size must be between 1 and 2000"}]
    return []


def change_reference(mine: Shop, order: Order, written: str) -> None:
    if order.seller_reference:
        mine.by_reference["seller", order.seller_reference].discard(order.id)
    mine.by_reference["seller", written].add(order.id)
    order.seller_reference = written


@bp.put("/<order_id>/lines/<line_id>/resolve_incident", endpoint="OR64")
def resolve_incident(order_id: str, line_id: str) -> Response:
    here, mine = state(), shop()
    order = find_order(mine, order_id)
    text(sent(), "reason_code", must=True)
    line = next((each for each in order.lines if each.id == line_id), None)
    if line is None:
        raise Refused(404, f"Order line with id {line_id} does not exist")
    if line.state != "INCIDENT_OPEN":
        raise Refused(400, "Order line is not in the expected state")
    line.state, line.before_incident = line.before_incident, ""
    order.has_incident = any(each.state == "INCIDENT_OPEN" for each in order.lines)
    touch(mine, order, at=here.now(), lines=[line])
    return no_content()
