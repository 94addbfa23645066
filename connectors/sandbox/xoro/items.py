"""Products and their items: product/getproduct, product/create, product/item/getitem."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from flask import Response, request

from connectors.sandbox.xoro.answers import Refused, empty_list, envelope, listed
from connectors.sandbox.xoro.fields import decimal, number, objects, sent_objects, text
from connectors.sandbox.xoro.models import Item, Json, Product
from connectors.sandbox.xoro.orders import narrowed
from connectors.sandbox.xoro.store import State

OWN = ("Option1Value", "Option2Value", "ProductCode", "VendorProductNumber", "HSCode", "CooCodeIso2", "ImagePath", "ItemTags")


def add_product(here: State, base: str, title: str) -> Product:
    made = Product(here.next_id("product"), base, title)
    here.products[made.id] = made
    here.product_ids.add(made.id)
    here.by_base[base] = made.id
    return made


def add_item(here: State, product: Product, given: Mapping[str, str], *, price: Decimal, at: datetime) -> Item:
    """An item from ItemNumber, UPC, Description and the other fields by their names; several may have one UPC."""
    words = given.get("ItemNumber", ""), given.get("UPC", ""), given.get("Description", "")
    own = {name: given[name] for name in OWN if given.get(name)}
    made = Item(here.next_id("item"), product.id, *words, price, at, at, own)
    here.items[made.id] = made
    here.item_ids.add(made.id)
    here.by_item[made.number] = made.id
    here.by_upc[made.upc].append(made.id)
    here.items_created.touch(made.id, at=at)
    here.items_changed.touch(made.id, at=at)
    product.item_ids.append(made.id)
    return made


def change_item(here: State, item: Item, given: Mapping[str, str], *, at: datetime) -> None:
    """Somebody edits an item: another number, another UPC, another text."""
    if given.get("ItemNumber") and given["ItemNumber"] != item.number:
        if given["ItemNumber"] in here.by_item:
            raise Refused(f"Item {given['ItemNumber']} already exists.", 1041)
        del here.by_item[item.number]
        item.number = given["ItemNumber"]
        here.by_item[item.number] = item.id
    if "UPC" in given:
        here.by_upc[item.upc].remove(item.id)
        item.upc = given["UPC"]
        here.by_upc[item.upc].append(item.id)
    item.description = given.get("Description", item.description)
    item.own = item.own | {name: given[name] for name in OWN if name in given}
    item.updated_at = at
    here.items_changed.touch(item.id, at=at)


def read_items(here: State) -> Response:
    if here.oddities.take("empty_read"):
        return empty_list(1)
    ids: Collection[int] = here.item_ids.ids
    if request.args.get("item_number"):
        found = here.by_item.get(request.args["item_number"])
        ids = [found] if found else []
    zone = here.settings.time_zone
    for name, journal in (("created_at", here.items_created), ("updated_at", here.items_changed)):
        ids = narrowed(ids, journal, name, zone=zone)
    rows = ids if isinstance(ids, list) else sorted(ids)
    return listed(rows, here.settings, render=lambda id: item_view(here.items[id]))


def item_view(item: Item) -> Json:
    return {
        "ItemNumber": item.number,
        "Description": item.description,
        "ItemUpc": item.upc,
        "ImagePath": item.own.get("ImagePath", ""),
        "StandardUnitPrice": number(item.price),
        "HSCode": item.own.get("HSCode", ""),
        "CooCodeIso2": item.own.get("CooCodeIso2", ""),
    }


def read_products(here: State) -> Response:
    ids = here.product_ids.ids
    if request.args.get("base_part_number"):
        found = here.by_base.get(request.args["base_part_number"])
        ids = [found] if found else []
    return listed(ids, here.settings, render=lambda id: product_view(here, here.products[id]))


def product_view(here: State, product: Product) -> Json:
    variants = [variant_view(here.items[id]) for id in product.item_ids]
    return {"BasePartNumber": product.base, "Handle": product.base.lower(), "Title": product.title, "Variants": variants}


def variant_view(item: Item) -> Json:
    return {
        "ItemNumber": item.number,
        "UPC": item.upc,
        "UnitPrice": number(item.price),
        "ProductCode": item.own.get("ProductCode", ""),
        "VendorProductNumber": item.own.get("VendorProductNumber", ""),
        "Description": item.description,
    }


def create_products(here: State) -> Response:
    """An array of products as getproduct shows them; each needs its base part number, each variant its item number."""
    wanted = [(row, objects(row.get("Variants") or [])) for row in sent_objects()]
    fresh: set[str] = set()
    for row, variants in wanted:
        check_product(here, text(row.get("BasePartNumber")), [text(each.get("ItemNumber")) for each in variants], fresh)
    return envelope([product_view(here, created(here, row, variants)) for row, variants in wanted])


def check_product(here: State, base: str, numbers: list[str], fresh: set[str]) -> None:
    if not base or not all(numbers):
        raise Refused("BasePartNumber and ItemNumber are required.", 1042)
    for each in numbers:
        if each in here.by_item or each in fresh:
            raise Refused(f"Item {each} already exists.", 1041)
        fresh.add(each)


def created(here: State, row: Json, variants: list[Json]) -> Product:
    base = text(row["BasePartNumber"])
    product = here.products[here.by_base[base]] if base in here.by_base else add_product(here, base, text(row.get("Title") or base))
    for each in variants:
        given = {name: text(value) for name, value in each.items() if not isinstance(value, dict | list)}
        add_item(here, product, given, price=decimal(each.get("UnitPrice") or 0), at=here.now())
    return product
