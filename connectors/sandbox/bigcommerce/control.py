"""The simulator's own endpoints: seed, summary, reset, settings, and orders, goods and stock as people change them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.bigcommerce import world
from connectors.sandbox.bigcommerce.answers import Refused
from connectors.sandbox.bigcommerce.inventory import apply
from connectors.sandbox.bigcommerce.models import Doc, Order, Variant
from connectors.sandbox.bigcommerce.seed import add_skus, seed_demo
from connectors.sandbox.bigcommerce.shipments import ship
from connectors.sandbox.bigcommerce.store import State, state
from connectors.sandbox.bigcommerce.summary import summary
from connectors.sandbox.kit import ADMIN

bp = Blueprint("bigcommerce_control", __name__, url_prefix=ADMIN)


@bp.errorhandler(ValueError)
@bp.errorhandler(KeyError)
@bp.errorhandler(Refused)
def misused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=f"{type(error).__name__}: {error}"), 400


def asked() -> Doc:
    body = request.get_json(force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ValueError("the body is not an object")
    return body


def shown(order: Order) -> Response:
    return jsonify(world.order_told(state(), order))


@bp.post("/reset")
def reset() -> Response:
    """An empty store again; settings, clock and faults stay."""
    state().clear()
    return Response("", 204)


@bp.post("/seed-demo")
def demo() -> tuple[Response, int]:
    """Reset and seed. Body, all optional: `skus` ({sku, title, price, stock, barcode, product, options, tracking}), `locations`, `damaged`."""
    here, wanted = state(), asked()
    here.clear()
    return jsonify(seed_demo(here, skus=wanted.get("skus"), locations=wanted.get("locations"), damaged=wanted.get("damaged"))), 201


@bp.get("/summary")
def counts() -> Response:
    return jsonify(summary(state()))


@bp.post("/settings")
def change_settings() -> Response:
    here = state()
    here.settings.change(asked())
    return jsonify(vars(here.settings))


@bp.post("/load")
def platform_load() -> Response:
    """`{"times": n}`: so many calls are refused for the platform's load, without rate headers."""
    state().busy = int(asked().get("times", 1))
    return Response("", 204)


@bp.post("/access")
def change_access() -> Response:
    """`revoke` a token, or `add` one: {token, scopes} (orders_read, orders_modify, products_read, inventory_read …)."""
    here, wanted = state(), asked()
    here.tokens.pop(wanted.get("revoke", ""), None)
    if "add" in wanted:
        here.tokens[wanted["add"]["token"]] = frozenset(wanted["add"]["scopes"])
    return Response("", 204)


@bp.post("/webhooks")
def set_webhooks() -> Response:
    """How webhooks travel: see posting.PostingSettings. Hooks themselves are made through the API."""
    here = state()
    here.hooks.poster.settings.change(asked())
    return jsonify(vars(here.hooks.poster.settings))


@bp.get("/webhooks")
def webhooks() -> Response:
    """Every try that was made, the oldest first."""
    return jsonify([vars(each) for each in list(state().hooks.poster.log)])


@bp.post("/orders")
def new_orders() -> tuple[Response, int]:
    """`count` orders, alike; see world.place for what may be said of them."""
    here = state()
    made = world.place_orders(here, asked())
    lines = [[{"id": each.id, "sku": each.sku, "quantity": each.quantity} for each in order.products] for order in made]
    return jsonify([{"id": order.id, "lines": told} for order, told in zip(made, lines, strict=True)]), 201


@bp.get("/orders/<reference>")
def one_order(reference: str) -> Response:
    return shown(world.find(state(), reference))


@bp.post("/orders/<reference>/move")
def move(reference: str) -> Response:
    """`status_id`, `payment_status`: as staff or the payment provider change them."""
    here = state()
    order = world.find(here, reference)
    world.move_to(here, order, asked())
    return shown(order)


@bp.post("/orders/<reference>/edit")
def edit(reference: str) -> Response:
    here = state()
    order = world.find(here, reference)
    world.edit(here, order, asked())
    return shown(order)


@bp.post("/orders/<reference>/cancel")
def cancel(reference: str) -> Response:
    here = state()
    order = world.find(here, reference)
    world.cancel(here, order)
    return shown(order)


@bp.post("/orders/<reference>/refund")
def refund(reference: str) -> Response:
    """`line` or `sku` with `quantity`, or an `amount`; `reason`."""
    here = state()
    order = world.find(here, reference)
    world.refund(here, order, asked())
    return shown(order)


@bp.post("/orders/<reference>/ship")
def ship_by_hand(reference: str) -> Response:
    """Staff ship all that is left, address by address, with `number`, or without."""
    here, wanted = state(), asked()
    order = world.find(here, reference)
    for address in order.addresses:
        items = [(each.id, each.to_ship) for each in order.products if each.address_id == address["id"] and each.to_ship]
        if items:
            ship(here, order, items, {"order_address_id": address["id"], "tracking_number": str(wanted.get("number", ""))})
    return shown(order)


@bp.post("/skus")
def new_skus() -> tuple[Response, int]:
    return jsonify(add_skus(state(), asked()["skus"])), 201


def variant_named(here: State, sku: Any) -> Variant:
    found = here.with_sku(str(sku))
    if not found:
        raise ValueError(f"no such SKU: {sku}")
    return found[0]


@bp.post("/variants")
def edit_variant() -> Response:
    """`{"sku": …}` and any of new_sku, upc."""
    here, wanted = state(), asked()
    variant = variant_named(here, wanted["sku"])
    here.rename(variant, str(wanted.get("new_sku", variant.sku)))
    variant.upc = str(wanted.get("upc", variant.upc))
    here.products[variant.product_id].updated_at = here.now()
    here.hooks.tell("store/sku/updated", {"type": "sku", "id": variant.id, "sku": {"product_id": variant.product_id, "variant_id": variant.id}})
    here.hooks.tell("store/product/updated", {"type": "product", "id": variant.product_id})
    return jsonify(id=variant.id, sku=variant.sku, upc=variant.upc)


@bp.post("/stock")
def change_stock() -> Response:
    """`{"changes": [{sku, location_id, on_hand | delta | safety_stock}, …]}`: at once, as staff do it."""
    here, told = state(), []
    for wanted in asked()["changes"]:
        level = here.levels[variant_named(here, wanted["sku"]).id, int(wanted.get("location_id", next(iter(here.places))))]
        level.safety_stock = int(wanted.get("safety_stock", level.safety_stock))
        if "on_hand" in wanted or "delta" in wanted:
            apply(here, level, int(wanted.get("on_hand", wanted.get("delta"))), relative="delta" in wanted)
        told.append({"sku": wanted["sku"], "on_hand": level.on_hand, "available": level.available})
    return jsonify(told)
