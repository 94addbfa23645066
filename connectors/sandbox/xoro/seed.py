"""A demo tenant: two ship-from stores, two sale stores, two customers, and the SKUs asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from connectors.sandbox.xoro.items import add_item, add_product
from connectors.sandbox.xoro.models import Json
from connectors.sandbox.xoro.stock import Txn, begin, listed_row, move
from connectors.sandbox.xoro.store import State

STORES = ("Main Warehouse", "West Warehouse")
SALE_STORES = ("Shopify US", "Wholesale US")
CUSTOMERS = ("Web Customers US", "Trade Customers US")
STYLES = {  # base part number: title, price, HS code
    "TEE": ("Tee", "19.50", "6109.10"),
    "HOOD": ("Hoodie", "48.00", "6110.20"),
    "CAP": ("Cap", "14.00", "6505.00"),
    "BELT": ("Belt", "27.00", "4203.30"),
}
COLOURS = {"BLK": "black", "WHT": "white", "NVY": "navy"}
SIZES = ("S", "M", "L")
# What real item lists hold: two items with one UPC, a UPC that lost its leading zero, an item with no row in the second store.
DAMAGED: tuple[Json, ...] = (
    {"sku": "TEE-RED-M", "product": "TEE", "title": "Tee red M", "price": "19.50", "stock": 12, "barcode": "081234500017"},
    {"sku": "TEE-RED-L", "product": "TEE", "title": "Tee red L", "price": "19.50", "stock": 9, "barcode": "81234599008"},
    {"sku": "CAP-RED-S", "product": "CAP", "title": "Cap red S", "price": "14.00", "stock": {"Main Warehouse": 6}, "barcode": "081234599015"},
)


def demo_skus() -> list[Json]:
    """36 SKUs, TEE-BLK-S to BELT-NVY-L; one sold out and one nearly so."""
    skus: list[Json] = []
    for base, (title, price, code) in STYLES.items():
        for colour, name in COLOURS.items():
            for size in SIZES:
                at = len(skus)
                row = {"sku": f"{base}-{colour}-{size}", "product": base, "title": f"{title} {name} {size}", "price": price, "hs_code": code}
                skus.append(row | {"stock": 40 + at * 7 % 60, "barcode": upc(at), "option1": colour, "option2": size})
    skus[1]["barcode"] = "081234500017"
    skus[-1]["stock"], skus[-2]["stock"] = 0, 2
    return skus


def upc(at: int) -> str:
    """A valid UPC-A with a leading zero."""
    digits = f"0812346{at:04d}"
    weighed = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


def seed_demo(here: State, *, skus: Iterable[Json] | None = None, damaged: bool | None = None) -> Json:
    """Fill an empty tenant; what was made, by name, so that a mapping can be built from the answer.

    The damaged items come with the demo's own SKUs, or when asked for.
    """
    for name in STORES:
        here.stores[name] = here.next_id("store")
    here.sale_stores += SALE_STORES
    for name in CUSTOMERS:
        here.customers[name] = here.next_id("customer")
    rows = list(demo_skus() if skus is None else skus)
    if damaged or (damaged is None and skus is None):
        rows += DAMAGED
    made = add_skus(here, rows, at=here.now())
    return {"stores": here.stores, "sale_stores": here.sale_stores, "customers": here.customers, "carriers": here.carriers, "items": made}


def add_skus(here: State, skus: Iterable[Json], *, at: datetime) -> dict[str, int]:
    """Items from rows of {sku, title, price, stock, barcode}; rows that share `product` become variants of one style.

    `stock` is a total, of which the first store gets the larger part, or levels by store name.
    """
    made: dict[str, int] = {}
    txn = begin(here, "adjustment", "opening stock")
    for row in skus:
        base = str(row.get("product") or row["sku"])
        product_id = here.by_base.get(base)
        product = here.products[product_id] if product_id else add_product(here, base, str(row.get("title") or base))
        item = add_item(here, product, vendor_fields(row), price=Decimal(str(row.get("price", 0))), at=at)
        made[item.number] = item.id
        put_stock(here, item.id, row.get("stock", 0), txn=txn)
    return made


def vendor_fields(row: Json) -> dict[str, str]:
    names = {"sku": "ItemNumber", "barcode": "UPC", "title": "Description", "option1": "Option1Value", "option2": "Option2Value", "hs_code": "HSCode"}
    return {"CooCodeIso2": "PT"} | {field: str(row[name]) for name, field in names.items() if row.get(name) is not None}


def put_stock(here: State, item_id: int, stock: int | dict[str, int], *, txn: Txn) -> None:
    levels = stock if isinstance(stock, dict) else shares(list(here.stores), int(stock))
    for name, units in levels.items():
        move(here, listed_row(here, item_id, here.stores[name]), txn=txn, on_hand=int(units))


def shares(stores: list[str], units: int) -> dict[str, int]:
    """Two thirds in the first store, the rest in the second."""
    if len(stores) < 2:
        return dict.fromkeys(stores, units)
    rest = units // 3
    return {stores[0]: units - rest, stores[1]: rest}
