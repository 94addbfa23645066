"""Several parcels for one order, where the operator allows it: ST01, ST06, ST07, ST23, ST24, ST26, ST31. 404 where not.

Each takes many and answers 2xx with its successes and its errors side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, jsonify

from connectors.sandbox.mirakl.answers import Refused
from connectors.sandbox.mirakl.carriers import NO_CARRIER, read_tracking
from connectors.sandbox.mirakl.fields import boolean, count, objects, required, sent, text, wrong
from connectors.sandbox.mirakl.lifecycle import can_ship, look_again, touch
from connectors.sandbox.mirakl.models import CANCELED, SHIPPED, SHIPPING, Json, Line, Order, Shipment
from connectors.sandbox.mirakl.shipment_list import shipment_view
from connectors.sandbox.mirakl.store import Shop, State, shop, state

bp = Blueprint("mirakl_shipments", __name__, url_prefix="/api/shipments")
INVOICE = re.compile(r"[0-9a-zA-Z_-]{0,255}")
Act = Callable[[State, Shop, Shipment, Json, datetime], None]


@bp.before_request
def switched_on() -> None:
    """The whole feature is unknown where the operator has it off, whatever the path."""
    if not state().settings.multi_shipment:
        raise Refused(404)


@bp.post("", endpoint="ST01")
def create() -> tuple[Response, int]:
    here, mine, at = state(), shop(), state().now()
    made, errors = [], []
    items = objects(sent(), "shipments", most=1000)
    for item in items:
        check_shape(item)
    for item in items:
        try:
            made.append(shipment_view(mine, add_shipment(here, mine, item, at=at)))
        except Refused as refused:
            errors.append({"order_id": str(item["order_id"]), "message": refused.message})
    return jsonify(shipment_success=made, shipment_errors=errors), 201


def check_shape(item: Json) -> None:
    """What the schema demands is refused for the whole call."""
    text(item, "order_id", path="shipments.", must=True)
    for line in objects(item, "shipment_lines", most=1000, path="shipments."):
        count(line, "quantity", path="shipments.shipment_lines.", must=True)
        if not line.get("order_line_id") and not line.get("offer_sku"):
            raise required("shipments.shipment_lines.order_line_id")
    boolean(item, "shipped", path="shipments.")
    if not isinstance(item.get("tracking"), dict | None):
        raise wrong("shipments.tracking")


def add_shipment(here: State, mine: Shop, item: Json, *, at: datetime) -> Shipment:
    order = mine.orders.get(str(item["order_id"]))
    if order is None:
        raise Refused(404, f"No order with id '{item['order_id']}'.")
    if order.state != SHIPPING:
        raise Refused(400, f"The order status must be 'SHIPPING' but it is '{order.state}'.")
    if not can_ship(order, here.settings.shipping_type(order.shipping_type)):
        raise Refused(400, "The shop is not allowed to ship this order")
    if not INVOICE.fullmatch(text(item, "invoice_reference")):
        raise Refused(400, "Invoice reference is invalid.")
    units = wanted_units(order, item["shipment_lines"])
    carrier = read_tracking(item["tracking"], here.settings, url_field="tracking_url") if item.get("tracking") else dict(NO_CARRIER)
    shipment = Shipment(here.uuid(), order.id, at, at, lines_of(order, item["shipment_lines"]), carrier)
    shipment.invoice_reference, shipment.origin = text(item, "invoice_reference") or None, item.get("shipping_from")
    shipment.extra = item.get("shipment_additional_information") or []
    if item.get("shipped"):
        check_tracking(here, order, shipment)
    for line in order.lines:
        line.shipment_units += units.get(line.id, 0)
    mine.shipments[shipment.id] = shipment
    order.shipment_ids.append(shipment.id)
    touch(mine, order, at=at, lines=[])
    if item.get("shipped"):
        leave(here, mine, shipment, {}, at)
    return shipment


def line_of(order: Order, wanted: Json) -> Line:
    """By id, or by the deprecated SKU."""
    for line in order.lines:
        if wanted.get("order_line_id") in (None, line.id) and wanted.get("offer_sku") in (None, line.sku):
            return line
    raise Refused(400, f"No order line with id '{wanted.get('order_line_id')}'.")


def wanted_units(order: Order, lines: list[Json]) -> dict[str, int]:
    """Units by line, never more than what is left to put in a shipment."""
    units: dict[str, int] = {}
    for wanted in lines:
        line = line_of(order, wanted)
        units[line.id] = units.get(line.id, 0) + int(wanted["quantity"])
        if int(wanted["quantity"]) < 1 or units[line.id] > line.to_ship - line.shipment_units:
            raise Refused(400, "Shipment quantity is invalid.")
    return units


def lines_of(order: Order, lines: list[Json]) -> list[Json]:
    found = []
    for wanted in lines:
        line = line_of(order, wanted)
        reference = text(wanted, "package_reference") or None
        found.append({"order_line_id": line.id, "offer_sku": line.sku, "package_reference": reference, "quantity": int(wanted["quantity"])})
    return found


def check_tracking(here: State, order: Order, shipment: Shipment) -> None:
    if here.settings.shipping_type(order.shipping_type).get("mandatory_tracking") and not shipment.carrier["tracking_number"]:
        raise Refused(400, "Tracking details are mandatory for this shipping method")


def leave(here: State, mine: Shop, shipment: Shipment, item: Json, at: datetime) -> None:
    """The parcel is on its way; with the last one, so is the order."""
    order = mine.orders[shipment.order_id]
    if shipment.status not in (SHIPPING, "READY_FOR_PICK_UP"):
        raise Refused(400, f"The shipment status must be 'SHIPPING' but it is '{shipment.status}'.")
    check_tracking(here, order, shipment)
    shipment.status, shipment.shipped_at, shipment.updated_at = SHIPPED, at, at
    for line in order.lines:
        line.shipped_units += sum(each["quantity"] for each in shipment.lines if each["order_line_id"] == line.id)
    touch(mine, order, at=at, lines=[])
    look_again(here, mine, order, at=at)


def retrack(here: State, mine: Shop, shipment: Shipment, item: Json, at: datetime) -> None:
    tracking = item.get("tracking")
    if not isinstance(tracking, dict):
        raise Refused(400, "Tracking is missing.")
    if shipment.status not in (SHIPPING, "READY_FOR_PICK_UP", SHIPPED):
        raise Refused(400, f"The shipment status must be 'SHIPPING' but it is '{shipment.status}'.")
    shipment.carrier, shipment.updated_at = read_tracking(tracking, here.settings, url_field="tracking_url"), at


def make_ready(here: State, mine: Shop, shipment: Shipment, item: Json, at: datetime) -> None:
    need_shipping(shipment)
    shipment.status, shipment.updated_at = "READY_FOR_PICK_UP", at


def delete(here: State, mine: Shop, shipment: Shipment, item: Json, at: datetime) -> None:
    need_shipping(shipment)
    order = mine.orders[shipment.order_id]
    for line in order.lines:
        line.shipment_units -= sum(each["quantity"] for each in shipment.lines if each["order_line_id"] == line.id)
    order.shipment_ids.remove(shipment.id)
    shipment.status = CANCELED
    del mine.shipments[shipment.id]


def set_origin(here: State, mine: Shop, shipment: Shipment, item: Json, at: datetime) -> None:
    shipment.origin, shipment.updated_at = item.get("shipping_from"), at


def set_extra(here: State, mine: Shop, shipment: Shipment, item: Json, at: datetime) -> None:
    shipment.extra, shipment.updated_at = item.get("shipment_additional_information") or [], at


def need_shipping(shipment: Shipment) -> None:
    if shipment.status != SHIPPING:
        raise Refused(400, f"The shipment status must be 'SHIPPING' but it is '{shipment.status}'.")


def each_shipment(act: Act, *, most: int, names: tuple[str, str] = ("shipment_success", "shipment_errors"), listed: bool = False) -> Response:
    """Do one thing to many shipments; what fails is told beside what went well, with a 200."""
    here, mine, at = state(), shop(), state().now()
    done, errors = [], []
    for item in objects(sent(), "shipments", most=most):
        id = text(item, "id", path="shipments.", must=True)
        try:
            shipment = mine.shipments.get(id)
            if shipment is None:
                raise Refused(404, f"No shipment with id '{id}'.")
            act(here, mine, shipment, item, at)
            done.append({"id": id})
        except Refused as refused:
            code = {"code": "SHIPMENT_ERROR", "field": "id", "message": refused.message}
            errors.append({"id": id, "errors": [code]} if listed else {"id": id, "message": refused.message})
    return jsonify({names[0]: done, names[1]: errors})


@bp.post("/tracking", endpoint="ST23")
def track_many() -> Response:
    return each_shipment(retrack, most=1000)


@bp.put("/ship", endpoint="ST24")
def ship_many() -> Response:
    return each_shipment(leave, most=1000)


@bp.put("/ready_for_pick_up", endpoint="ST26")
def ready_many() -> Response:
    return each_shipment(make_ready, most=1000)


@bp.put("/delete", endpoint="ST06")
def delete_many() -> Response:
    word = state().settings.deletion_keys
    return each_shipment(delete, most=1000, names=(f"{word}_success", f"{word}_errors"))


@bp.put("", endpoint="ST07")
def origins() -> Response:
    return each_shipment(set_origin, most=100)


@bp.put("/additional_information", endpoint="ST31")
def extras() -> Response:
    return each_shipment(set_extra, most=100, names=("shipment_update_success", "shipment_update_errors"), listed=True)
