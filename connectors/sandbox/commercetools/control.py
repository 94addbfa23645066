"""Control endpoints outside the vendor's surface: what the world does, what goes wrong, what the project holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from flask import Flask, Response, jsonify, request

from connectors.sandbox.commercetools.errors import invalid_input
from connectors.sandbox.commercetools.inventory import INVENTORY_ACTIONS, create_entry
from connectors.sandbox.commercetools.mishaps import as_mishap
from connectors.sandbox.commercetools.products import create_product
from connectors.sandbox.commercetools.push import PushSettings
from connectors.sandbox.commercetools.resources import show_due
from connectors.sandbox.commercetools.seed import seed_demo
from connectors.sandbox.commercetools.shapes import Doc
from connectors.sandbox.commercetools.store import State
from connectors.sandbox.commercetools.summary import summarize
from connectors.sandbox.commercetools.updates import update
from connectors.sandbox.commercetools.world import act_on_order, edit_order, find_order, place_orders, rename_sku, resolve_payments, shop_work
from connectors.sandbox.kit import ADMIN

Serve = Callable[[State, Doc], Any]
OrderVerb = Callable[[State, Doc, Doc], Doc]


def brief(order: Doc) -> Doc:
    return {name: order[name] for name in ("id", "orderNumber", "version", "orderState", "paymentState", "shipmentState") if name in order}


def cancel(state: State, order: Doc, wish: Doc) -> Doc:
    return act_on_order(state, order, [{"action": "changeOrderState", "orderState": "Cancelled"}])


ORDER_VERBS: dict[str, OrderVerb] = {
    "settle": lambda state, order, wish: resolve_payments(state, order, "settle", label=wish.get("label", True)),
    "fail": lambda state, order, wish: resolve_payments(state, order, "fail", label=wish.get("label", True)),
    "edit": edit_order,
    "cancel": cancel,
    "confirm": lambda state, order, wish: act_on_order(state, order, [{"action": "changeOrderState", "orderState": "Confirmed"}]),
    "act": lambda state, order, wish: act_on_order(state, order, wish["actions"]),
}


def reset(state: State, wish: Doc) -> Doc:
    state.clear()
    state.tokens.clear()
    state.mishaps.clear()
    state.pusher.clear()
    state.bench.faults.clear()
    state.bench.calls.clear()
    return {}


def expire_tokens(state: State, wish: Doc) -> Doc:
    count = len(state.tokens)
    state.tokens.clear()
    return {"expired": count}


def suspend(state: State, wish: Doc) -> Doc:
    state.suspended = bool(wish.get("suspended", True))
    return {"suspended": state.suspended}


def change_settings(state: State, wish: Doc) -> Doc:
    known = {field.name for field in fields(state.settings)} - {"clients", "project_key"}
    for name, value in wish.items():
        if name not in known:
            raise invalid_input(f"There is no setting '{name}'.")
        setattr(state.settings, name, value)
    return {name: getattr(state.settings, name) for name in sorted(known)}


def place(state: State, wish: Doc) -> Doc:
    orders, refused = place_orders(state, wish)
    return {"orders": [brief(order) for order in orders], "refused": [error.message for error in refused]}


def new_product(state: State, wish: Doc) -> Doc:
    """A product as a merchandiser adds it: `sku`, `skus` or a whole `draft`; published, and in stock, unless refused."""
    work = shop_work(state)
    kinds = state.collections["product-types"]
    kind = kinds.find("key", "apparel") or state.add("product-types", {"key": "apparel", "name": "Apparel", "attributes": []})["id"]
    skus = wish.get("skus") or [wish.get("sku")]
    prices = [{"value": {"currencyCode": code, "centAmount": wish.get("price", 1999)}} for code in ("GBP", "EUR")]
    variants: list[Doc] = [{"prices": prices} | ({"sku": sku} if sku else {}) for sku in skus]
    name = wish.get("name", f"New product {skus[0]}")
    draft = {
        "productType": {"typeId": "product-type", "id": kind},
        "name": {"en": name},
        "slug": {"en": name.lower().replace(" ", "-")},
        "masterVariant": variants[0],
        "variants": variants[1:],
        "publish": wish.get("publish", True),
    }
    product = create_product(work, draft | wish.get("draft", {}))
    if wish.get("stock", 100) is not None:
        for sku in filter(None, skus):
            stock_everywhere(state, sku, wish.get("stock", 100))
    return {"id": product["id"], "version": product["version"], "skus": skus}


def stock_everywhere(state: State, sku: str, quantity: int) -> None:
    """One entry at each warehouse, and the channel-less one."""
    channels = [state.collections["channels"].peek(ident) for ident in state.collections["channels"].texts]
    for key in [*(channel["key"] for channel in channels if "InventorySupply" in channel["roles"]), None]:
        set_stock(state, {"sku": sku, "quantity": quantity, "channel": key})


def set_stock(state: State, wish: Doc) -> Doc:
    """Somebody else sets a quantity; the entry is made where there is none."""
    work, inventory = shop_work(state, by="merchant-center"), state.collections["inventory"]
    channel = {"typeId": "channel", "key": wish["channel"]} if wish.get("channel") else None
    channel_id = work.find(channel, "channel") if channel else ""
    entry = inventory.get(inventory.find("pair", (wish["sku"], channel_id)) or "")
    if entry is None:
        draft = {"sku": wish["sku"], "quantityOnStock": wish["quantity"]} | ({"supplyChannel": channel} if channel else {})
        return create_entry(work, draft)
    actions = [{"action": "changeQuantity", "quantity": wish["quantity"]}]
    return update(work, "inventory", entry, body={"version": entry["version"], "actions": actions}, actions=INVENTORY_ACTIONS)


def strike_rivals(state: State, wish: Doc) -> Doc:
    state.mishaps.rivals.append(as_mishap(wish))
    return {"rivals": len(state.mishaps.rivals)}


def strike_afterwards(state: State, wish: Doc) -> Doc:
    state.mishaps.afterwards.append(as_mishap(wish))
    return {"afterwards": len(state.mishaps.afterwards)}


def aim_push(state: State, wish: Doc) -> Doc:
    """Where notifications are posted, and how: the members of `PushSettings`."""
    state.pusher.settings = PushSettings(**wish)
    return vars(state.pusher.settings)


ENDPOINTS: dict[str, Serve] = {
    "seed-demo": seed_demo,
    "reset": reset,
    "orders": place,
    "products": new_product,
    "stock": set_stock,
    "settings": change_settings,
    "expire-tokens": expire_tokens,
    "suspend": suspend,
    "conflict": strike_rivals,
    "fail-after-write": strike_afterwards,
    "push": aim_push,
}


def wish_of_request() -> Doc:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}


def add_control(app: Flask, state: State) -> None:
    for name, serve in ENDPOINTS.items():
        app.add_url_rule(f"{ADMIN}/{name}", f"control-{name}", locked(state, serve), methods=["POST"])

    @app.post(f"{ADMIN}/orders/<path:reference>/<verb>")
    def on_order(reference: str, verb: str) -> Any:
        if verb not in ORDER_VERBS:
            raise invalid_input(f"An order cannot be told to '{verb}'.")
        with state.bench.lock:
            show_due(state)
            return jsonify(brief(ORDER_VERBS[verb](state, find_order(state, reference), wish_of_request())))

    @app.post(f"{ADMIN}/skus/<path:sku>")
    def on_sku(sku: str) -> Any:
        with state.bench.lock:
            return jsonify(id=rename_sku(state, sku, wish_of_request())["id"])

    @app.get(f"{ADMIN}/summary")
    def summary() -> Any:
        with state.bench.lock:
            show_due(state)
            return jsonify(summarize(state))

    @app.get(f"{ADMIN}/notifications")
    def notifications() -> Any:
        return jsonify(list(state.pusher.sent))


def locked(state: State, serve: Serve) -> Callable[[], Response]:
    def view() -> Response:
        with state.bench.lock:
            show_due(state)
            return jsonify(serve(state, wish_of_request()))

    return view
