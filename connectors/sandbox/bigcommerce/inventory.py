"""Stock in v3: read at once, written by adjustments that take effect a while later."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.bigcommerce.answers import Refused, body_object, not_found, numbers_asked, v3_list, v3_one
from connectors.sandbox.bigcommerce.models import Doc, Level, Place, Variant
from connectors.sandbox.bigcommerce.orders import forget_hash
from connectors.sandbox.bigcommerce.store import State, state

bp = Blueprint("bigcommerce_inventory", __name__, url_prefix="/stores/<store_hash>/v3/inventory")
bp.url_value_preprocessor(forget_hash)
KEYS = ("sku", "variant_id", "product_id")
MOST_ITEMS, MOST_ROWS = 2000, 1000


@bp.get("/locations")
def places() -> Response:
    return v3_list(list(state().places.values()), place_view)


@bp.get("/items")
def items() -> Response:
    here = state()
    wanted = places_asked(here)
    return v3_list(variants_asked(here), lambda variant: item_view(here, variant, wanted), most=MOST_ROWS)


@bp.get("/locations/<int:place_id>/items")
def items_at(place_id: int) -> Response:
    here = state()
    if place_id not in here.places:
        raise not_found()
    rows = [each for each in variants_asked(here) if (each.id, place_id) in here.levels]
    return v3_list(rows, lambda variant: {**identity(variant), **level_view(here, here.levels[variant.id, place_id])}, most=MOST_ROWS)


@bp.put("/locations/<int:place_id>/items")
def change_settings(place_id: int) -> Response:
    """Safety stock, warning level and bin of items at a place."""
    here, sent = state(), body_object()
    if place_id not in here.places:
        raise not_found()
    for row in sent.get("settings") or []:
        for variant in named(here, row.get("identity") or {}):
            level = here.levels[variant.id, place_id]
            level.safety_stock = int(row.get("safety_stock", level.safety_stock))
            level.warning_level = int(row.get("warning_level", level.warning_level))
            level.bin = str(row.get("bin_picking_number", level.bin))
    return jsonify(transaction_id=str(uuid.uuid4()))


@bp.put("/adjustments/absolute")
def set_levels() -> Response:
    return adjust(relative=False)


@bp.post("/adjustments/relative")
def change_levels() -> Response:
    return adjust(relative=True)


def adjust(*, relative: bool) -> Response:
    """Checked whole and at once; seen later."""
    here, sent = state(), body_object()
    rows = sent.get("items")
    if not isinstance(rows, list) or not rows:
        raise Refused(422, "JSON data is missing or invalid", {"items": "missing or empty"})
    if len(rows) > MOST_ITEMS:
        raise Refused(422, f"At most {MOST_ITEMS} items may be adjusted in one request", {"items": "too many"})
    changes = [change_of(here, row, at, relative=relative) for at, row in enumerate(rows)]
    for level, units in changes:
        here.later(here.settings.stock_delay_s, lambda level=level, units=units: apply(here, level, units, relative=relative))  # type: ignore[misc]
    return jsonify(transaction_id=f"{uuid.UUID(int=here.next_id('transaction'))}")


def change_of(here: State, row: Any, at: int, *, relative: bool) -> tuple[Level, int]:
    if not isinstance(row, dict) or len([key for key in KEYS if row.get(key) is not None]) != 1:
        raise Refused(422, "Exactly one of sku, variant_id or product_id must be given", {f"items[{at}]": "identity"})
    units = row.get("quantity")
    if not isinstance(units, int) or isinstance(units, bool) or (units < 0 and not relative):
        raise Refused(422, "The quantity is invalid", {f"items[{at}].quantity": "must be a whole number, 0 or more"})
    place = row.get("location_id")
    if place not in here.places:
        raise Refused(422, f"Location with id {place} was not found", {f"items[{at}].location_id": "unknown"})
    variant = sole(here, row, at)
    return here.levels.setdefault((variant.id, place), Level(variant.id, place)), units


def sole(here: State, row: Doc, at: int) -> Variant:
    """The one variant an item names, unless its product counts stock in another way."""
    found = list(named(here, row))
    if not found:
        raise Refused(
            422, f"Item with {next(f'{key} {row[key]}' for key in KEYS if row.get(key) is not None)} was not found", {f"items[{at}]": "unknown"}
        )
    product = here.products[found[0].product_id]
    if product.tracking == "product" and "product_id" not in row:
        raise Refused(422, f"[Item with variant_id {found[0].id} is tracked by product, please update stock by product id]")
    if product.tracking == "variant" and "product_id" in row and len(product.variant_ids) > 1:
        raise Refused(422, f"[Item with product_id {product.id} is tracked by variant, please update stock by variant id]")
    return found[0]


def named(here: State, row: Doc) -> Iterable[Variant]:
    if row.get("sku") is not None:
        return here.with_sku(str(row["sku"]))
    if row.get("variant_id") is not None:
        return [here.variants[row["variant_id"]]] if row["variant_id"] in here.variants else []
    product = here.products.get(row.get("product_id", 0))
    return [here.variants[id] for id in product.variant_ids] if product else []


def apply(here: State, level: Level, units: int, *, relative: bool, sold: bool = False) -> None:
    """The level as it is from now on; who listens is told."""
    level.on_hand = level.on_hand + units if relative else units
    variant = here.variants[level.variant_id]
    here.hooks.tell_stock(variant.id, variant.product_id, units, sold=sold)
    told = {"variant_id": variant.id, "product_id": variant.product_id, "location_id": level.place_id}
    here.hooks.tell("store/channel/1/inventory/product/stock_changed", told)


def variants_asked(here: State) -> list[Variant]:
    skus = request.args.get("sku:in")
    if skus is not None:
        return list({each.id: each for sku in skus.split(",") for each in here.with_sku(sku.strip())}.values())
    ids, products = numbers_asked("variant_id:in"), numbers_asked("product_id:in")
    if ids is not None:
        return [here.variants[id] for id in ids if id in here.variants]
    if products is not None:
        return [here.variants[id] for each in products if each in here.products for id in here.products[each].variant_ids]
    return list(here.variants.values())


def places_asked(here: State) -> set[int]:
    ids, codes = numbers_asked("location_id:in"), request.args.get("location_code:in")
    if ids is not None:
        return set(ids)
    wanted = codes.split(",") if codes else None
    return {place.id for place in here.places.values() if wanted is None or place.code in wanted}


def identity(variant: Variant) -> Doc:
    return {"identity": {"sku": variant.sku, "variant_id": variant.id, "product_id": variant.product_id, "sku_id": variant.sku_id}}


def item_view(here: State, variant: Variant, wanted: set[int]) -> Doc:
    levels = [level for level in here.levels_of(variant.id) if level.place_id in wanted]
    return {**identity(variant), "locations": [level_view(here, level) for level in levels]}


def level_view(here: State, level: Level) -> Doc:
    place = here.places[level.place_id]
    return {
        "location_id": place.id,
        "location_code": place.code,
        "location_name": place.name,
        "available_to_sell": level.available,
        "total_inventory_onhand": level.on_hand,
        "location_enabled": place.enabled,
        "settings": {
            "safety_stock": level.safety_stock,
            "is_in_stock": level.available > 0,
            "warning_level": level.warning_level,
            "bin_picking_number": level.bin,
        },
    }


def place_view(place: Place) -> Doc:
    return {"id": place.id, "code": place.code, "label": place.name, "type_id": "PHYSICAL", "enabled": place.enabled}


@bp.get("/locations/<int:place_id>")
def place(place_id: int) -> Response:
    found = state().places.get(place_id)
    if found is None:
        raise not_found()
    return v3_one(place_view(found))
