"""A sales order as the channel tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from connectors.canonical.shipments import Shipment


class OrderState(StrEnum):
    """Where the channel says the order is."""

    WAITING_ACCEPTANCE = "waiting_acceptance"
    WAITING_PAYMENT = "waiting_payment"
    OPEN = "open"
    SHIPPED = "shipped"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class PaymentState(StrEnum):
    """Whether the money is there. NOT_TOLD: the channel keeps no payment state on this order."""

    PENDING = "pending"
    AUTHORISED = "authorised"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"
    NOT_TOLD = "not_told"


@dataclass(frozen=True)
class Address:
    """A postal address; empty strings where the channel gives nothing. `country` is ISO 3166-1 alpha-2."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.company


@dataclass(frozen=True)
class OrderLine:
    """One line. `total` is what the customer pays for it after discounts, as the channel states it
    (`SalesOrder.prices_include_tax` says whether tax is in it); `tax_rate` is a fraction (0.2 = 20 %), None where unknown."""

    reference: str
    sku: str
    quantity: int
    total: Decimal
    title: str = ""
    tax_rate: Decimal | None = None
    list_price: Decimal | None = None
    product_reference: str = ""
    cancelled: int = 0
    warehouse_code: str = ""
    is_extra: bool = False  # a fee or gift wrap without a SKU
    state: str = ""  # the vendor's own word
    tax_included: bool | None = None  # where it differs from the order's


@dataclass(frozen=True)
class Payment:
    """Money movements of an order: authorised, captured and refunded so far, in the order's currency."""

    reference: str
    authorised: Decimal = Decimal(0)
    captured: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    method: str = ""
    currency: str = ""
    failed: bool = False


@dataclass(frozen=True)
class SalesOrder:
    """An order at one version. `reference` is the vendor's id, `number` what people call it.

    `version` orders observations of one order: a larger tuple is newer (numbers or ISO times as text of equal form).
    """

    reference: str
    number: str
    version: str
    state: OrderState
    currency: str
    lines: tuple[OrderLine, ...]
    placed_at: datetime
    changed_at: datetime
    payment_state: PaymentState = PaymentState.NOT_TOLD
    vendor_state: str = ""
    total: Decimal = Decimal(0)
    shipping_price: Decimal = Decimal(0)
    shipping_tax_rate: Decimal | None = None
    prices_include_tax: bool = False
    total_tax: Decimal | None = None
    store_code: str = ""
    ship_service_code: str = ""
    ship_service_label: str = ""
    carrier_code: str = ""
    email: str = ""
    customer_reference: str = ""
    shipping_address: Address | None = None
    billing_address: Address | None = None
    payments: tuple[Payment, ...] = ()
    shipments: tuple[Shipment, ...] = ()  # what the channel itself shows as sent
    shipment_state: str = ""  # the channel's own word, for R68 and R71
    note: str = ""
    tags: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)  # further fields a filter may ask about
    accept_by: datetime | None = None
    ship_by: datetime | None = None
