"""A demo shop: sixty offers of one household brand, one sold out and one nearly so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from connectors.sandbox.mirakl.models import Json, Offer
from connectors.sandbox.mirakl.store import Shop, State

GOODS = {  # prefix: product, price, category
    "MUG": ("Mug", "25.00", ("HOME-MUG", "Mugs")),
    "TEE": ("T-Shirt", "18.50", ("WEAR-TEE", "T-shirts")),
    "CAP": ("Cap", "14.00", ("WEAR-CAP", "Caps")),
    "BAG": ("Tote Bag", "12.00", ("WEAR-BAG", "Bags")),
    "BTL": ("Water Bottle", "21.00", ("HOME-BTL", "Bottles")),
    "NBK": ("Notebook", "9.50", ("DESK-NBK", "Notebooks")),
    "CND": ("Candle", "16.00", ("HOME-CND", "Candles")),
    "SCF": ("Scarf", "32.00", ("WEAR-SCF", "Scarves")),
    "SOC": ("Socks", "8.00", ("WEAR-SOC", "Socks")),
    "APR": ("Apron", "27.50", ("HOME-APR", "Aprons")),
}
COLOURS = {"BLU": "Blue", "RED": "Red", "GRN": "Green", "BLK": "Black", "WHT": "White", "YEL": "Yellow"}


def demo_skus() -> list[Json]:
    """MUG-BLU to APR-YEL."""
    skus: list[Json] = []
    for prefix, (product, price, category) in GOODS.items():
        for code, colour in COLOURS.items():
            at = len(skus)
            row: Json = {"sku": f"{prefix}-{code}", "title": f"{product} {colour.lower()}", "price": price, "stock": 40 + at * 7 % 60}
            skus.append(row | {"category": category, "barcode": barcode(at)})
    skus[-1]["stock"], skus[-2]["stock"] = 0, 2
    return skus


def barcode(at: int) -> str:
    """A valid EAN-13."""
    digits = f"50123456{at:04d}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


def add_offers(here: State, mine: Shop, skus: Iterable[Json], *, at: datetime) -> dict[str, int]:
    """Offers from rows of {sku, title, price, stock, barcode}; a SKU that is there already is set again. Their ids."""
    made: dict[str, int] = {}
    for row in skus:
        sku = str(row["sku"])
        offer = mine.by_sku.get(sku)
        if offer is None:
            id = here.next_id("offer")
            product = str(row.get("product_sku") or f"P{id:06d}")
            offer = Offer(id, sku, product, str(row.get("title") or sku), str(row.get("barcode") or ""), Decimal(str(row.get("price", "10"))), at, at)
            mine.offers[id] = mine.by_sku[sku] = offer
        offer.quantity = int(row.get("stock", 0))
        offer.category = tuple(row.get("category", offer.category))
        made[sku] = offer.id
    return made
