"""The item master: items by number within a company, their packs and barcodes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify

from connectors.sandbox.deposco import fields
from connectors.sandbox.deposco.answers import Refused, empty, entity, invalid, nested, pack_ref, stamp
from connectors.sandbox.deposco.lists import listed, pooled, since, wanted
from connectors.sandbox.deposco.models import Item, Json, Pack
from connectors.sandbox.deposco.order_view import company_ref
from connectors.sandbox.deposco.orders import detail, permitted
from connectors.sandbox.deposco.store import State, need, state

bp = Blueprint("deposco_items", __name__, url_prefix="/items")
PACK_TYPES = ("Each", "Case", "Bundle", "Loose", "Mill Unit", "Outer", "Unit")
WRITABLE: tuple[str, ...] = (
    "name",
    "shortDescription",
    "longDescription",
    "brandName",
    "productCode",
    "colorName",
    "size",
    "styleNumber",
    "unitPrice",
)
WRITABLE += ("purchaseCost", "hazmat", "lotTrackingEnabled", "serialTrackingEnabled", "inventoryTrackingEnabled", "shippable", "salesEnabledFlag")
WRITABLE += ("components", "kitOrderOnly", "kitStockOnly", "channels", *(f"customAttribute{at}" for at in range(1, 6)))
DEFAULTS: Json = {"shippable": True, "inventoryTrackingEnabled": True, "salesEnabledFlag": True}


def item_view(here: State, item: Item) -> Json:
    return {
        "self": entity("items", item.id, {"number": item.number, "businessUnit.code": item.company}),
        "businessUnit": company_ref(here, item.company),
        "number": item.number,
        **item.own,
        "packs": [pack_view(here, item, pack) for pack in item.packs],
        "createdDate": stamp(item.created_at),
        "updatedDate": stamp(item.updated_at),
    }


def pack_view(here: State, item: Item, pack: Pack) -> Json:
    upcs = nested(pack.upcs, lambda value: {"value": value}, cut=here.settings.nested_cut, path=f"items/{item.id}/packs/{pack.id}/upcs")
    return {"self": pack_ref(item, pack), "type": pack.type, "quantity": pack.quantity, **pack.own, "upcs": upcs}


def add_item(here: State, company: str, number: str, *, at: datetime, own: Json) -> Item:
    """A new item without packs."""
    made = Item(here.next_id("item"), company, number, at, at, own={**DEFAULTS, **own})
    here.items[made.id] = made
    here.items_of[company].append(made.id)
    here.item_numbers[company, number] = made.id
    here.item_names[company, str(made.own.get("name", ""))].add(made.id)
    here.items_created.touch(made.id, at=at)
    here.items_changed.touch(made.id, at=at)
    here.stock_changed.touch(made.id, at=at)
    return made


def put_pack(here: State, item: Item, *, type: str, quantity: int, upcs: list[str], own: Json | None = None) -> Pack:
    """A pack is known by its quantity; barcodes are added, never taken away."""
    pack = item.pack(quantity)
    if pack is None:
        pack = Pack(here.next_id("pack"), type, quantity)
        item.packs.append(pack)
    pack.type = type
    pack.own |= own or {}
    for upc in upcs:
        if upc not in pack.upcs:
            pack.upcs.append(upc)
        here.upcs[item.company, upc].add(item.id)
    return pack


def rename(here: State, item: Item, number: str, *, at: datetime) -> None:
    """Orders keep pointing at the item; its old number names nothing any more."""
    if here.find_item(item.company, number):
        raise ValueError(f"an item of the number {number} exists")
    here.item_numbers.pop((item.company, item.number), None)
    item.number = number
    here.item_numbers[item.company, number] = item.id
    touch(here, item, at=at)


def touch(here: State, item: Item, *, at: datetime) -> None:
    item.updated_at = at
    here.items_changed.touch(item.id, at=at)


@bp.get("")
def list_items() -> Response:
    """`?upc=` is documented, and seen ignored."""
    here = state()
    return listed(here, lambda: find(here), render=lambda id: item_view(here, here.items[id]))


def find(here: State) -> list[int]:
    unit = permitted(here, "items")
    pools: list[Any] = since(here, "items", {"createdAfter": here.items_created, "updatedAfter": here.items_changed})
    if number := wanted(here, "items", "number"):
        known = here.find_item(unit, number)
        pools.append([known.id] if known else [])
    if name := wanted(here, "items", "name"):
        pools.append(here.item_names.get((unit, name), set()))
    if upc := wanted(here, "items", "upc"):
        pools.append(here.upcs.get((unit, upc), set()))
    return pooled(pools, here.items_of[unit], lambda id: here.items[id].company == unit)


def item_of(here: State, id: int) -> Item:
    item = here.items.get(id)
    if item is None or item.company != g.company:
        raise Refused(404, f"Item with id = [{id}] not found")
    return item


def pack_of(item: Item, id: int) -> Pack:
    return need({pack.id: pack for pack in item.packs}, id, kind="Pack")


@bp.get("/<int:id>")
def one_item(id: int) -> Response:
    here = state()
    return jsonify(detail(here, "item", item_view(here, item_of(here, id))))


@bp.post("")
def put_item() -> tuple[Response, int]:
    """Create, or change by number; a barcode that another item has is refused."""
    here, body = state(), fields.sent()
    where = "item"
    company = fields.company_ref(here, fields.required(body, "businessUnit", where=where), where="item.businessUnit", permitted=g.company)
    number = fields.text(fields.required(body, "number", where=where), where="item.number")
    rows = [read_pack(row) for row in fields.objects(fields.required(body, "packs", where=where), where="item.packs")]
    known = here.find_item(company, number)
    for upc in [upc for row in rows for upc in row["upcs"]]:
        others = here.upcs.get((company, upc), set()) - {known.id if known else 0}
        if others:
            raise invalid(f"UPC {upc} exists for item {here.items[min(others)].number}")
    at = here.now()
    item = known or add_item(here, company, number, at=at, own={})
    write_own(here, item, fields.only(WRITABLE, body))
    for row in rows:
        put_pack(here, item, **row)
    touch(here, item, at=at)
    return jsonify(detail(here, "item", item_view(here, item))), here.settings.updated_status if known else here.settings.created_status


def write_own(here: State, item: Item, own: Json) -> None:
    here.item_names[item.company, str(item.own.get("name", ""))].discard(item.id)
    item.own |= own
    here.item_names[item.company, str(item.own.get("name", ""))].add(item.id)


def read_pack(row: Json) -> Json:
    type = fields.required(row, "type", where="pack")
    if type not in PACK_TYPES:
        raise invalid(f"pack.type is not one of {list(PACK_TYPES)}")
    quantity = fields.packs_of(fields.required(row, "quantity", where="pack"), where="pack.quantity")
    upcs = [fields.text(each.get("value"), where="upc.value") for each in fields.rows_of(row, "upcs", where="pack")]
    return {"type": type, "quantity": quantity, "upcs": upcs, "own": fields.only(("weight", "dimensions"), row)}


@bp.get("/<int:id>/upcs")
def list_upcs(id: int) -> Response:
    item = item_of(state(), id)
    return jsonify(data=[{"value": upc} for pack in item.packs for upc in pack.upcs], links=[], complete=True, pages=1)


@bp.get("/<int:id>/packs/<int:pack_id>")
def one_pack(id: int, pack_id: int) -> Response:
    here = state()
    item = item_of(here, id)
    return jsonify(pack_view(here, item, pack_of(item, pack_id)))


@bp.get("/<int:id>/packs/<int:pack_id>/upcs")
def list_pack_upcs(id: int, pack_id: int) -> Response:
    pack = pack_of(item_of(state(), id), pack_id)
    return jsonify(data=[{"value": upc} for upc in pack.upcs], links=[], complete=True, pages=1)


@bp.delete("/<int:id>/packs/<int:pack_id>/upcs/<upc>")
def delete_upc(id: int, pack_id: int, upc: str) -> Response:
    here = state()
    item = item_of(here, id)
    pack = pack_of(item, pack_id)
    if upc not in pack.upcs:
        raise Refused(404, f"UPC {upc} not found")
    pack.upcs.remove(upc)
    if not any(upc in each.upcs for each in item.packs):
        here.upcs[item.company, upc].discard(item.id)
    touch(here, item, at=here.now())
    return empty(204)
