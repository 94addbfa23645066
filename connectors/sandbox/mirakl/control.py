"""The simulator's own endpoints: seed, summary, reset, settings, and orders as the marketplace's customers place them.

Every body may name a `shop_id`; without one it is the first shop.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.mirakl.answers import Refused
from connectors.sandbox.mirakl.models import Json
from connectors.sandbox.mirakl.order_view import order_view
from connectors.sandbox.mirakl.seed import add_offers, demo_skus
from connectors.sandbox.mirakl.settings import Settings
from connectors.sandbox.mirakl.store import Shop, State, User, state
from connectors.sandbox.mirakl.summary import published, summary
from connectors.sandbox.mirakl.world import place

bp = Blueprint("mirakl_control", __name__, url_prefix=ADMIN)


@bp.errorhandler(ValueError)
@bp.errorhandler(KeyError)
@bp.errorhandler(Refused)
def misused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=f"{type(error).__name__}: {error}"), 400


def asked() -> Json:
    body = request.get_json(force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ValueError("the body is not an object")
    return body


def shop_of(here: State, wanted: Any) -> Shop:
    return here.shops[int(wanted)] if wanted else next(iter(here.shops.values()))


@bp.post("/reset")
def reset() -> Response:
    """Empty shops again; settings, clock and faults stay."""
    state().clear()
    return Response("", 204)


@bp.post("/seed-demo")
def seed_demo() -> tuple[Response, int]:
    """Reset, and give every shop its offers. Body, optional: `skus`, a list of {sku, title, price, stock, barcode}."""
    here = state()
    here.clear()
    skus = asked().get("skus") or demo_skus()
    made = {str(id): add_offers(here, mine, skus, at=here.now()) for id, mine in here.shops.items()}
    return jsonify(operator=here.settings.name, shops=here.settings.shops, carriers=here.settings.carriers, offers=made), 201


@bp.get("/summary")
def show_summary() -> Response:
    """`?shop_id=` for one shop; the first without. `published`: the quantity that customers see, by SKU."""
    mine = shop_of(state(), request.args.get("shop_id"))
    return jsonify(summary(mine) | {"published": published(mine), "waiting_for_their_time": len(state().due)})


@bp.get("/settings")
def show_settings() -> Response:
    return jsonify(vars(state().settings))


@bp.post("/settings")
def change_settings() -> Response:
    """Change switches while it runs; what is on its way keeps the times it began with."""
    here = state()
    here.settings.change(asked())
    for id, name in here.settings.shops.items():
        here.shops.setdefault(id, Shop(id, name))
    return jsonify(vars(here.settings))


@bp.post("/advance")
def advance() -> Response:
    """`{"seconds": n}`: let time pass, and everything happen that falls due in it."""
    here = state()
    here.bench.clock.skew_s += float(asked()["seconds"])
    here.settle()
    return jsonify(now=here.now().isoformat())


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
    """`revoke` a key; `add` one, with its `roles`, `shop_ids`, `external`."""
    here, wanted = state(), asked()
    here.users.pop(wanted.get("revoke", ""), None)
    if "add" in wanted:
        roles, shop_ids = frozenset(wanted.get("roles", ["ROLE_SHOP_ADMIN"])), tuple(wanted.get("shop_ids", ()))
        here.users[wanted["add"]] = User(wanted["add"], roles, shop_ids, bool(wanted.get("external")))
    return Response("", 204)


@bp.post("/carriers")
def change_carriers() -> Response:
    """`add` a carrier {code, label, standard_code, tracking_url}, `remove` one by its code."""
    settings, wanted = state().settings, asked()
    if "remove" in wanted:
        settings.carriers = [each for each in settings.carriers if each["code"] != wanted["remove"]]
    if "add" in wanted:
        settings.carriers.append({"standard_code": None, "tracking_url": None, **wanted["add"]})
    return jsonify(carriers=settings.carriers)


@bp.post("/offers")
def change_offers() -> Response:
    """`add` rows as in seed-demo, `remove` SKUs."""
    here, wanted = state(), asked()
    mine = shop_of(here, wanted.get("shop_id"))
    for sku in wanted.get("remove", ()):
        mine.offers.pop(mine.by_sku.pop(sku).id)
    return jsonify(add_offers(here, mine, wanted.get("add", ()), at=here.now()))


@bp.post("/shop")
def change_shop() -> Response:
    """`state` (OPEN, CLOSE, SUSPENDED), `statistics` {rate: value}, `account` {field of A01: value}."""
    wanted = asked()
    mine = shop_of(state(), wanted.get("shop_id"))
    mine.status = wanted.get("state", mine.status)
    mine.statistics |= wanted.get("statistics", {})
    mine.account |= wanted.get("account", {})
    return Response("", 204)


@bp.post("/place")
def place_orders() -> tuple[Response, int]:
    """Orders as customers place them.

    `count`, and for each: `sku` | `lines` ({sku: quantity} or a list of {sku, quantity, price, shipping_price, commission,
    commission_tax, taxes: [{code, rate}]}); `prefix` | `commercial_id`, `reference`, `address`, `no_address`, `email`, `customer`
    (which of the five), `shipping_type`, `payment_workflow`, `order_tax_mode`, `channel`, `center`, `staging_s`,
    `accept_within_s` (this order's own window, not scaled).
    """
    here, wish = state(), asked()
    mine, at = shop_of(here, wish.get("shop_id")), here.now()
    made = [place(here, mine, wish, at=at) for _ in range(int(wish.get("count", 1)))]
    return jsonify(order_ids=[order.id for order in made]), 201


@bp.get("/orders/<order_id>")
def show_order(order_id: str) -> Response:
    """An order as the operator sees it: nothing hidden, no limits, and what was asked of it."""
    mine = next((each for each in state().shops.values() if order_id in each.orders), None)
    if mine is None:
        raise ValueError(f"no such order: {order_id}")
    order = mine.orders[order_id]
    shown = order_view(order, Settings(address_available_at="created", shipping_types=state().settings.shipping_types))
    return jsonify(shown | {"shop_id": mine.id, "accept_calls": order.accepted, "ship_calls": order.ship_calls})
