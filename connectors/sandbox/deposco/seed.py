"""A demo tenant: one company, two facilities, and the SKUs asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from connectors.sandbox.deposco import oauth, stock
from connectors.sandbox.deposco.credentials import COMPANY, FACILITIES
from connectors.sandbox.deposco.items import add_item, put_pack
from connectors.sandbox.deposco.models import Item, Json
from connectors.sandbox.deposco.reference import add_company, add_facility
from connectors.sandbox.deposco.store import State

GOODS = {"MUG": ("Mug", 25.0), "TEE": ("T-Shirt", 18.5), "CAP": ("Cap", 14.0), "BAG": ("Tote Bag", 12.0), "BTL": ("Water Bottle", 21.0)}
GOODS |= {"NBK": ("Notebook", 9.5), "CND": ("Candle", 16.0), "SCF": ("Scarf", 32.0), "SOC": ("Socks", 8.0), "APR": ("Apron", 27.5)}
COLOURS = {"BLU": "Blue", "RED": "Red", "GRN": "Green", "BLK": "Black", "WHT": "White", "YEL": "Yellow"}
CASED = ("MUG", "SOC", "NBK")  # these are also sold by the dozen


def found_tenant(here: State) -> None:
    """An empty tenant: its company, its facilities, and the installed app."""
    add_company(here, COMPANY)
    for number, name in FACILITIES.items():
        add_facility(here, number, name=name)
    oauth.install(here)


def demo_skus() -> list[Json]:
    """60 SKUs, MUG-BLU to APR-YEL; one of them sold out and one nearly so."""
    skus: list[Json] = []
    for prefix, (product, price) in GOODS.items():
        for code, colour in COLOURS.items():
            at = len(skus)
            packs = {"Case": 12} if prefix in CASED else {}
            row = {"sku": f"{prefix}-{code}", "title": f"{product} {colour}", "price": price, "stock": 40 + at * 7 % 60, "packs": packs}
            skus.append(row | {"barcode": f"08123450{at:04d}"})
    skus[-1]["stock"], skus[-2]["stock"] = 0, 2
    return skus


def seed_demo(here: State, *, skus: Iterable[Json] | None = None) -> Json:
    """Fill a tenant; what was made, by name, so that a mapping can be built from the answer."""
    made = add_skus(here, demo_skus() if skus is None else skus, at=here.now())
    return {"company": COMPANY, "facilities": {name: each["id"] for name, each in here.facilities.items()}, "items": made}


def add_skus(here: State, skus: Iterable[Json], *, at: datetime) -> dict[str, int]:
    """Items from rows of {sku, title, price, stock, barcode, packs, company}: each comes as Each x 1, and in `packs` besides.

    `stock` is levels by facility, or a total of which the first facility gets the larger half.
    """
    made: dict[str, int] = {}
    for row in skus:
        own = {"name": str(row.get("title") or row["sku"]), "unitPrice": float(row.get("price") or 0)}
        item = add_item(here, str(row.get("company") or COMPANY), str(row["sku"]), at=at, own=own)
        put_pack(here, item, type="Each", quantity=1, upcs=[str(row["barcode"])] if row.get("barcode") else [])
        for type, quantity in (row.get("packs") or {}).items():
            put_pack(here, item, type=str(type), quantity=int(quantity), upcs=[])
        put_stock(here, item, row.get("stock", 0), at=at)
        made[item.number] = item.id
    return made


def put_stock(here: State, item: Item, wanted: Any, *, at: datetime) -> None:
    levels = wanted if isinstance(wanted, dict) else halves(list(here.facilities), int(wanted))
    unknown = sorted(set(levels) - set(here.facilities))
    if unknown:
        raise ValueError(f"no such facility: {', '.join(unknown)}")
    for facility, units in levels.items():
        stock.shift(here, item.id, facility, at=at, on_hand=int(units))


def halves(facilities: list[str], units: int) -> dict[str, int]:
    """Two thirds at the first facility, the rest at the second."""
    if len(facilities) < 2:
        return dict.fromkeys(facilities, units)
    first = units - units // 3
    return {facilities[0]: first, facilities[1]: units - first}
