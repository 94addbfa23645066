"""The simulator's own endpoints: seed, summary, reset, settings, and orders, goods and stock as people change them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.shopify import world
from connectors.sandbox.shopify.engine import QueryError
from connectors.sandbox.shopify.hooks import TOPICS
from connectors.sandbox.shopify.models import Doc, Order, Variant
from connectors.sandbox.shopify.seed import add_skus, seed_demo
from connectors.sandbox.shopify.sending import UserError, fulfil, lines_of, trackings
from connectors.sandbox.shopify.store import State, state
from connectors.sandbox.shopify.summary import order_told, summary

bp = Blueprint("shopify_control", __name__, url_prefix=ADMIN)


@bp.errorhandler(ValueError)
@bp.errorhandler(KeyError)
@bp.errorhandler(UserError)
@bp.errorhandler(QueryError)
def misused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=f"{type(error).__name__}: {error}"), 400


def asked() -> Doc:
    body = request.get_json(force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ValueError("the body is not an object")
    return body


def shown(order: Order) -> Response:
    return jsonify(order_told(state(), order))


@bp.post("/reset")
def reset() -> Response:
    """An empty shop again; settings, clock and faults stay."""
    state().clear()
    return Response("", 204)


@bp.post("/seed-demo")
def demo() -> tuple[Response, int]:
    """Reset and seed. Body, all optional: `skus` ({sku, title, price, stock, barcode, product, variant}), `locations`, `damaged`."""
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


@bp.post("/oddities")
def set_oddity() -> Response:
    """`{"name": …, "times": n}`; times null is for ever. Names: see oddities.NAMES."""
    wanted = asked()
    state().oddities.set(wanted["name"], wanted.get("times", 1))
    return Response("", 204)


@bp.delete("/oddities")
def clear_oddities() -> Response:
    state().oddities.left.clear()
    return Response("", 204)


@bp.post("/access")
def change_access() -> Response:
    """`revoke` a token, `add` one ({token, scopes}), `rotate` the secret ({secret}), or put the shop on `status` 402, 423 or 0."""
    here, wanted = state(), asked()
    here.tokens.pop(wanted.get("revoke", ""), None)
    if "add" in wanted:
        here.tokens[wanted["add"]["token"]] = frozenset(wanted["add"]["scopes"])
    if "rotate" in wanted:
        here.secret, here.old_secret = wanted["rotate"], here.secret
    here.blocked = int(wanted.get("status", here.blocked))
    return Response("", 204)


@bp.post("/webhooks")
def set_webhooks() -> Response:
    """`url` (all `topics`, or those named) and how they travel: see posting.PostingSettings. An empty url stops them."""
    here, wanted = state(), asked()
    url, topics = wanted.pop("url", None), wanted.pop("topics", TOPICS)
    here.hooks.poster.settings.change(wanted)
    if url is not None:
        here.hooks.subscriptions.clear()
        for topic in topics if url else ():
            here.hooks.subscribe(topic, url, by_call=False)
    return jsonify(subscriptions=len(here.hooks.subscriptions), settings=vars(here.hooks.poster.settings))


@bp.get("/webhooks")
def webhooks() -> Response:
    """Every try that was made, the oldest first."""
    return jsonify([vars(each) for each in list(state().hooks.poster.log)])


@bp.post("/orders")
def new_orders() -> tuple[Response, int]:
    """`count` orders, alike; see world.place for what may be said of them."""
    here = state()
    return jsonify(world.all_of(world.place_orders(here, asked()))), 201


@bp.get("/orders/<reference>")
def one_order(reference: str) -> Response:
    return shown(world.find(state(), reference))


@bp.post("/orders/<reference>/pay")
def pay(reference: str) -> Response:
    """Paid; or `financial`, any other word."""
    here = state()
    order = world.find(here, reference)
    world.pay(here, order, asked().get("financial", "PAID"))
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
    world.cancel(here, order, reason=asked().get("reason", "CUSTOMER"))
    return shown(order)


@bp.post("/orders/<reference>/hold")
def hold(reference: str) -> Response:
    """`reason`; an empty one releases."""
    here = state()
    order = world.find(here, reference)
    world.hold(here, order, reason=asked().get("reason", "OTHER"))
    return shown(order)


@bp.post("/orders/<reference>/refund")
def refund(reference: str) -> Response:
    """`line` or `sku`, `quantity`, `restock`, `with_return`, `return_status`, `reason`, `amount`."""
    here = state()
    order = world.find(here, reference)
    world.refund(here, order, asked())
    return shown(order)


@bp.post("/orders/<reference>/return")
def book_return(reference: str) -> Response:
    """A return without a refund, yet."""
    here, wanted = state(), asked()
    order = world.find(here, reference)
    line = world.chosen_line(order, wanted)
    world.book_return(here, order, line, int(wanted.get("quantity", line.current)), wanted)
    world.changed(here, order)
    return shown(order)


@bp.post("/orders/<reference>/fulfil")
def fulfil_by_hand(reference: str) -> Response:
    """Staff send all that is open, with `number` and `company`, or without."""
    here, wanted = state(), asked()
    order = world.find(here, reference)
    for row in list(here.of_order(order, "fulfilment_orders")):
        taken = lines_of(row, []) if row.status in ("OPEN", "IN_PROGRESS") else []
        if taken:
            fulfil(here, taken, trackings(wanted), notified=True)
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
    """`{"sku": …}` and any of new_sku (null: none), barcode, delete."""
    here, wanted = state(), asked()
    variant = variant_named(here, wanted["sku"])
    product = here.products[variant.product_id]
    if wanted.get("delete"):
        world.delete_variant(here, variant)
    else:
        here.rename(variant, wanted.get("new_sku", variant.sku))
        variant.barcode = wanted.get("barcode", variant.barcode)
        here.touch(variant, at=here.now())
    here.touch(product, at=here.now())
    here.hooks.tell("products/update", product.id)
    return jsonify(id=variant.id, sku=variant.sku, barcode=variant.barcode)


@bp.post("/stock")
def change_stock() -> Response:
    """`{"changes": [{sku, location, available | on_hand | delta}, …]}`: somebody counts, or another app writes."""
    here, told = state(), []
    for wanted in asked()["changes"]:
        variant = variant_named(here, wanted["sku"])
        level = here.levels[variant.item_id, world.place_named(here, wanted.get("location"))]
        name = "on_hand" if "on_hand" in wanted else "available"
        level.set(name, int(wanted[name]) if name in wanted else level.units[name] + int(wanted["delta"]))
        here.touch_level(level, at=here.now())
        told.append({"sku": variant.sku, **level.units})
    return jsonify(told)


@bp.get("/stock/<sku>")
def stock(sku: str) -> Response:
    here = state()
    levels = here.levels_of(variant_named(here, sku).item_id)
    return jsonify({here.locations[level.location_id].name: level.units for level in levels})
