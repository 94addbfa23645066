"""A demo store: one place, four products with nine variants each, and what real catalogues also hold."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from connectors.sandbox.bigcommerce.models import Doc, Level, Place, Product, Variant
from connectors.sandbox.bigcommerce.store import State

PLACES = ("Default location",)
STYLES = {"TEE": ("Tee", "19.50"), "HOOD": ("Hoodie", "48.00"), "CAP": ("Cap", "14.00"), "BELT": ("Belt", "27.00")}
COLOURS = {"BLK": "Black", "WHT": "White", "NVY": "Navy"}
SIZES = ("S", "M", "L")
# A variant without a SKU, and a product whose stock is counted as one.
DAMAGED: tuple[Doc, ...] = (
    {"sku": "", "product": "TEE", "title": "Tee", "price": "19.50", "stock": 5, "options": {"Size": "XL"}},
    {"sku": "MUG-1", "product": "MUG", "title": "Mug", "price": "9.00", "stock": 30, "tracking": "product"},
)


def demo_skus() -> list[Doc]:
    """36 SKUs, TEE-BLK-S to BELT-NVY-L; the last is sold out."""
    rows: list[Doc] = []
    for base, (title, price) in STYLES.items():
        for colour, name in COLOURS.items():
            for size in SIZES:
                at = len(rows)
                row = {"sku": f"{base}-{colour}-{size}", "product": base, "title": title, "price": price, "barcode": f"0812345{at:05d}"}
                rows.append(row | {"stock": 40 + at * 7 % 60, "options": {"Colour": name, "Size": size}})
    rows[-1]["stock"] = 0
    return rows


def seed_demo(here: State, *, skus: Iterable[Doc] | None = None, locations: Iterable[str] | None = None, damaged: bool | None = None) -> Doc:
    """Fill an empty store; what was made, by name."""
    for name in locations or PLACES:
        id = here.next_id("place")
        here.places[id] = Place(id, f"BC-LOCATION-{id}", name)
    rows = list(demo_skus() if skus is None else skus)
    if damaged or (damaged is None and skus is None):
        rows += DAMAGED
    return {"locations": {place.name: place.id for place in here.places.values()}, "variants": add_skus(here, rows)}


def add_skus(here: State, rows: Iterable[Doc]) -> dict[str, int]:
    """Variants from rows of {sku, title, price, stock, barcode, product, options, tracking}; rows of one `product` share it."""
    at, made = here.now(), {}
    products: dict[str, Product] = {}
    for row in rows:
        base = str(row.get("product") or row["sku"])
        if base not in products:
            products[base] = Product(here.next_id("product"), str(row.get("title") or base), at, at, tracking=str(row.get("tracking", "variant")))
            here.products[products[base].id] = products[base]
        product = products[base]
        options = [{"display_name": name, "display_value": value} for name, value in (row.get("options") or {}).items()]
        variant = Variant(
            here.next_id("variant"), product.id, here.next_id("sku"), "", str(row.get("barcode") or ""), options, Decimal(str(row.get("price", 0)))
        )  # fmt: skip
        here.variants[variant.id] = variant
        here.rename(variant, str(row["sku"]))
        product.variant_ids.append(variant.id)
        put_stock(here, variant, row.get("stock", 0))
        made[str(row["sku"])] = variant.id
    return made


def put_stock(here: State, variant: Variant, stock: int | dict[str, int]) -> None:
    """All of it at the first place, or levels by the name of the place."""
    names = {place.name: place.id for place in here.places.values()}
    levels = stock if isinstance(stock, dict) else {name: int(stock) if at == 0 else 0 for at, name in enumerate(names)}
    for name, units in levels.items():
        here.levels[variant.id, names[name]] = Level(variant.id, names[name], on_hand=int(units))
