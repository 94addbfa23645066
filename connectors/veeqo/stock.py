"""Stock and variants out of Veeqo's products. Available is physical less allocated, and may be negative.

https://developers.veeqo.com
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.canonical import StockLevel, Variant
from connectors.errors import ContractError
from connectors.reading import decimal, moment_or_none, need, text, whole
from connectors.veeqo.dates import stamp
from connectors.veeqo.shipments import part, rows_of


def parse_stock(product: Mapping[str, Any]) -> tuple[StockLevel, ...]:
    """One level for each variant and warehouse. Without a SKU there is nothing to sell by; a variant never stocked has no entries."""
    need(product, "id", what="Veeqo product")
    return tuple(level for variant in rows_of(product, "sellables") for level in levels_of(variant, product=product))


def levels_of(variant: Mapping[str, Any], *, product: Mapping[str, Any]) -> Iterator[StockLevel]:
    sku = text(variant.get("sku_code"))
    if not sku:
        return
    deleted = bool(product.get("deleted_at") or variant.get("deleted_at"))
    for entry in rows_of(variant, "stock_entries"):
        yield parse_entry(entry, sku=sku, sellable=text(variant.get("id")), deleted=deleted)


def parse_entry(entry: Mapping[str, Any], *, sku: str, sellable: str, deleted: bool = False) -> StockLevel:
    what = f"stock of {sku}"
    warehouse = text(entry.get("warehouse_id")) or text(part(entry, "warehouse").get("id"))
    physical, allocated = level(entry, "physical_stock_level", what=what), level(entry, "allocated_stock_level", what=what)
    available = level(entry, "available_stock_level", what=what)
    infinite = entry.get("infinite") is True and not deleted
    if available is None and physical is not None:
        available = physical - (allocated or 0)
    if available is None and not infinite:
        raise ContractError(f"The {what} at warehouse {warehouse} has no available_stock_level.")
    changed_at = moment_or_none(entry.get("updated_at"), what=f"time of the {what}")
    return StockLevel(
        sku=sku,
        warehouse_code=warehouse,
        available=0 if deleted else available or 0,
        on_hand=physical,
        allocated=allocated,
        incoming=level(entry, "incoming_stock_level", what=what),
        infinite=infinite,
        changed_at=changed_at,
        reference=f"{sellable}/{warehouse}",
        version=stamp(changed_at) if changed_at else "",
    )


def level(entry: Mapping[str, Any], name: str, *, what: str) -> int | None:
    return None if entry.get(name) is None else whole(entry[name], what=f"{name} in the {what}")


def parse_variants(product: Mapping[str, Any]) -> tuple[Variant, ...]:
    need(product, "id", what="Veeqo product")
    return tuple(parse_variant(variant, product=product) for variant in rows_of(product, "sellables") if text(variant.get("id")))


def parse_variant(variant: Mapping[str, Any], *, product: Mapping[str, Any]) -> Variant:
    """A variant; its `tax_rate` is a percentage here (20.0), unlike that of an order's line."""
    deleted = bool(product.get("deleted_at") or variant.get("deleted_at"))
    changed_at = last_change(product, variant)
    percent = optional(variant.get("tax_rate"))
    return Variant(
        reference=text(variant.get("id")),
        product_reference=text(product.get("id")),
        sku=text(variant.get("sku_code")),
        version=stamp(changed_at) if changed_at else "",
        title=title_of(variant, product=product),
        barcode=text(variant.get("upc_code")),
        price=optional(variant.get("price")),
        tax_rate=percent / 100 if percent is not None else None,
        weight_g=grams(optional(variant.get("weight_grams"))),
        active=not deleted,
        changed_at=changed_at,
        deleted=deleted,
    )


def title_of(variant: Mapping[str, Any], *, product: Mapping[str, Any]) -> str:
    parts = (text(product.get("title")) or text(variant.get("product_title")), text(variant.get("sellable_title")) or text(variant.get("title")))
    return text(variant.get("full_title")) or " ".join(word for word in parts if word)


def last_change(product: Mapping[str, Any], variant: Mapping[str, Any]) -> datetime | None:
    times = [moment_or_none(each.get("updated_at"), what="time of change of a product") for each in (product, variant)]
    return max((time for time in times if time is not None), default=None)


def optional(value: Any) -> Decimal | None:
    """A number people may have left out or filled with anything."""
    try:
        return decimal(value, what="number")
    except ContractError:
        return None


def grams(weight: Decimal | None) -> int | None:
    return int(weight.quantize(Decimal(1), rounding=ROUND_HALF_UP)) or None if weight is not None else None
