"""What a shop holds: products, stock by place, orders with their fulfilment orders, fulfilments, refunds and returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Doc = dict[str, Any]
STOCK_NAMES = ("available", "committed", "on_hand", "incoming", "reserved", "damaged", "safety_stock", "quality_control")
OUTSIDE_AVAILABLE = ("committed", "reserved", "damaged", "safety_stock", "quality_control")  # on hand = available and these


@dataclass
class Location:
    id: int
    name: str
    active: bool = True


@dataclass
class Product:
    id: int
    title: str
    updated_at: datetime
    created_at: datetime
    variant_ids: list[int] = field(default_factory=list)
    status: str = "ACTIVE"


@dataclass
class Variant:
    """A variant and, one to one, its inventory item."""

    id: int
    product_id: int
    item_id: int
    sku: str | None
    barcode: str | None
    title: str
    price: Decimal
    created_at: datetime
    updated_at: datetime
    tracked: bool = True


@dataclass
class Level:
    """What one place has of an inventory item."""

    item_id: int
    location_id: int
    updated_at: datetime
    units: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STOCK_NAMES, 0))

    def set(self, name: str, units: int) -> int:
        """Put one quantity to a value; on hand follows, or available when on hand is counted. The difference."""
        delta = units - self.units[name]
        self.units[name] = units
        if name == "on_hand":
            self.units["available"] += delta
        elif name == "available" or name in OUTSIDE_AVAILABLE:
            self.units["on_hand"] += delta
        return delta


@dataclass
class Line:
    id: int
    variant_id: int | None
    sku: str | None
    title: str
    quantity: int
    price: Decimal
    current: int
    fulfilled: int = 0
    requires_shipping: bool = True

    @property
    def unfulfilled(self) -> int:
        return max(0, self.current - self.fulfilled)


@dataclass
class FulfilmentLine:
    """A line of a fulfilment order."""

    id: int
    line_id: int
    total: int
    remaining: int


@dataclass
class FulfilmentOrder:
    """What one place is asked to send of an order."""

    id: int
    order_id: int
    location_id: int
    created_at: datetime
    updated_at: datetime
    lines: list[FulfilmentLine] = field(default_factory=list)
    status: str = "OPEN"
    hold_reason: str = ""


@dataclass
class Tracking:
    number: str | None
    company: str | None
    url: str | None


@dataclass
class Fulfilment:
    """What was sent: a parcel, or several under one fulfilment."""

    id: int
    order_id: int
    fulfilment_order_ids: list[int]
    location_id: int
    created_at: datetime
    updated_at: datetime
    lines: list[tuple[int, int, int]]  # (own id, order line, units)
    tracking: list[Tracking] = field(default_factory=list)
    status: str = "SUCCESS"
    notified: bool = False
    taken: list[tuple[int, int]] = field(default_factory=list)  # (fulfilment order line, units), to give back on cancel


@dataclass
class RefundLine:
    id: int
    line_id: int
    quantity: int
    restock_type: str
    location_id: int | None
    subtotal: Decimal


@dataclass
class Refund:
    id: int
    order_id: int
    created_at: datetime
    note: str
    lines: list[RefundLine]
    amount: Decimal
    return_id: int | None = None


@dataclass
class Return:
    id: int
    order_id: int
    name: str
    status: str
    created_at: datetime
    lines: list[tuple[int, int, int, str]]  # (own id, order line, units, reason)


@dataclass
class Order:
    id: int
    name: str
    number: int
    created_at: datetime
    updated_at: datetime
    currency: str
    lines: list[Line]
    address: Doc | None
    customer: Doc
    financial: str = "PAID"
    shipping: Decimal = Decimal("0.00")
    shipping_title: str = "Standard"
    source: str = "web"
    note: str | None = None
    tags: list[str] = field(default_factory=list)
    po_number: str | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    closed_at: datetime | None = None
    fulfilment_order_ids: list[int] = field(default_factory=list)
    fulfilment_ids: list[int] = field(default_factory=list)
    refund_ids: list[int] = field(default_factory=list)
    return_ids: list[int] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((line.price * line.quantity for line in self.lines), self.shipping)

    @property
    def current_total(self) -> Decimal:
        return sum((line.price * line.current for line in self.lines), self.shipping)

    def line(self, id: int) -> Line:
        return next(line for line in self.lines if line.id == id)
