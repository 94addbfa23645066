"""The things of one shop that move: orders and their lines, refunds, shipments, offers, imports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
ZERO = Decimal(0)
CENT = Decimal("0.01")
WAITING_ACCEPTANCE, WAITING_DEBIT, WAITING_DEBIT_PAYMENT = "WAITING_ACCEPTANCE", "WAITING_DEBIT", "WAITING_DEBIT_PAYMENT"
SHIPPING, SHIPPED, TO_COLLECT, RECEIVED, CLOSED = "SHIPPING", "SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"
STAGING, REFUSED, CANCELED = "STAGING", "REFUSED", "CANCELED"
STATES = (STAGING, WAITING_ACCEPTANCE, WAITING_DEBIT, WAITING_DEBIT_PAYMENT, SHIPPING, SHIPPED, TO_COLLECT, RECEIVED, CLOSED, REFUSED, CANCELED)
DEAD = frozenset({REFUSED, CANCELED})
AFTER_SHIPPING = frozenset({SHIPPED, TO_COLLECT, RECEIVED})


@dataclass(slots=True)
class Refund:
    """Money given back on a line; what its state is moves by itself."""

    id: str
    group_id: str
    created_at: datetime
    quantity: int
    amount: Decimal
    shipping_amount: Decimal
    reason_code: str
    commission: Decimal
    commission_tax: Decimal
    taxes: list[Json] = field(default_factory=list)
    shipping_taxes: list[Json] = field(default_factory=list)
    excluded: bool = False
    state: str = "WAITING_REFUND"
    paid_at: datetime | None = None
    number: str | None = None


@dataclass(slots=True)
class Line:
    """One line of an order. Prices are in the order's tax mode; rates are percentages."""

    id: str
    index: int
    offer_id: int
    sku: str
    product_sku: str
    title: str
    category: tuple[str, str]
    quantity: int
    price_unit: Decimal
    shipping_price: Decimal
    taxes: list[tuple[str, Decimal]]
    commission_rate: Decimal
    commission_tax_rate: Decimal
    created_at: datetime
    updated_at: datetime
    state: str = STAGING
    before_incident: str = ""
    reason: tuple[str, str] | None = None
    shipment_units: int = 0  # in shipments that were created, shipped or not
    shipped_units: int = 0
    debited_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = None
    origin: Json | None = None
    cancelations: list[Json] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    fields: list[Json] = field(default_factory=list)

    @property
    def price(self) -> Decimal:
        return self.quantity * self.price_unit

    @property
    def total(self) -> Decimal:
        return self.price + self.shipping_price

    @property
    def commission_fee(self) -> Decimal:
        return (self.total * self.commission_rate / 100).quantize(CENT)

    @property
    def commission_tax(self) -> Decimal:
        return (self.commission_fee * self.commission_tax_rate / 100).quantize(CENT)

    @property
    def live(self) -> bool:
        return self.state not in DEAD

    @property
    def to_ship(self) -> int:
        """Units that will ever be shipped: without the canceled, and without those refunded instead."""
        gone = sum(int(each["quantity"]) for each in self.cancelations) + sum(each.quantity for each in self.refunds if each.excluded)
        return max(0, self.quantity - gone) if self.live else 0


@dataclass(slots=True)
class Order:
    """One logistic order: what one customer bought from one shop."""

    id: str
    commercial_id: str
    shop_id: int
    created_at: datetime
    updated_at: datetime
    customer: Json
    email: str | None
    currency: str
    tax_mode: str
    workflow: str
    channel: str | None
    shipping_type: str
    lines: list[Line] = field(default_factory=list)
    state: str = STAGING
    reason: tuple[str, str] | None = None
    decided_at: datetime | None = None  # the shop's own decision; stays None when the operator's clock decided
    refuse_at: datetime | None = None
    debited_at: datetime | None = None
    shipping_at: datetime | None = None
    deadline: datetime | None = None
    carrier: Json = field(default_factory=dict)
    shipment_ids: list[str] = field(default_factory=list)
    seller_reference: str | None = None
    customer_reference: str | None = None
    center: str = "DEFAULT"
    fields: list[Json] = field(default_factory=list)
    has_incident: bool = False
    has_message: bool = False
    has_invoice: bool = False
    no_address: bool = False
    accepted: int = 0  # how often OR21 decided it, and came again afterwards; the same for OR24
    ship_calls: int = 0

    @property
    def live_lines(self) -> list[Line]:
        return [line for line in self.lines if line.live]


@dataclass(slots=True)
class Offer:
    """What the shop sells: `own` holds the plain fields that an import writes."""

    id: int
    sku: str
    product_sku: str
    title: str
    ean: str
    price: Decimal
    created_at: datetime
    updated_at: datetime
    quantity: int = 0
    state_code: str = "11"
    category: tuple[str, str] = ("HOME", "Home")
    levels: dict[str, int] = field(default_factory=dict)
    own: Json = field(default_factory=dict)
    publications: int = 0  # how often an import set the quantity


@dataclass(slots=True)
class Import:
    """An uploaded file on its way: WAITING, RUNNING, COMPLETE or FAILED."""

    id: Any
    kind: str
    created_at: datetime
    header: list[str]
    rows: list[Any]
    mode: str = "NORMAL"
    status: str = "WAITING"
    reason: str | None = None
    ok: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    failures: list[tuple[int, str, list[str]]] = field(default_factory=list)  # line number, why, the columns as sent


@dataclass(slots=True)
class Export:
    """A read of everything, prepared while the caller waits: PENDING, COMPLETED or FAILED."""

    id: str
    kind: str
    created_at: datetime
    updated_at: datetime
    format: str = "json"
    status: str = "PENDING"
    files: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Shipment:
    """One parcel of an order, where the operator allows several."""

    id: str
    order_id: str
    created_at: datetime
    updated_at: datetime
    lines: list[Json]
    carrier: Json
    status: str = SHIPPING
    shipped_at: datetime | None = None
    invoice_reference: str | None = None
    origin: Json | None = None
    extra: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Transaction:
    """One line of the shop's account; `order` and `entities` say what it is about."""

    id: str
    kind: str
    amount: Decimal
    balance: Decimal
    created_at: datetime
    updated_at: datetime
    payment_state: str
    entities: Json = field(default_factory=dict)
    order: Order | None = None
    cycle_id: str | None = None
    document: str | None = None
