"""Products, variants and stock entries: the catalogue endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.veeqo.answers import ALL_HEADERS, NO_HEADERS, Refused, asked_page, empty, invalid, listed, not_found
from connectors.sandbox.veeqo.catalogue_view import PRODUCT_DEFAULTS, SELLABLE_DEFAULTS, entry_view, product_view, sellable_view
from connectors.sandbox.veeqo.fields import boolean, bound, decimal, integer, objects, reference, sent, text
from connectors.sandbox.veeqo.fulfilment import serve_waiting
from connectors.sandbox.veeqo.models import Json, Product, Sellable, StockEntry
from connectors.sandbox.veeqo.stock import set_level
from connectors.sandbox.veeqo.store import State, need, state

bp = Blueprint("veeqo_catalogue", __name__)
WRITABLE = {"title", "description", "notes", "estimated_delivery", "product_brand_id", "product_variants_attributes", "images_attributes", "id"}
WRITABLE_VARIANT = {*SELLABLE_DEFAULTS, "id", "title", "sku_code", "price"}
NUMBERS = ("cost_price", "tax_rate", "weight_grams")
COUNTS = ("min_reorder_level", "quantity_to_reorder")


@bp.get("/products")
def list_products() -> Response:
    here = state()
    page = asked_page(default=12, most=here.settings.max_page_size)
    found = matching_products(here)
    return listed(found, page=page, render=lambda id: product_view(here, here.products[id]), headers=ALL_HEADERS)


def matching_products(here: State) -> list[int]:
    """Newest first. `updated_at_min` reads only what changed."""
    changed_since = bound("updated_at_min", settings=here.settings)
    created_since = bound("created_at_min", settings=here.settings)
    words = request.args.get("query", "").strip()
    since_id, warehouse_id = reference(request.args.get("since_id")), reference(request.args.get("warehouse_id"))
    found = set(here.products_changed.since(changed_since)) if changed_since else None
    if words:
        hits = here.product_words.find(words)
        found = hits if found is None else found & hits
    ids = reversed(here.product_ids.ids) if found is None else sorted(found, reverse=True)
    return [
        id
        for id in ids
        if id > since_id
        and (created_since is None or here.products[id].created_at >= created_since)
        and (not warehouse_id or stocked(here, here.products[id], warehouse_id))
    ]


def stocked(here: State, product: Product, warehouse_id: int) -> bool:
    entries = (here.stock[id].get(warehouse_id) for id in product.sellable_ids)
    return any(entry is not None and (entry.physical > 0 or entry.infinite) for entry in entries)


@bp.get("/products/<int:id>")
def show_product(id: int) -> Response:
    return jsonify(product_view(state(), need(state().products, id)))


@bp.post("/products")
def create_product() -> tuple[Response, int]:
    here, wanted = state(), sent("product")
    variants = objects(wanted.get("product_variants_attributes"), name="Product variants")
    if not wanted.get("title"):
        raise invalid("Title can't be blank")
    for variant in variants:
        check_variant(variant)
    product = add_product(here, str(wanted["title"]), at=here.now())
    update_plain(product, wanted)
    for variant in variants:
        add_variant(here, product, variant, at=product.created_at)
    return jsonify(product_view(here, product)), 201


def check_variant(variant: Json) -> None:
    """Required: title, price, sku_code."""
    missing = [name for name in ("title", "price", "sku_code") if variant.get(name) in (None, "")]
    if missing:
        raise invalid(*(f"Product variants {name} can't be blank" for name in missing))
    read_variant(variant)


def read_variant(variant: Json) -> Json:
    """The fields given, in the types that the vendor keeps."""
    given = {name: variant[name] for name in SELLABLE_DEFAULTS if variant.get(name) is not None}
    given |= {name: float(decimal(given[name], name=name)) for name in NUMBERS if name in given}
    given |= {name: integer(given[name], name=name) for name in COUNTS if name in given}
    if variant.get("price") is not None:
        decimal(variant["price"], name="price")
    return given


def add_product(here: State, title: str, *, at: datetime) -> Product:
    product = Product(here.next_id("product"), title, at, at, own=dict(PRODUCT_DEFAULTS))
    here.products[product.id] = product
    here.product_ids.add(product.id)
    here.products_changed.touch(product.id, at=at)
    return product


def update_plain(product: Product, wanted: Json) -> None:
    product.own |= {name: wanted[name] for name in ("description", "notes", "estimated_delivery") if name in wanted}


def add_variant(here: State, product: Product, variant: Json, *, at: datetime) -> Sellable:
    """A new variant. Its SKU need not be unique: two variants with one SKU are a real mess to be found."""
    title = str(variant["title"])
    sellable = Sellable(here.next_id("sellable"), product.id, str(variant["sku_code"]), title, decimal(variant["price"], name="price"), at, at)
    sellable.own = SELLABLE_DEFAULTS | read_variant(variant)
    here.sellables[sellable.id] = sellable
    here.by_sku[sellable.sku].append(sellable.id)
    product.sellable_ids.append(sellable.id)
    name_variant(here, product, sellable)
    here.touch_product(product.id, at=at)
    return sellable


def name_variant(here: State, product: Product, sellable: Sellable) -> None:
    sellable.own["full_title"] = product.title if sellable.title in ("", product.title) else f"{product.title} {sellable.title}"
    skus = " ".join(here.sellables[id].sku for id in product.sellable_ids)
    here.product_words.put(product.id, f"{product.title} {skus}")


def rename_sku(here: State, sellable: Sellable, sku: str, *, at: datetime) -> None:
    """A SKU changed by hand: the id stays, the join key is gone."""
    here.by_sku[sellable.sku].remove(sellable.id)
    here.by_sku[sku].append(sellable.id)
    sellable.sku, sellable.updated_at = sku, at
    name_variant(here, here.products[sellable.product_id], sellable)
    here.touch_product(sellable.product_id, at=at)


@bp.put("/products/<int:id>")
def edit_product(id: int) -> Response:
    """An attribute that the endpoint does not accept ends in a 500; a variant without its id is a new one."""
    here, wanted = state(), sent("product")
    product = need(here.products, id)
    variants = objects(wanted.get("product_variants_attributes"), name="Product variants")
    if set(wanted) - WRITABLE or any(set(variant) - WRITABLE_VARIANT for variant in variants):
        raise Refused(500, "Internal Server Error")
    for variant in variants:
        read_variant(variant) if "id" in variant else check_variant(variant)
        if "id" in variant and reference(variant["id"]) not in product.sellable_ids:
            raise not_found()
    at = here.now()
    product.title = str(wanted.get("title") or product.title)
    update_plain(product, wanted)
    for variant in variants:
        if "id" in variant:
            edit_variant(here, here.sellables[reference(variant["id"])], variant, at=at)
        else:
            add_variant(here, product, variant, at=at)
    for sellable_id in product.sellable_ids:
        name_variant(here, product, here.sellables[sellable_id])
    here.touch_product(product.id, at=at)
    return jsonify(product_view(here, product))


def edit_variant(here: State, sellable: Sellable, variant: Json, *, at: datetime) -> None:
    given = read_variant(variant)
    given.pop("weight_grams", None)  # ignored on update
    sellable.own |= given
    sellable.title = str(variant.get("title", sellable.title))
    if variant.get("price") is not None:
        sellable.price = decimal(variant["price"], name="price")
    if variant.get("sku_code") and variant["sku_code"] != sellable.sku:
        rename_sku(here, sellable, str(variant["sku_code"]), at=at)
    sellable.updated_at = at


@bp.delete("/products/<int:id>")
def delete_product(id: int) -> Response:
    """The product goes; lines of old orders keep their variant."""
    here = state()
    product = need(here.products, id)
    del here.products[id]
    here.product_ids.discard(id)
    here.products_changed.forget(id)
    here.product_words.drop(id)
    for sellable_id in product.sellable_ids:
        here.by_sku[here.sellables[sellable_id].sku].remove(sellable_id)
    return empty(204)


@bp.get("/sellables")
def list_sellables() -> Response:
    """Flat variants, undocumented; the only list that pages by `per_page`, and takes 1000."""
    here = state()
    page = asked_page(default=12, most=1000, size_name="per_page")
    living = [id for product_id in here.product_ids for id in here.products[product_id].sellable_ids]
    return listed(living, page=page, render=lambda id: sellable_view(here, here.sellables[id]), headers=NO_HEADERS)


def find_entry(here: State, sellable_id: int, warehouse_id: int) -> StockEntry | None:
    need(here.sellables, sellable_id)
    need(here.warehouses, warehouse_id)
    return here.stock[sellable_id].get(warehouse_id)


@bp.get("/sellables/<int:sellable_id>/warehouses/<int:warehouse_id>/stock_entry")
def show_entry(sellable_id: int, warehouse_id: int) -> Response:
    entry = find_entry(state(), sellable_id, warehouse_id)
    if entry is None:
        raise not_found()
    return jsonify(entry_view(state(), entry))


@bp.put("/sellables/<int:sellable_id>/warehouses/<int:warehouse_id>/stock_entry")
def edit_entry(sellable_id: int, warehouse_id: int) -> Response:
    """An absolute on-hand figure; `allocated_stock_level` is not writable."""
    here, wanted, at = state(), sent("stock_entry"), state().now()
    find_entry(here, sellable_id, warehouse_id)
    level = wanted.get("physical_stock_level")
    units = None if level is None else integer(level, name="Physical stock level")
    entry = here.entry(sellable_id, warehouse_id, at=at)
    if "infinite" in wanted:
        entry.infinite = boolean(wanted["infinite"])
    if "location" in wanted:
        entry.location = text(wanted["location"])
    set_level(here, entry, at=at, physical=entry.physical if units is None else units)
    serve_waiting(here, sellable_id, at=at)
    return jsonify(entry_view(here, entry))


@bp.get("/stock_histories")
def list_histories() -> Response:
    """The stock ledger, undocumented."""
    here = state()
    sellable_id = reference(request.args.get("sellable_id"))
    need(here.sellables, sellable_id)
    rows: list[Any] = list(here.histories[sellable_id]) if sellable_id in here.histories else []
    return listed(rows, page=asked_page(default=10, most=1000, size_name="per_page"), render=dict, headers=NO_HEADERS)
