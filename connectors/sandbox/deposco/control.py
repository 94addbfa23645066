"""The simulator's own endpoints: seed, count, switch behaviour, and change the tenant as its staff would."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.deposco import automation, stock
from connectors.sandbox.deposco.answers import Refused
from connectors.sandbox.deposco.credentials import COMPANY
from connectors.sandbox.deposco.items import item_view, put_pack, rename, touch
from connectors.sandbox.deposco.lifecycle import changed
from connectors.sandbox.deposco.models import RETURN, SALES, Item, Json
from connectors.sandbox.deposco.order_view import order_view
from connectors.sandbox.deposco.order_write import SentLine, SentOrder, create
from connectors.sandbox.deposco.reference import add_company, add_facility
from connectors.sandbox.deposco.seed import add_skus, found_tenant, seed_demo
from connectors.sandbox.deposco.shipments import shipment_view
from connectors.sandbox.deposco.store import State, state
from connectors.sandbox.kit import ADMIN

bp = Blueprint("deposco_control", __name__, url_prefix=ADMIN)
WALK_IN: Json = {
    "shipToContact": {"firstName": "Sam", "lastName": "Porter"},
    "shipToAddress": {"line1": "2 Low St", "city": "Austin", "stateProvince": "TX", "postalCode": "78701", "country": "US"},
}


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


@bp.post("/reset")
def reset() -> Response:
    """An empty tenant again; settings, clock and faults stay."""
    here = state()
    here.clear()
    found_tenant(here)
    return Response("", 204)


@bp.post("/seed-demo")
def demo() -> tuple[Response, int]:
    """Reset and seed. Body, all optional: `skus`, a list of {sku, title, price, stock, barcode, packs}."""
    here = state()
    here.clear()
    found_tenant(here)
    return jsonify(seed_demo(here, skus=asked().get("skus"))), 201


@bp.get("/summary")
def summary() -> Response:
    """Counts by state, and what exists twice: a customer's order number on two orders that are not cancelled."""
    here = state()
    twice = {number: len(live) for (_, number), ids in here.by_customer_number.items() if len(live := sold(here, number, ids)) > 1}
    levels = [level for each in here.stock.values() for level in each.values()]
    return jsonify(
        orders=sum(order.type == SALES for order in here.orders.values()),
        by_status=counts(here, SALES),
        returns=counts(here, RETURN),
        duplicates=dict(list(twice.items())[:100]),
        duplicate_numbers=len(twice),
        refused_duplicates=dict(here.refused_duplicates),
        shipments=dict(Counter(each.status for each in here.shipments.values())),
        packages=sum(len(each.containers) for each in here.shipments.values()),
        receipts=len(here.receipts),
        items=len(here.items),
        shared_upcs=sum(len(ids) > 1 for ids in here.upcs.values()),
        on_hand=sum(level.on_hand for level in levels),
        allocated=sum(level.allocated for level in levels),
        demand=sum(level.demand for level in levels),
        negative_promises=sum(stock.promise(here, level) < 0 for level in levels),
        waiting_for_their_time=len(here.due),
    )


def counts(here: State, type: str) -> dict[str, int]:
    return {status: len(ids) for (each, status), ids in here.by_status.items() if each == type and status and ids}


def sold(here: State, number: str, ids: dict[int, None]) -> list[int]:
    found = [here.orders[id] for id in ids]
    return [each.id for each in found if each.type == SALES and each.status != "Canceled" and each.fields.get("customerOrderNumber") == number]


@bp.post("/settings")
def change_settings() -> Response:
    """Change switches while it runs; turning auto-wave or auto-ship on takes up the orders that wait."""
    here, wanted = state(), asked()
    here.settings.change(wanted)
    if wanted.get("auto_ship_s") is not None or wanted.get("auto_wave_s") is not None:
        for status in ("New", "Ready for Fulfillment", "Wave Built", "Back Ordered", "Released", "Partially Released"):
            for id in list(here.by_status[SALES, status]):
                automation.schedule(here, here.orders[id], start=here.now())
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


@bp.post("/expire-tokens")
def expire_tokens() -> Response:
    """Every access token ends now; `{"refresh": true}` uninstalls the app, too."""
    here = state()
    here.tokens.clear()
    if asked().get("refresh"):
        here.refresh_tokens.clear()
    return Response("", 204)


@bp.post("/companies")
def new_company() -> tuple[Response, int]:
    return jsonify(add_company(state(), str(asked()["code"]))), 201


@bp.post("/facilities")
def new_facility() -> tuple[Response, int]:
    """The tenant opens a warehouse; nobody tells the portal."""
    wanted = asked()
    return jsonify(add_facility(state(), str(wanted["number"]), name=str(wanted.get("name", "")))), 201


@bp.post("/skus")
def new_skus() -> tuple[Response, int]:
    """Add items in bulk: `{"skus": [{sku, title, price, stock, barcode, packs, company}, …]}`."""
    here = state()
    rows = asked()["skus"]
    taken = [row["sku"] for row in rows if here.find_item(str(row.get("company") or COMPANY), str(row["sku"]))]
    if taken:
        raise ValueError(f"these SKUs exist: {taken[:10]}")
    return jsonify(add_skus(here, rows, at=here.now())), 201


def item_named(here: State, sku: str, *, company: str = COMPANY) -> Item:
    found = here.find_item(company, sku)
    if found is None:
        raise ValueError(f"no such SKU: {sku}")
    return found


@bp.post("/sku")
def change_sku() -> Response:
    """Staff rename an item by hand: `{"sku": …, "new_sku": …}`."""
    here, wanted = state(), asked()
    item = item_named(here, str(wanted["sku"]))
    rename(here, item, str(wanted["new_sku"]), at=here.now())
    return jsonify(id=item.id, number=item.number)


@bp.post("/price")
def change_price() -> Response:
    """Staff change what an item costs: `{"sku", "price"}`; null takes its price away."""
    here, wanted = state(), asked()
    item = item_named(here, str(wanted["sku"]))
    item.own["unitPrice"] = wanted.get("price")
    touch(here, item, at=here.now())
    return jsonify(id=item.id, price=item.own.get("unitPrice"))


@bp.post("/packs")
def change_packs() -> Response:
    """Staff add or retype a pack of an item: `{"sku", "type", "quantity", "upcs"}`."""
    here, wanted = state(), asked()
    item = item_named(here, str(wanted["sku"]))
    put_pack(here, item, type=str(wanted["type"]), quantity=int(wanted["quantity"]), upcs=list(wanted.get("upcs", [])))
    return jsonify(item_view(here, item))


def collide_upc(here: State, item: Item, wanted: Json) -> Item:
    """The barcode of one item on another one, which the API would refuse."""
    other = item_named(here, str(wanted["with"]))
    for upc in item.packs[0].upcs or [f"99{item.id:010d}"]:
        put_pack(here, item, type=item.packs[0].type, quantity=item.packs[0].quantity, upcs=[upc])
        put_pack(here, other, type=other.packs[0].type, quantity=other.packs[0].quantity, upcs=[upc])
    return other


def twin(here: State, item: Item, number: str, *, company: str, packs: Json | None = None) -> Item:
    row = {"sku": number, "title": f"{item.own.get('name')} (again)", "price": item.own.get("unitPrice"), "company": company, "packs": packs}
    return here.items[add_skus(here, [row], at=here.now())[number]]


COLLISIONS: dict[str, Any] = {
    "case": lambda here, item, wanted: twin(here, item, item.number.swapcase(), company=item.company),
    "space": lambda here, item, wanted: twin(here, item, f"{item.number} ", company=item.company),
    "company": lambda here, item, wanted: twin(here, item, item.number, company=str(wanted["company"])),
    "pack": lambda here, item, wanted: twin(here, item, f"{item.number}-12", company=item.company, packs={"Case": 12}),
    "upc": collide_upc,
}


@bp.post("/collisions")
def collide() -> tuple[Response, int]:
    """`{"sku", "kind"}`: a twin that differs in case, by a space, in company or as a pack; or one UPC on two items (`with`)."""
    here, wanted = state(), asked()
    made = COLLISIONS[wanted["kind"]](here, item_named(here, str(wanted["sku"])), wanted)
    return jsonify(id=made.id, number=made.number, company=made.company), 201


@bp.post("/stock")
def change_stock() -> Response:
    """`{"changes": [{sku, facility, on_hand | delta, reason}, …]}`: a count, a delivery, a breakage."""
    here, levels = state(), {}
    at = here.now()
    for wanted in asked()["changes"]:
        item, facility = item_named(here, str(wanted["sku"])), str(wanted.get("facility") or next(iter(here.facilities)))
        if facility not in here.facilities:
            raise ValueError(f"no such facility: {facility}")
        level = here.level(item.id, facility)
        delta = int(wanted["on_hand"]) - level.on_hand if "on_hand" in wanted else int(wanted["delta"])
        stock.adjust(here, item, facility, delta, reason=str(wanted.get("reason", "Cycle Count")), at=at)
        automation.serve_waiting(here, item.id, at=at)
        levels[item.number] = stock.promise(here, level)
    return jsonify(levels)


@bp.post("/place")
def place_orders() -> tuple[Response, int]:
    """Orders that reach the warehouse from elsewhere.

    `{"count", "prefix", "first", "sku" | "lines": {sku: packs}, "status", "facility", "customer_order"}`.
    """
    here, wanted = state(), asked()
    rows = wanted.get("lines") or {wanted["sku"]: 1}
    prefix, first = str(wanted.get("prefix", "WEB-")), int(wanted.get("first", 1))
    made = {}
    for at in range(first, first + int(wanted.get("count", 1))):
        made[f"{prefix}{at}"] = place(here, f"{prefix}{at}", rows, wanted)
    return jsonify(made), 201


def place(here: State, number: str, rows: dict[str, int], wanted: Json) -> int:
    lines = []
    for at, (sku, packs) in enumerate(rows.items()):
        item = item_named(here, sku)
        lines.append(SentLine(str(at + 1), item, item.packs[0], int(packs), {"unitPrice": item.own.get("unitPrice", 0)}))
    if here.find_order(COMPANY, SALES, number):
        raise ValueError(f"an order of the number {number} exists")
    status, facility = str(wanted.get("status", "New")), wanted.get("facility")
    sent = SentOrder(COMPANY, SALES, number, dict(WALK_IN), tuple(lines), status="Hold" if status == "Draft" else status, facility=facility)
    made = create(here, sent, at=here.now())
    if status == "Draft":  # the API cannot make one
        made.base = status
        changed(here, made, at=here.now())
    made.customer_order = bool(wanted.get("customer_order"))
    return made.id


@bp.get("/orders/<path:number>")
def order_by_number(number: str) -> Response:
    """The order and its shipments as REST shows them, with nothing cut off."""
    here = state()
    order = here.find_order(COMPANY, SALES, number) or here.find_order(COMPANY, RETURN, number)
    if order is None:
        raise ValueError(f"no such order: {number}")
    cut, here.settings.nested_cut = here.settings.nested_cut, 0
    try:
        sent = [shipment_view(here, here.shipments[id]) for id in order.shipment_ids]
        return jsonify(order_view(here, order) | {"sentShipments": sent, "parts": [{line.number: parts(line)} for line in order.lines]})
    finally:
        here.settings.nested_cut = cut


def parts(line: Any) -> list[Json]:
    return [{"facility": part.facility, "packs": part.packs, "picked": part.picked, "shipped": part.shipped} for part in line.parts]
