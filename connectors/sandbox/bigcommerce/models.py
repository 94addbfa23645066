"""What a store holds: variants, stock by place, orders with products and addresses, shipments, refunds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Doc = dict[str, Any]
STATUSES = {
    0: "Incomplete", 1: "Pending", 2: "Shipped", 3: "Partially Shipped", 4: "Refunded", 5: "Cancelled", 6: "Declined", 7: "Awaiting Payment",
    8: "Awaiting Pickup", 9: "Awaiting Shipment", 10: "Completed", 11: "Awaiting Fulfillment", 12: "Manual Verification Required", 13: "Disputed",
    14: "Partially Refunded",
}  # fmt: skip


@dataclass
class Place:
    id: int
    code: str
    name: str
    enabled: bool = True


@dataclass
class Product:
    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    variant_ids: list[int] = field(default_factory=list)
    tracking: str = "variant"  # or "product", "none"
    visible: bool = True


@dataclass
class Variant:
    id: int
    product_id: int
    sku_id: int
    sku: str
    upc: str
    options: list[Doc]
    price: Decimal


@dataclass
class Level:
    """What one place has of a variant."""

    variant_id: int
    place_id: int
    on_hand: int = 0
    safety_stock: int = 0
    warning_level: int = 5
    bin: str = ""

    @property
    def available(self) -> int:
        return self.on_hand - self.safety_stock


@dataclass
class OrderProduct:
    """A line; its id is the order_product_id."""

    id: int
    product_id: int
    variant_id: int
    address_id: int
    name: str
    sku: str
    upc: str
    quantity: int
    price: Decimal
    kind: str = "physical"
    shipped: int = 0
    refunded: int = 0
    options: list[Doc] = field(default_factory=list)

    @property
    def to_ship(self) -> int:
        return max(0, self.quantity - self.refunded - self.shipped) if self.kind == "physical" else 0


@dataclass
class Shipment:
    id: int
    order_id: int
    created_at: datetime
    told: Doc  # tracking and carrier, as they were sent
    items: list[tuple[int, int]]  # (order product, units)


@dataclass
class Refund:
    id: int
    order_id: int
    created_at: datetime
    reason: str
    amount: Decimal
    items: list[Doc]


@dataclass
class Order:
    id: int
    status_id: int
    payment_status: str
    created_at: datetime
    modified_at: datetime
    currency: str
    products: list[OrderProduct]
    addresses: list[Doc]
    billing: Doc
    shipping: Decimal = Decimal(0)
    shipped_at: datetime | None = None
    refunded: Decimal = Decimal(0)
    channel_id: int = 1
    customer_id: int = 0
    payment_method: str = "Credit Card"
    external_source: str = ""
    external_order_id: str = ""
    staff_notes: str = ""
    customer_message: str = ""
    is_deleted: bool = False
    shipment_ids: list[int] = field(default_factory=list)
    refund_ids: list[int] = field(default_factory=list)

    @property
    def subtotal(self) -> Decimal:
        return sum((each.price * each.quantity for each in self.products), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.shipping

    def product(self, id: int) -> OrderProduct | None:
        return next((each for each in self.products if each.id == id), None)
