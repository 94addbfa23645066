"""The things a Veeqo account holds that move: orders, allocations, shipments, variants, stock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Line:
    """One line of an order; `refunded` units no longer need stock."""

    id: int
    sellable_id: int
    quantity: int
    price: Decimal
    tax_rate: Decimal
    discount: Decimal
    options: Any
    created_at: datetime
    updated_at: datetime
    refunded: int = 0

    @property
    def needed(self) -> int:
        return max(0, self.quantity - self.refunded)


@dataclass(slots=True)
class Shipment:
    """A shipped allocation; `tracking` stays None until a number is known."""

    id: int
    allocation_id: int
    order_id: int
    carrier_id: int
    shipped_by: Json
    created_at: datetime
    updated_at: datetime
    notify_customer: bool = False
    update_remote_order: bool = False
    tracking: Json | None = None
    service_name: str | None = None


@dataclass(slots=True)
class AllocationLine:
    """Units of one variant reserved for a parcel."""

    id: int
    sellable_id: int
    quantity: int
    created_at: datetime
    updated_at: datetime
    picked: int = 0


@dataclass(slots=True)
class Allocation:
    """One parcel from one warehouse."""

    id: int
    order_id: int
    warehouse_id: int
    allocated_by_id: int
    lines: list[AllocationLine]
    created_at: datetime
    updated_at: datetime
    packed: bool | None = None
    package: Json = field(default_factory=dict)
    shipment: Shipment | None = None


@dataclass(slots=True)
class Order:
    """An order; its status is derived (see lifecycle) and never written from outside."""

    id: int
    number: str
    channel_id: int
    customer_id: int | None
    delivery_method_id: int | None
    created_by: Json
    created_at: datetime
    updated_at: datetime
    lines: list[Line]
    deliver_to: Json | None = None
    payment: Json | None = None
    given: dict[str, Decimal] = field(default_factory=dict)
    due_date: datetime | None = None
    send_email: bool = False
    customer_note: Json | None = None
    employee_notes: list[Json] = field(default_factory=list)
    tag_ids: list[int] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    returns: list[Json] = field(default_factory=list)
    status: str = ""
    on_hold: bool = False
    refunded: bool = False
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    cancelled_by: Json | None = None
    shipped_at: datetime | None = None
    merged_to_id: int | None = None
    merged_order: bool = False
    updated_by: Json | None = None


@dataclass(slots=True)
class StockEntry:
    """What one warehouse has of one variant."""

    sellable_id: int
    warehouse_id: int
    updated_at: datetime
    physical: int = 0
    allocated: int = 0
    infinite: bool = False
    location: str | None = None

    @property
    def available(self) -> int:
        return self.physical - self.allocated


@dataclass(slots=True)
class Sellable:
    """One variant of a product; `own` holds the plain fields that people write."""

    id: int
    product_id: int
    sku: str
    title: str
    price: Decimal
    created_at: datetime
    updated_at: datetime
    own: Json = field(default_factory=dict)


@dataclass(slots=True)
class Product:
    """A catalogue entry with its variants."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    own: Json = field(default_factory=dict)
    sellable_ids: list[int] = field(default_factory=list)
