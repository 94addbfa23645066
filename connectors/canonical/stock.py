"""Stock of one SKU at one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class StockLevel:
    """Units. `available` is what may be sold by that system's own reckoning; `infinite`: never runs out.

    `reference` is the id the vendor uses to write this level (an inventory entry, "sellable/warehouse"); `version` where it has one.
    """

    sku: str
    warehouse_code: str
    available: int
    on_hand: int | None = None
    allocated: int | None = None
    incoming: int | None = None
    infinite: bool = False
    changed_at: datetime | None = None
    reference: str = ""
    version: str = ""
