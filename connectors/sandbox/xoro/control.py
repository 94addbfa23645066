"""The simulator's own endpoints: seed, summary, reset, settings, and items, stock and supply as the tenant's people change them."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.xoro import inbound
from connectors.sandbox.xoro.answers import Denied, Refused
from connectors.sandbox.xoro.inventory import row_view
from connectors.sandbox.xoro.items import change_item, item_view
from connectors.sandbox.xoro.models import Item, Json
from connectors.sandbox.xoro.push import PushSettings
from connectors.sandbox.xoro.seed import add_skus, seed_demo
from connectors.sandbox.xoro.settings import PROPOSED_PATHS
from connectors.sandbox.xoro.stock import begin, listed_row, move, unlist
from connectors.sandbox.xoro.store import App, State, state
from connectors.sandbox.xoro.summary import summary

bp = Blueprint("xoro_control", __name__, url_prefix=ADMIN)


@bp.errorhandler(ValueError)
@bp.errorhandler(KeyError)
@bp.errorhandler(Refused)
@bp.errorhandler(Denied)
def misused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=f"{type(error).__name__}: {error}"), 400


def asked() -> Json:
    body = request.get_json(force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ValueError("the body is not an object")
    return body


def item_named(here: State, number: Any) -> Item:
    if number not in here.by_item:
        raise ValueError(f"no such item: {number}")
    return here.items[here.by_item[number]]


def store_id_of(here: State, name: Any) -> int:
    """A ship-from store by name; the first if none is named."""
    if not name:
        return next(iter(here.stores.values()))
    if name not in here.stores:
        raise ValueError(f"no such store: {name}")
    return here.stores[name]


@bp.post("/reset")
def reset() -> Response:
    """An empty tenant again; settings, clock and faults stay."""
    state().clear()
    return Response("", 204)


@bp.post("/seed-demo")
def demo() -> tuple[Response, int]:
    """Reset and seed. Body, all optional: `skus`, a list of {sku, title, price, stock, barcode, product}; `damaged`; `write_paths`.

    `write_paths` true switches the proposed calls on (settings.PROPOSED_PATHS); an object gives paths of one's own.
    """
    here, wanted = state(), asked()
    paths = wanted.get("write_paths")
    if paths is not None:
        here.settings.change({"write_paths": dict(PROPOSED_PATHS) if paths is True else paths or {}})
    here.clear()
    return jsonify(seed_demo(here, skus=wanted.get("skus"), damaged=wanted.get("damaged"))), 201


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


@bp.post("/apps")
def change_apps() -> Response:
    """`revoke` a private app by its key, or `add` one: {name, key, secret, controllers}; no controllers: all of them."""
    here, wanted = state(), asked()
    if "revoke" in wanted:
        here.apps.pop(wanted["revoke"], None)
    if "add" in wanted:
        new = wanted["add"]
        allowed = frozenset(new["controllers"]) if new.get("controllers") is not None else None
        here.apps[new["key"]] = App(str(new.get("name", new["key"])), str(new["secret"]), allowed)
    return Response("", 204)


@bp.post("/push")
def set_push() -> Response:
    """Where stock changes are told: see push.PushSettings; an empty url stops it."""
    here, wanted = state(), asked()
    unknown = set(wanted) - {each.name for each in fields(PushSettings)}
    if unknown:
        raise ValueError(f"no such push setting: {', '.join(sorted(unknown))}")
    here.push.settings = PushSettings(**vars(here.push.settings) | wanted)
    return jsonify(vars(here.push.settings))


@bp.get("/push")
def pushed() -> Response:
    return jsonify(list(state().push.sent))


@bp.post("/reference")
def add_reference() -> Response:
    """More `stores`, `sale_stores`, `customers` (lists of names) and `carriers` (name: services)."""
    here, wanted = state(), asked()
    for name in wanted.get("stores", []):
        here.stores.setdefault(name, here.next_id("store"))
    here.sale_stores += [name for name in wanted.get("sale_stores", []) if name not in here.sale_stores]
    for name in wanted.get("customers", []):
        here.customers.setdefault(name, here.next_id("customer"))
    here.carriers |= wanted.get("carriers", {})
    return jsonify(stores=here.stores, sale_stores=here.sale_stores, customers=here.customers, carriers=here.carriers)


@bp.post("/items")
def new_items() -> tuple[Response, int]:
    """Add items in bulk: `{"skus": [{sku, title, price, stock, barcode}, …]}`."""
    here = state()
    return jsonify(add_skus(here, asked()["skus"], at=here.now())), 201


@bp.post("/item")
def edit_item() -> Response:
    """Somebody edits an item by hand: `{"item": …}` and any of new_number, upc, description."""
    here, wanted = state(), asked()
    item = item_named(here, wanted["item"])
    names = {"new_number": "ItemNumber", "upc": "UPC", "description": "Description"}
    change_item(here, item, {field: str(wanted[name]) for name, field in names.items() if name in wanted}, at=here.now())
    return jsonify(item_view(item))


@bp.post("/stock")
def change_stock() -> Response:
    """`{"changes": [{item, store, on_hand | delta | not_available | missing}, …]}`: a count, a delivery, a breakage, no row at all."""
    here = state()
    txn, rows = begin(here, "adjustment", "by hand"), []
    for wanted in asked()["changes"]:
        item, store_id = item_named(here, wanted["item"]), store_id_of(here, wanted.get("store"))
        row = listed_row(here, item.id, store_id)
        difference = int(wanted["on_hand"]) - row.on_hand if "on_hand" in wanted else int(wanted.get("delta", 0))
        aside = int(wanted.get("not_available", row.not_available)) - row.not_available
        move(here, row, txn=txn, on_hand=difference, not_available=aside)
        rows.append(row_view(here, (store_id, item.id)))
        if wanted.get("missing"):
            unlist(here, item.id, store_id)
    return jsonify(rows)


@bp.post("/supply")
def announce() -> tuple[Response, int]:
    """`{"kind": "purchase" | "notice", "store", "lines": {item: units}, "in_days", "draft"}`."""
    here, wanted = state(), asked()
    kind = {"purchase": inbound.PURCHASE, "notice": inbound.NOTICE}[wanted["kind"]]
    units = {item_named(here, name).id: int(count) for name, count in wanted["lines"].items()}
    expected_at = here.now() + timedelta(days=float(wanted.get("in_days", 7)))
    draft = bool(wanted.get("draft", False))
    made = inbound.announce(here, kind, store_id=store_id_of(here, wanted.get("store")), units=units, expected_at=expected_at, draft=draft)
    return jsonify(number=made.number), 201


@bp.post("/receive")
def receive() -> Response:
    """`{"number": …}` of a notice: the goods are here."""
    here = state()
    inbound.receive(here, here.inbound[inbound.NOTICE][str(asked()["number"])])
    return Response("", 204)
