"""Lines of a marketplace's or payment provider's statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class PayoutLine:
    """One movement: positive is owed to us. `kind` is our word (order, shipping, commission, fee, penalty, refund, reserve, tax, payout)."""

    reference: str
    kind: str
    vendor_kind: str
    amount: Decimal
    currency: str
    at: datetime
    order_reference: str = ""
    order_line: str = ""
    cycle: str = ""
    state: str = ""
    note: str = ""
