"""Shipments in v2: one tracking number each, for units of one address of an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify

from connectors.sandbox.bigcommerce.answers import Refused, body_object, not_found, rfc, v2_list
from connectors.sandbox.bigcommerce.models import Doc, Order, Shipment
from connectors.sandbox.bigcommerce.orders import changed, forget_hash, order_or_404, set_status
from connectors.sandbox.bigcommerce.store import State, state

bp = Blueprint("bigcommerce_shipments", __name__, url_prefix="/stores/<store_hash>/v2/orders/<int:id>/shipments")
bp.url_value_preprocessor(forget_hash)
TEXTS = {  # field -> how long it may be
    "tracking_number": 50,
    "tracking_link": 500,
    "shipping_method": 255,
    "shipping_provider": 255,
    "tracking_carrier": 255,
    "comments": 2000,
}
PROVIDERS = {
    "auspost": "Australia Post", "canadapost": "Canada Post", "endicia": "Endicia", "usps": "USPS", "fedex": "FedEx", "ups": "UPS",
    "upsready": "UPS Ready", "upsonline": "UPS OnLine", "shipperhq": "ShipperHQ", "royalmail": "Royal Mail", "": "",
}  # fmt: skip


def invalid(field: str, reason: str) -> Refused:
    return Refused(400, f"The field '{field}' is invalid.", {"invalid_reason": reason})


def shipment_or_404(id: int, shipment_id: int) -> Shipment:
    found = state().shipments.get(shipment_id)
    if found is None or found.order_id != id:
        raise not_found()
    return found


@bp.get("")
def listed(id: int) -> Response:
    here, order = state(), order_or_404(id)
    return v2_list([here.shipments[each] for each in order.shipment_ids], lambda row: shipment_view(here, row))


@bp.get("/count")
def counted(id: int) -> Response:
    return jsonify(count=len(order_or_404(id).shipment_ids))


@bp.get("/<int:shipment_id>")
def one(id: int, shipment_id: int) -> Response:
    return jsonify(shipment_view(state(), shipment_or_404(id, shipment_id)))


@bp.post("")
def create(id: int) -> tuple[Response, int]:
    here, order, sent = state(), order_or_404(id), body_object()
    items = wanted_items(order, sent)
    made = ship(here, order, items, texts_of(sent) | {"order_address_id": sent["order_address_id"]})
    return jsonify(shipment_view(here, made)), 201


@bp.put("/<int:shipment_id>")
def change(id: int, shipment_id: int) -> Response:
    here, row = state(), shipment_or_404(id, shipment_id)
    row.told |= texts_of(body_object())
    here.hooks.tell_shipment("updated", row.id, id)
    changed(here, here.orders[id])
    return jsonify(shipment_view(here, row))


@bp.delete("/<int:shipment_id>")
def remove(id: int, shipment_id: int) -> Response:
    """The units may be shipped again; the status of the order stays where it is."""
    here, row = state(), shipment_or_404(id, shipment_id)
    order = here.orders[id]
    for product_id, units in row.items:
        product = order.product(product_id)
        if product is not None:
            product.shipped -= units
    order.shipment_ids.remove(row.id)
    del here.shipments[row.id]
    here.hooks.tell_shipment("deleted", row.id, id)
    changed(here, order)
    return Response(status=204)


def texts_of(sent: Doc) -> Doc:
    found = {}
    for name, most in TEXTS.items():
        if name in sent:
            value = "" if sent[name] is None else sent[name]
            if not isinstance(value, str) or len(value) > most:
                raise invalid(name, f"must be text of at most {most} characters")
            found[name] = value
    return found


def wanted_items(order: Order, sent: Doc) -> list[tuple[int, int]]:
    """Units of order products, checked against what may still be shipped to that address."""
    if not any(address["id"] == sent.get("order_address_id") for address in order.addresses):
        raise invalid("order_address_id", "no such address in this order")
    items = sent.get("items")
    if not isinstance(items, list) or not items:
        raise invalid("items", "at least one item")
    found: dict[int, int] = {}
    for item in items:
        id, units = checked(order, item, sent["order_address_id"])
        found[id] = found.get(id, 0) + units
    for id, units in found.items():
        product = order.product(id)
        if product is None or units > product.to_ship:
            raise Refused(400, f"The quantity of order product {id} is more than what is left to ship.", {"order_product_id": str(id)})
    return list(found.items())


def checked(order: Order, item: Any, address_id: int) -> tuple[int, int]:
    id, units = (item.get("order_product_id"), item.get("quantity")) if isinstance(item, dict) else (None, None)
    product = order.product(id) if isinstance(id, int) else None
    if product is None or product.address_id != address_id:
        raise invalid("order_product_id", "no such product for this address")
    if product.kind != "physical":
        raise invalid("order_product_id", "only physical products are shipped")
    if not isinstance(units, int) or isinstance(units, bool) or units < 1:
        raise invalid("quantity", "must be 1 or more")
    return product.id, units


def ship(here: State, order: Order, items: Sequence[tuple[int, int]], told: Doc) -> Shipment:
    made = Shipment(here.next_id("shipment"), order.id, here.now(), {**dict.fromkeys(TEXTS, ""), **told}, list(items))
    for id, units in items:
        product = order.product(id)
        assert product is not None
        product.shipped += units
    here.shipments[made.id] = made
    order.shipment_ids.append(made.id)
    here.hooks.tell_shipment("created", made.id, order.id)
    if here.settings.status_by_shipment:
        set_status(here, order, 3 if any(each.to_ship for each in order.products) else 2)
    changed(here, order)
    return made


def shipment_view(here: State, row: Shipment) -> Doc:
    order = here.orders[row.order_id]
    address = next(each for each in order.addresses if each["id"] == row.told["order_address_id"])
    provider = row.told["shipping_provider"]
    known = (order.product(id) for id, _ in row.items)
    items = [
        {"order_product_id": id, "product_id": product.product_id if product else 0, "quantity": units}
        for (id, units), product in zip(row.items, known, strict=True)
    ]
    return {
        "id": row.id,
        "order_id": row.order_id,
        "customer_id": order.customer_id,
        "date_created": rfc(row.created_at),
        **row.told,
        "shipping_provider_display_name": PROVIDERS.get(provider, provider),
        "generated_tracking_link": row.told["tracking_link"] or f"https://track.example/{row.told['tracking_number']}",
        "merchant_shipping_cost": "0.0000",
        "billing_address": order.billing,
        "shipping_address": {name: value for name, value in address.items() if name not in ("id", "shipping_method")},
        "items": items,
    }
