"""Reading shipments (ST11), and what is still to be put into one (ST12)."""

from __future__ import annotations

from flask import Blueprint, Response

from connectors.sandbox.mirakl.answers import Refused, stamp
from connectors.sandbox.mirakl.fields import moment, repeated
from connectors.sandbox.mirakl.models import SHIPPING, Json, Order, Shipment
from connectors.sandbox.mirakl.order_view import customer_view
from connectors.sandbox.mirakl.seek import asked, direction, place_of, seek_page
from connectors.sandbox.mirakl.settings import Settings
from connectors.sandbox.mirakl.store import Shop, shop, state

bp = Blueprint("mirakl_shipment_list", __name__, url_prefix="/api/shipments")


@bp.before_request
def switched_on() -> None:
    if not state().settings.multi_shipment:
        raise Refused(404)


def shipment_view(mine: Shop, shipment: Shipment) -> Json:
    origin: Json = {"address": {"country_iso_code": "GBR", "city": "Leeds"}, "warehouse": None}
    tracking: Json = {**shipment.carrier, "validity_status": None if shipment.carrier.get("tracking_number") else "MISSING_TRACKING"}
    return {
        "id": shipment.id,
        "order_id": shipment.order_id,
        "status": shipment.status,
        "status_customer_debit": "NO_DEBIT",
        "created_date": stamp(shipment.created_at),
        "last_updated_date": stamp(shipment.updated_at) if shipment.updated_at != shipment.created_at else None,
        "shipped_date": stamp(shipment.shipped_at),
        "invoice_reference": shipment.invoice_reference,
        "payment_details": None,
        "shipping_from": origin | (shipment.origin or {}),
        "shipment_additional_information": shipment.extra,
        "shipment_lines": shipment.lines,
        "tracking": tracking | {"milestones": [], "last_known_location": None, "carrier_expected_delivery_date": None},
    }


@bp.get("", endpoint="ST11")
def list_shipments() -> Response:
    args, mine = asked(), shop()
    order_ids, states = repeated(args, "order_id"), repeated(args, "shipment_state_code")
    debits = repeated(args, "shipment_customer_debit_state_code")
    start, end = moment(args, "last_updated_from"), moment(args, "last_updated_to")
    _, descending = direction(args, allowed=("dateCreated",), default="dateCreated,ASC")
    named = (mine.orders[id].shipment_ids for id in order_ids if id in mine.orders)
    rows = [mine.shipments[id] for ids in named for id in ids] if order_ids else list(mine.shipments.values())
    found = [
        each
        for each in rows
        if (not states or each.status in states)
        and (not debits or "NO_DEBIT" in debits)
        and (start is None or each.updated_at >= start)
        and (end is None or each.updated_at <= end)
    ]
    place = lambda each: place_of(each.created_at, each.id)  # noqa: E731
    return seek_page(found, args, place=place, render=lambda each: shipment_view(mine, each), descending=descending)


@bp.get("/items_to_ship", endpoint="ST12")
def items_to_ship() -> Response:
    args, mine, settings = asked(), shop(), state().settings
    order_ids, centers = repeated(args, "order_id"), repeated(args, "fulfillment_center_code")
    start, end = moment(args, "shipping_date_from"), moment(args, "shipping_date_to")
    rows = [mine.orders[id] for _, id in mine.by_state[SHIPPING] if not order_ids or id in order_ids]
    found = [
        order
        for order in rows
        if order.shipping_at is not None
        and (not centers or order.center in centers)
        and (start is None or order.shipping_at >= start)
        and (end is None or order.shipping_at <= end)
        and left_to_ship(order)
    ]
    place = lambda order: place_of(order.shipping_at or order.created_at, order.id)  # noqa: E731
    return seek_page(found, args, place=place, render=lambda order: to_ship_view(order, settings), descending=False)


def left_to_ship(order: Order) -> list[Json]:
    return [
        {"order_line_id": line.id, "offer_sku": line.sku, "quantity": line.to_ship - line.shipment_units, "product_title": line.title}
        for line in order.live_lines
        if line.to_ship > line.shipment_units
    ]


def to_ship_view(order: Order, settings: Settings) -> Json:
    return {
        "order_id": order.id,
        "shipping_date": stamp(order.shipping_at),
        "shipping_deadline": stamp(order.deadline),
        "shipping_type_code": order.shipping_type,
        "shipping_address": customer_view(order, settings).get("shipping_address"),
        "references": {"order_reference_for_customer": order.customer_reference, "order_reference_for_seller": order.seller_reference},
        "shipment_lines": left_to_ship(order),
    }
