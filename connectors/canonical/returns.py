"""Goods coming back and money going back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class ReturnState(StrEnum):
    """How far a return has come."""

    AUTHORISED = "authorised"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    ASSESSED = "assessed"
    REFUNDED = "refunded"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ReturnLine:
    """Units of one SKU coming back; sellable/damaged/missing are the assessment, None before it."""

    reference: str
    sku: str
    quantity: int
    order_line: str = ""
    received: int = 0
    sellable: int | None = None
    damaged: int | None = None
    missing: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class ReturnOrder:
    """A return as one system tells it."""

    reference: str
    order_reference: str
    order_number: str
    version: str
    state: ReturnState
    lines: tuple[ReturnLine, ...]
    changed_at: datetime
    tracking_numbers: tuple[str, ...] = ()
    rma: str = ""
    vendor_state: str = ""


@dataclass(frozen=True)
class Refund:
    """Money given back on an order, as the channel (or its payment) tells it."""

    reference: str
    order_reference: str
    amount: Decimal
    currency: str
    at: datetime
    order_line: str = ""
    quantity: int = 0
    reason: str = ""
    state: str = ""
