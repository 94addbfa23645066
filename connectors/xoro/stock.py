"""Stock rows and items → StockLevel and Variant. A figure that is not told is never a zero.

https://docs.xorosoft.com
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.canonical import Received, StockLevel, Variant
from connectors.errors import ContractError
from connectors.reading import decimal, dump, need, text, whole
from connectors.xoro.envelope import Row
from connectors.xoro.settings import Settings

STOCK, CATALOGUE = "stock", "catalogue"
STOCK_FIELDS = (
    *("ItemId", "ItemNumber", "ItemUpc", "BasePartNumber", "StoreId", "StoreName", "OnHandQty", "AvailableQty"),
    *("AllocatedQty", "NotAvailableQty", "NetAvailable", "ATSQty", "QtyOnPO"),
)
ITEM_FIELDS = ("ItemNumber", "Description", "ItemUpc", "StandardUnitPrice", "BasePartNumber")


def take_stock(row: Row) -> Received:
    body = {name: row[name] for name in STOCK_FIELDS if name in row}
    place = f"{text(row.get('ItemNumber')) or text(row.get('ItemId'))}/{text(row.get('StoreName')) or text(row.get('StoreId'))}"
    return Received(STOCK, f"{place}@{digest(body)}", place, dump(body))


def take_item(row: Row) -> Received:
    body = {name: row[name] for name in ITEM_FIELDS if name in row}
    number = text(row.get("ItemNumber"))
    return Received(CATALOGUE, f"{number}@{digest(body)}", number, dump(body))


def digest(body: Row) -> str:
    return hashlib.sha256(dump(body)).hexdigest()[:16]


def parse_stock(row: Mapping[str, Any], settings: Settings) -> tuple[StockLevel, ...]:
    """The level of one item in one store; none where the connection goes by UPC and the item has none."""
    number, store = text(need(row, "ItemNumber", what="Xoro stock row")), text(row.get("StoreName"))
    what, field = f"stock of {number} in {store or 'a store'}", settings.text("available_from")
    if not store:
        raise ContractError(f"Xoro does not say the store of the {what}.")
    available = figure(row, field, what=what)
    if available is None:
        raise ContractError(f"Xoro does not say {field} in the {what}. An unknown level is not taken for zero.")
    sku = text(row.get("ItemUpc")) if settings.by_upc else number
    if not sku:
        return ()
    return (
        StockLevel(
            sku=sku,
            warehouse_code=store,
            available=available,
            on_hand=figure(row, "OnHandQty", what=what),
            allocated=figure(row, "AllocatedQty", what=what),
            incoming=figure(row, "QtyOnPO", what=what),
            reference=f"{number}/{store}",
        ),
    )


def figure(row: Mapping[str, Any], name: str, *, what: str) -> int | None:
    value = row.get(name)
    return None if value is None or value == "" else whole(value, what=f"{name} in the {what}")


def parse_item(row: Mapping[str, Any], settings: Settings) -> tuple[Variant, ...]:
    number = text(need(row, "ItemNumber", what="Xoro item"))
    code = text(row.get("ItemUpc"))
    sku = code if settings.by_upc else number
    return (
        Variant(
            reference=number,
            product_reference=text(row.get("BasePartNumber")),
            sku=sku,
            version="",
            title=text(row.get("Description")),
            barcode=code,
            price=price_of(row.get("StandardUnitPrice")),
        ),
    )


def price_of(value: Any) -> Decimal | None:
    """A price people may have left out."""
    try:
        return decimal(value, what="price")
    except ContractError:
        return None
