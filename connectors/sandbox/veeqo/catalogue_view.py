"""Products, variants and stock entries as the catalogue endpoints return them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.veeqo.answers import stamp
from connectors.sandbox.veeqo.models import Json, Product, Sellable, StockEntry
from connectors.sandbox.veeqo.store import State

SELLABLE_NULLS = ("deleted_at", "image_url", "customs_description", "hs_tariff_number", "origin_country")
EMPTY_LISTS = ("active_channels", "channel_sellables", "variant_option_specifics", "variant_property_specifics", "images", "reorders")
SELLABLE_DEFAULTS: Json = {
    "upc_code": "",
    "model_number": "",
    "cost_price": 0.0,
    "tax_rate": 20.0,
    "weight_grams": 0.0,
    "min_reorder_level": 0,
    "quantity_to_reorder": 0,
}
PRODUCT_DEFAULTS: Json = {
    "notes": "",
    "tax_rate": 0,
    "weight": 0,
    "hs_tariff_number": None,
    "origin_country": "GB",
    "requires_review": False,
    "hazmat": False,
    "brand": None,
    "description": "",
    "estimated_delivery": None,
}


def entry_view(state: State, entry: StockEntry) -> Json:
    warehouse = state.warehouses.get(entry.warehouse_id, {})
    return {
        "sellable_id": entry.sellable_id,
        "warehouse_id": entry.warehouse_id,
        "infinite": entry.infinite,
        "physical_stock_level": entry.physical,
        "allocated_stock_level": entry.allocated,
        "available_stock_level": entry.available,
        "incoming_stock_level": 0,
        "transit_outgoing_stock_level": 0,
        "transit_incoming_stock_level": 0,
        "stock_running_low": False,
        "sellable_on_hand_value": 0.0,
        "location": entry.location,
        "updated_at": stamp(entry.updated_at),
        "warehouse": {name: warehouse.get(name) for name in ("id", "name", "display_position")},
    }


def sellable_view(state: State, sellable: Sellable) -> Json:
    """A variant, as inside a product and inside every line of an order."""
    entries = list(state.stock[sellable.id].values()) if sellable.id in state.stock else []
    physical, allocated = sum(entry.physical for entry in entries), sum(entry.allocated for entry in entries)
    infinite = any(entry.infinite for entry in entries)
    price, own = float(sellable.price), sellable.own
    product = state.products.get(sellable.product_id)
    view: dict[str, Any] = {
        "id": sellable.id,
        "type": "ProductVariant",
        "title": sellable.title,
        "sellable_title": sellable.title,
        "product_title": product.title if product else None,
        "full_title": own["full_title"],
        "sku_code": sellable.sku,
        "price": price,
        "profit": price - own["cost_price"],
        "margin": round(100 * (price - own["cost_price"]) / price, 2) if price else 0.0,
        "weight": own["weight_grams"],
        "weight_unit": "g",
        "requires_review": False,
        "created_at": stamp(sellable.created_at),
        "updated_at": stamp(sellable.updated_at),
        "measurement_attributes": {"id": sellable.id, "width": 0.0, "height": 0.0, "depth": 0.0, "dimensions_unit": "cm"},
        "stock_level_at_all_warehouses": physical,
        "allocated_stock_level_at_all_warehouses": allocated,
        "available_stock_level_at_all_warehouses": physical - allocated,
        "inventory": inventory(physical, allocated, infinite=infinite),
        "stock_entries": [entry_view(state, entry) for entry in entries],
        "product": {"id": sellable.product_id, "title": product.title if product else None},
        "total_quantity_sold": 0,
        "on_hand_value": 0.0,
    }
    view |= {name: own[name] for name in SELLABLE_DEFAULTS}
    return view | dict.fromkeys(SELLABLE_NULLS) | {name: [] for name in EMPTY_LISTS}


def inventory(physical: int, allocated: int, *, infinite: bool) -> Json:
    return {
        "infinite": infinite,
        "physical_stock_level_at_all_warehouses": physical,
        "allocated_stock_level_at_all_warehouses": allocated,
        "available_stock_level_at_all_warehouses": physical - allocated,
        "incoming_stock_level_at_all_warehouses": 0,
        "transit_outgoing_stock_level_at_all_warehouses": 0,
        "transit_incoming_stock_level_at_all_warehouses": 0,
    }


def product_view(state: State, product: Product) -> Json:
    variants = [sellable_view(state, state.sellables[id]) for id in product.sellable_ids]
    physical = sum(variant["stock_level_at_all_warehouses"] for variant in variants)
    allocated = sum(variant["allocated_stock_level_at_all_warehouses"] for variant in variants)
    return {
        "id": product.id,
        "title": product.title,
        "created_at": stamp(product.created_at),
        "updated_at": stamp(product.updated_at),
        "deleted_at": None,
        **product.own,
        "tags": [],
        "total_quantity_sold": 0,
        "total_stock_level": physical,
        "total_allocated_stock_level": allocated,
        "total_available_stock_level": physical - allocated,
        "inventory": {"infinite": any(variant["inventory"]["infinite"] for variant in variants)},
        "on_hand_value": 0.0,
        "active_channels": [],
        "channel_products": [],
        "sellables": variants,
    }
