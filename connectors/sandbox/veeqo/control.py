"""The simulator's own endpoints: seed, summary, reset, settings, and the catalogue as staff would change it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.veeqo.catalogue import rename_sku
from connectors.sandbox.veeqo.customers import add_address, add_customer
from connectors.sandbox.veeqo.fulfilment import schedule_shipping, serve_waiting
from connectors.sandbox.veeqo.models import Json, Line, Order, Sellable
from connectors.sandbox.veeqo.order_view import order_view
from connectors.sandbox.veeqo.order_write import put_payment, register
from connectors.sandbox.veeqo.reference import add_carrier, add_channel, add_known_carriers
from connectors.sandbox.veeqo.seed import STAFF, add_skus, seed_demo
from connectors.sandbox.veeqo.stock import set_level
from connectors.sandbox.veeqo.store import State, state

bp = Blueprint("veeqo_control", __name__, url_prefix=ADMIN)
WALK_IN: Json = {"first_name": "Sam", "last_name": "Porter", "address1": "2 Low St", "city": "York", "zip": "YO1 1AA", "country": "GB"}


@bp.errorhandler(ValueError)
@bp.errorhandler(KeyError)
def misused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=f"{type(error).__name__}: {error}"), 400


def asked() -> Json:
    body = request.get_json(force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ValueError("the body is not an object")
    return body


@bp.post("/reset")
def reset() -> Response:
    """An empty account again; settings, clock and faults stay."""
    here = state()
    here.clear()
    add_known_carriers(here)
    return Response("", 204)


@bp.post("/seed-demo")
def demo() -> tuple[Response, int]:
    """Reset and seed. Body, all optional: `skus`, a list of {sku, title, price, stock, barcode, product}."""
    here = state()
    here.clear()
    add_known_carriers(here)
    return jsonify(seed_demo(here, skus=asked().get("skus"))), 201


@bp.get("/summary")
def summary() -> Response:
    """Counts by status, and the order numbers that occur more than once: nobody asks Veeqo twice for free."""
    here = state()
    twice = {number: len(ids) for number, ids in here.by_number.items() if len(ids) > 1}
    entries = [entry for each in here.stock.values() for entry in each.values()]
    return jsonify(
        orders=len(here.orders),
        by_status={status: len(ids) for status, ids in here.by_status.items() if status and len(ids)},
        duplicate_numbers=len(twice),
        duplicates=dict(list(twice.items())[:100]),
        allocations=len(here.allocations),
        shipments=len(here.shipments),
        shipments_without_tracking=sum(each.tracking is None for each in here.shipments.values()),
        returns=sum(len(order.returns) for order in here.orders.values()),
        products=len(here.products),
        sellables=sum(len(product.sellable_ids) for product in here.products.values()),
        physical=sum(entry.physical for entry in entries),
        allocated=sum(entry.allocated for entry in entries),
        negative_available=sum(entry.available < 0 for entry in entries),
        customers=len(here.customers),
        waiting_for_their_time=len(here.due),
    )


@bp.post("/settings")
def change_settings() -> Response:
    """Change switches while it runs; turning auto-ship on takes up the orders that are ready."""
    here, wanted = state(), asked()
    here.settings.change(wanted)
    if wanted.get("auto_ship_s") is not None:
        for id in list(here.by_status["awaiting_fulfillment"]):
            schedule_shipping(here, here.orders[id], at=here.now())
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


@bp.post("/keys")
def change_keys() -> Response:
    """`revoke` a key or token (as "Refresh API Key" does), `add` one for a user."""
    here, wanted = state(), asked()
    if "revoke" in wanted:
        here.users.pop(wanted["revoke"], None)
        here.tokens.pop(wanted["revoke"], None)
    if "add" in wanted:
        here.users[wanted["add"]] = {"id": 80 + len(here.users), "login": wanted["add"], "email": "added@example.com"}
    return Response("", 204)


@bp.post("/carriers")
def new_carrier() -> tuple[Response, int]:
    return jsonify(add_carrier(state(), str(asked()["name"]))), 201


@bp.post("/channels")
def new_channel() -> tuple[Response, int]:
    """A store of any type, also those that the API cannot make (amazon, shopify, custom_integration)."""
    wanted = asked()
    return jsonify(add_channel(state(), wanted, types=(str(wanted["type_code"]),))), 201


@bp.post("/skus")
def new_skus() -> tuple[Response, int]:
    """Add products in bulk: `{"skus": [{sku, title, price, stock, barcode}, …]}`."""
    here = state()
    return jsonify(add_skus(here, asked()["skus"], at=here.now())), 201


def variant(here: State, sku: str) -> Sellable:
    found = here.by_sku.get(sku)
    if not found:
        raise ValueError(f"no such SKU: {sku}")
    return here.sellables[found[0]]


def warehouse_named(here: State, wanted: Any) -> int:
    """A warehouse by id or name; the first if none is named."""
    for id, each in here.warehouses.items():
        if wanted is None or wanted in (id, each["name"]):
            return id
    raise ValueError(f"no such warehouse: {wanted}")


@bp.post("/stock")
def change_stock() -> Response:
    """`{"changes": [{sku, warehouse, physical | delta | infinite}, …]}`: a count, a delivery, a breakage."""
    here, levels = state(), {}
    at = here.now()
    for wanted in asked()["changes"]:
        sellable = variant(here, wanted["sku"])
        entry = here.entry(sellable.id, warehouse_named(here, wanted.get("warehouse")), at=at)
        entry.infinite = bool(wanted.get("infinite", entry.infinite))
        set_level(here, entry, at=at, physical=int(wanted.get("physical", entry.physical + int(wanted.get("delta", 0)))))
        serve_waiting(here, sellable.id, at=at)
        levels[sellable.sku] = entry.available
    return jsonify(levels)


@bp.post("/sku")
def change_sku() -> Response:
    """Staff edit a SKU by hand: `{"sku": …, "new_sku": …}`; a new one that exists already makes a duplicate."""
    here, wanted = state(), asked()
    sellable = variant(here, wanted["sku"])
    rename_sku(here, sellable, str(wanted["new_sku"]), at=here.now())
    return jsonify(id=sellable.id, sku_code=sellable.sku)


@bp.post("/place")
def place_orders() -> tuple[Response, int]:
    """Orders that the world places at a store without the API.

    `{"channel_id", "count", "prefix", "sku" | "lines": {sku: quantity}, "paid"}`; numbers run from 1.
    """
    here, wanted = state(), asked()
    lines = wanted.get("lines") or {wanted["sku"]: 1}
    channel_id = int(wanted.get("channel_id") or next(iter(here.channels)))
    if channel_id not in here.channels:
        raise ValueError(f"no such channel: {channel_id}")
    prefix = str(wanted.get("prefix", "WEB-"))
    email = f"{prefix.lower()}buyer@example.com"
    customer_id = here.emails.get(email) or add_customer(here, {"email": email, "billing_address_attributes": WALK_IN})["id"]
    g.user = STAFF
    paid = {"payment_type": "credit_card"} if wanted.get("paid", True) else None
    made = []
    for at in range(int(wanted.get("first", 1)), int(wanted.get("first", 1)) + int(wanted.get("count", 1))):
        made.append(place(here, f"{prefix}{at}", channel_id=channel_id, customer_id=customer_id, lines=lines, payment=paid))
    return jsonify({order.number: order.id for order in made}), 201


def place(here: State, number: str, *, channel_id: int, customer_id: int, lines: dict[str, int], payment: Json | None) -> Order:
    at = here.now()
    method_id = next(iter(here.delivery_methods), None)
    order = Order(here.next_id("order"), number, channel_id, customer_id, method_id, dict(STAFF), at, at, [])
    for sku, quantity in lines.items():
        sellable = variant(here, sku)
        terms = (sellable.price, Decimal("0.2"), Decimal(0), None)
        order.lines.append(Line(here.next_id("line"), sellable.id, int(quantity), *terms, created_at=at, updated_at=at))
    order.deliver_to = add_address(here, WALK_IN, customer_id=None)
    put_payment(here, order, payment, by=STAFF, at=at)
    register(here, order, at=at)
    return order


@bp.get("/orders/<number>")
def orders_by_number(number: str) -> Response:
    """Every order of this number, as the vendor would show it, without the vendor's limits."""
    here = state()
    return jsonify([order_view(here, here.orders[id]) for id in here.by_number.get(number, [])])
