"""The things a Xoro tenant holds that move: items, stock, sales orders, waves, confirmations, invoices, credit memos."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Item:
    """One variant of a product; `own` holds the plain fields that people write, under the vendor's names."""

    id: int
    product_id: int
    number: str
    upc: str
    description: str
    price: Decimal
    created_at: datetime
    updated_at: datetime
    own: Json = field(default_factory=dict)


@dataclass(slots=True)
class Product:
    """A style."""

    id: int
    base: str
    title: str
    item_ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class StockRow:
    """What one store has of one item. A row that is not `listed` only counts demand: the vendor shows none."""

    item_id: int
    store_id: int
    on_hand: int = 0
    allocated: int = 0
    not_available: int = 0
    on_so: int = 0
    on_po: int = 0
    on_po_draft: int = 0
    on_asn: int = 0
    listed: bool = False

    @property
    def available(self) -> int:
        return self.on_hand - self.allocated - self.not_available

    @property
    def ats(self) -> int:
        """Available to sell: less the ordered units that are not allocated yet."""
        return self.available - (self.on_so - self.allocated)


@dataclass(slots=True)
class Line:
    """One line of a sales order."""

    id: int
    item_id: int
    qty: int
    price: Decimal
    ref: str = ""
    identifier: int = 1
    shipped: int = 0
    cancelled: int = 0
    allocated: int = 0
    own: Json = field(default_factory=dict)

    @property
    def open(self) -> int:
        return self.qty - self.shipped - self.cancelled


@dataclass(slots=True)
class Order:
    """A sales order; its status is derived (see lifecycle). `header` holds what was given, under the vendor's names."""

    id: int
    number: str
    store_id: int
    header: Json
    lines: list[Line]
    created_at: datetime
    updated_at: datetime
    status: str = ""
    released: bool = False
    cancelled: bool = False
    closed: bool = False
    invoiced: bool = False
    wave_ids: list[int] = field(default_factory=list)
    confirmations: list[Confirmation] = field(default_factory=list)


@dataclass(slots=True)
class WaveLine:
    """Units of one order line reserved on a wave; `closed` units were given back unshipped."""

    order_id: int
    line_id: int
    item_id: int
    qty: int
    shipped: int = 0
    closed: int = 0

    @property
    def open(self) -> int:
        return self.qty - self.shipped - self.closed


@dataclass(slots=True)
class Wave:
    """A pick batch of one store."""

    id: int
    number: str
    store_id: int
    created_at: datetime
    locked: bool = False
    status: str = ""
    order_ids: list[int] = field(default_factory=list)
    lines: list[WaveLine] = field(default_factory=list)


@dataclass(slots=True)
class Confirmation:
    """One shipment confirmation as it was accepted; `packages` are tracking number and units by item number."""

    wave_number: str
    order_number: str
    ship_date: datetime
    carrier: str
    service: str
    cost: Decimal
    final: bool
    packages: list[Json]
    at: datetime


@dataclass(slots=True)
class Invoice:
    """The bill that follows a shipment; `units` by line id."""

    id: int
    number: str
    order_id: int
    units: dict[int, int]
    tracking: list[str]
    created_at: datetime
    status: str = "Open"


@dataclass(slots=True)
class CreditMemo:
    """A credit memo; header and lines as imported."""

    id: int
    number: str
    header: Json
    lines: list[Json]
    created_at: datetime
    status: str = "Open"


@dataclass(slots=True)
class Inbound:
    """A purchase order or an advance shipping notice (ASN); `units` by item id."""

    id: int
    number: str
    store_id: int
    units: dict[int, int]
    expected_at: datetime
    created_at: datetime
    draft: bool = False
    received: bool = False
