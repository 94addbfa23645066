"""What Lockstep asks a vendor to do, in that vendor's codes, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from connectors.canonical.orders import Address
from connectors.canonical.shipments import Shipment


class Proof(StrEnum):
    """What an answer proves. OFFERED: nothing was sent, the other side fetches it and says so."""

    GIVEN = "given"  # the vendor has confirmed it
    LATER = "later"  # handed on; the word of whoever it is for comes later
    OFFERED = "offered"


@dataclass(frozen=True)
class WarehouseLine:
    """A line to ship. `unit_net` is net of tax after line discounts (4 decimal places); `tax_rate` a fraction."""

    sku: str
    quantity: int
    unit_net: Decimal
    tax_rate: Decimal = Decimal(0)
    title: str = ""
    channel_line: str = ""
    item_reference: str = ""  # the hub's own id of the item, where the mapping knows it


@dataclass(frozen=True)
class WarehouseOrder:
    """An order for the hub, every code already the hub's own. `number` is our idempotency handle, deterministic."""

    number: str
    store_code: str
    ship_service_code: str
    currency: str
    lines: tuple[WarehouseLine, ...]
    shipping_address: Address
    billing_address: Address | None = None
    email: str = ""
    shipping_net: Decimal = Decimal(0)
    total_tax: Decimal = Decimal(0)
    paid: bool = True
    payment_reference: str = ""
    payment_method: str = ""
    note: str = ""
    internal_note: str = ""
    warehouse_code: str = ""
    on_hold: bool = False
    placed_at: str = ""  # ISO 8601, UTC
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DispatchNotice:
    """A dispatch to tell the channel, in the channel's codes: lines carry the channel's line references.

    `key` is the idempotency handle (same key: same dispatch). `complete`: with it every unit of the order has shipped.
    `seen`: the order's body as last received, where the caller has it; a channel with versions is then written to without reading first.
    `final`: nothing more of the order will be told; what has not shipped is let go.
    `unclear_since`: when an earlier call was made of which nobody knows what came.
    """

    key: str
    order_reference: str
    shipment: Shipment
    complete: bool
    seen: bytes = b""
    final: bool = False
    unclear_since: datetime | None = None


@dataclass(frozen=True)
class Done:
    """A write the vendor has confirmed: the id it gave, a link for people, and `found` when it was there already."""

    reference: str
    link: str = ""
    version: str = ""
    found: bool = False
    warnings: tuple[str, ...] = ()
    proof: Proof = Proof.GIVEN


@dataclass(frozen=True)
class LineDecision:
    """Accept or refuse one line of a marketplace order."""

    order_line: str
    accept: bool
    reason_code: str = ""


@dataclass(frozen=True)
class OrderDecision:
    """Every line of a marketplace order, decided."""

    order_reference: str
    lines: tuple[LineDecision, ...]


@dataclass(frozen=True)
class StockTarget:
    """The level a channel should show for one SKU at one place; `reference`/`version` of its entry where we know them."""

    sku: str
    quantity: int
    warehouse_code: str = ""
    reference: str = ""
    version: str = ""


@dataclass(frozen=True)
class StockVerdict:
    """What the channel did with one target: `ok`, and if not exactly why (`code` and `sentence` are the channel's)."""

    sku: str
    warehouse_code: str
    ok: bool
    quantity: int | None = None  # what the channel now shows, where it says
    reference: str = ""
    version: str = ""
    code: str = ""
    sentence: str = ""
    proof: Proof = Proof.GIVEN


@dataclass(frozen=True)
class ReturnNotice:
    """A return the warehouse (or channel) should know of."""

    reference: str
    order_reference: str
    order_number: str
    lines: tuple[tuple[str, str, int], ...]  # (order line, SKU, units)
    state: str = ""
    note: str = ""


@dataclass(frozen=True)
class RefundRequest:
    """Money to give back for one line; `key` is unique for (return line, amount) and is looked for before paying."""

    key: str
    order_reference: str
    amount: Decimal
    currency: str
    order_line: str = ""
    quantity: int = 0
    shipping_amount: Decimal = Decimal(0)
    reason_code: str = ""
    payment_reference: str = ""
