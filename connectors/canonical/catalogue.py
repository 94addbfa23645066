"""A thing that can be sold, as one system's catalogue lists it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Variant:
    """One SKU. `reference` is that system's id of the variant, which stays when somebody edits the SKU; `tax_rate` a fraction."""

    reference: str
    product_reference: str
    sku: str
    version: str
    title: str = ""
    barcode: str = ""
    price: Decimal | None = None
    currency: str = ""
    tax_rate: Decimal | None = None
    weight_g: int | None = None
    active: bool = True
    pack_size: int = 1
    changed_at: datetime | None = None
    deleted: bool = False
