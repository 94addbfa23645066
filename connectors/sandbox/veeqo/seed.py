"""A demo account: two warehouses, three direct stores, four delivery methods, and the SKUs asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.sandbox.veeqo.catalogue import add_product, add_variant
from connectors.sandbox.veeqo.models import Json, Product
from connectors.sandbox.veeqo.reference import add_channel, add_delivery_method, add_tag, add_warehouse
from connectors.sandbox.veeqo.stock import set_level
from connectors.sandbox.veeqo.store import State

STAFF: Json = {"id": 78, "login": "Packer", "email": "packer@example.com"}
GOODS = {  # prefix: product, price
    "MUG": ("Mug", "25.00"),
    "TEE": ("T-Shirt", "18.50"),
    "CAP": ("Cap", "14.00"),
    "BAG": ("Tote Bag", "12.00"),
    "BTL": ("Water Bottle", "21.00"),
    "NBK": ("Notebook", "9.50"),
    "CND": ("Candle", "16.00"),
    "SCF": ("Scarf", "32.00"),
    "SOC": ("Socks", "8.00"),
    "APR": ("Apron", "27.50"),
}
COLOURS = {"BLU": "Blue", "RED": "Red", "GRN": "Green", "BLK": "Black", "WHT": "White", "YEL": "Yellow"}
WAREHOUSES = (
    {"name": "Leeds Main", "city": "Leeds", "country": "GB", "post_code": "LS1 1AA", "external_id": "LDS"},
    {"name": "Venlo EU", "city": "Venlo", "country": "NL", "post_code": "5928", "external_id": "VNL"},
)
CHANNELS = (
    {"name": "Commercetools UK", "short_name": "CT", "currency_code": "GBP", "type_code": "direct"},
    {"name": "Mirakl FR", "short_name": "MF", "currency_code": "EUR", "type_code": "direct"},
    {"name": "Trade Orders", "short_name": "TO", "currency_code": "GBP", "type_code": "direct"},
)
DELIVERY_METHODS = (("Standard", "3.95"), ("Express", "7.95"), ("International", "12.50"), ("Click and Collect", "0.0"))
TAGS = (("commercetools", "#009aed"), ("mirakl", "#300084"))


def demo_skus() -> list[Json]:
    """60 SKUs, MUG-BLU to APR-YEL; one of them sold out and one nearly so."""
    skus: list[Json] = []
    for prefix, (product, price) in GOODS.items():
        for code, colour in COLOURS.items():
            at = len(skus)
            skus.append({"sku": f"{prefix}-{code}", "product": product, "title": colour, "price": price, "stock": 40 + at * 7 % 60})
            skus[-1]["barcode"] = barcode(at)
    skus[-1]["stock"], skus[-2]["stock"] = 0, 2
    return skus


def barcode(at: int) -> str:
    """A valid EAN-13."""
    digits = f"50123456{at:04d}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


def seed_demo(here: State, *, skus: Iterable[Json] | None = None) -> Json:
    """Fill an empty account; what was made, by name, so that a mapping can be built from the answer."""
    warehouses = [add_warehouse(here, wanted) for wanted in WAREHOUSES]
    channels = []
    for wanted in CHANNELS:
        first = warehouses[1] if wanted["currency_code"] == "EUR" else warehouses[0]
        channels.append(add_channel(here, {**wanted, "default_warehouse_id": first["id"]}))
    methods = [add_delivery_method(here, {"name": name, "cost": cost}, by=STAFF) for name, cost in DELIVERY_METHODS]
    for name, colour in TAGS:
        add_tag(here, {"name": name, "colour": colour})
    made = add_skus(here, demo_skus() if skus is None else skus, at=here.now())
    return {
        "warehouses": {each["name"]: each["id"] for each in warehouses},
        "channels": {each["name"]: each["id"] for each in channels},
        "delivery_methods": {each["name"]: each["id"] for each in methods},
        "sellables": made,
    }


def add_skus(here: State, skus: Iterable[Json], *, at: datetime) -> dict[str, int]:
    """Products from rows of {sku, title, price, stock, barcode}; rows that share `product` become its variants.

    `stock` is a total, of which the first warehouse gets the larger half, or levels by warehouse name.
    """
    products: dict[str, Product] = {}
    made: dict[str, int] = {}
    names = {each["name"]: id for id, each in here.warehouses.items()}
    for row in skus:
        title = str(row.get("product") or row["title"])
        product = products.get(title) if row.get("product") else None
        if product is None:
            product = products[title] = add_product(here, title, at=at)
        variant = {"title": row["title"], "sku_code": row["sku"], "price": row["price"], "upc_code": row.get("barcode", "")}
        sellable = add_variant(here, product, variant, at=at)
        made[sellable.sku] = sellable.id
        stock = row.get("stock", 0)
        levels = {names[name]: int(units) for name, units in stock.items()} if isinstance(stock, dict) else halves(list(names.values()), int(stock))
        for warehouse_id, units in levels.items():
            set_level(here, here.entry(sellable.id, warehouse_id, at=at), at=at, physical=units)
    return made


def halves(warehouse_ids: list[int], units: int) -> dict[int, int]:
    """Two thirds in the first warehouse, the rest in the second."""
    if len(warehouse_ids) < 2:
        return dict.fromkeys(warehouse_ids, units)
    first = units - units // 3
    return {warehouse_ids[0]: first, warehouse_ids[1]: units - first}
