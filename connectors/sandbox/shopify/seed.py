"""A demo shop: two places, four styles with nine variants each, and what real catalogues also hold."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from connectors.sandbox.shopify.models import Doc, Level, Location, Product, Variant
from connectors.sandbox.shopify.store import State

LOCATIONS = ("Atlanta Warehouse", "Reno Warehouse")
STYLES = {"TEE": ("Tee", "19.50"), "HOOD": ("Hoodie", "48.00"), "CAP": ("Cap", "14.00"), "BELT": ("Belt", "27.00")}
COLOURS = {"BLK": "Black", "WHT": "White", "NVY": "Navy"}
SIZES = ("S", "M", "L")
# No SKU at all, and one SKU for two variants.
DAMAGED: tuple[Doc, ...] = (
    {"sku": None, "product": "TEE", "title": "Tee", "variant": "Red / M", "price": "19.50", "stock": 5},
    {"sku": "CAP-BLK-S", "product": "CAP", "title": "Cap", "variant": "Black / S (old)", "price": "14.00", "stock": 3},
)


def demo_skus() -> list[Doc]:
    """36 SKUs, TEE-BLK-S to BELT-NVY-L; the last is sold out."""
    rows: list[Doc] = []
    for base, (title, price) in STYLES.items():
        for colour, name in COLOURS.items():
            for size in SIZES:
                at = len(rows)
                row = {"sku": f"{base}-{colour}-{size}", "product": base, "title": title, "variant": f"{name} / {size}", "price": price}
                rows.append(row | {"stock": 40 + at * 7 % 60, "barcode": f"0812345{at:05d}"})
    rows[-1]["stock"] = 0
    return rows


def seed_demo(here: State, *, skus: Iterable[Doc] | None = None, locations: Iterable[str] | None = None, damaged: bool | None = None) -> Doc:
    """Fill an empty shop; what was made, by name."""
    for name in locations or LOCATIONS:
        add_location(here, name)
    rows = list(demo_skus() if skus is None else skus)
    if damaged or (damaged is None and skus is None):
        rows += DAMAGED
    made = add_skus(here, rows)
    return {"locations": {place.name: place.id for place in here.locations.values()}, "variants": made}


def add_location(here: State, name: str) -> Location:
    made = Location(here.next_id("location"), name)
    here.locations[made.id] = made
    return made


def add_skus(here: State, rows: Iterable[Doc]) -> dict[str, int]:
    """Variants from rows of {sku, title, price, stock, barcode, product, variant}; rows of one `product` share it.

    `stock` is a total, all of it at the first place, or levels by the name of the place.
    """
    at, made = here.now(), {}
    products: dict[str, Product] = {}
    for row in rows:
        base = str(row.get("product") or row["sku"])
        if base not in products:
            products[base] = Product(here.next_id("product"), str(row.get("title") or base), at, at)
            here.products[products[base].id] = products[base]
        product = products[base]
        variant = Variant(
            here.next_id("variant"), product.id, here.next_id("item"), None, row.get("barcode"), str(row.get("variant") or "Default Title"),
            Decimal(str(row.get("price", 0))), at, at,
        )  # fmt: skip
        here.variants[variant.id] = variant
        here.variant_of_item[variant.item_id] = variant.id
        here.rename(variant, row["sku"])
        product.variant_ids.append(variant.id)
        put_stock(here, variant, row.get("stock", 0))
        here.touch(variant, at=at)
        here.touch(product, at=at)
        made[str(row["sku"])] = variant.id
    return made


def put_stock(here: State, variant: Variant, stock: int | dict[str, int]) -> None:
    """A level at each place; a place that is not named has none of it, and is not stocked when levels are by name."""
    names = {place.name: place.id for place in here.locations.values()}
    levels = stock if isinstance(stock, dict) else {name: int(stock) if at == 0 else 0 for at, name in enumerate(names)}
    for name, units in levels.items():
        level = Level(variant.item_id, names[name], here.now())
        level.set("available", int(units))
        here.levels[variant.item_id, names[name]] = level
        here.touch_level(level, at=here.now())
