"""Reads statement lines."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from portal.ledger.record_returns import order_of, record_payout_line
from portal.sync.models import InboundMessage, InboundState


def read(seen: canonical.PayoutLine, *, message: InboundMessage, at: datetime) -> InboundState:
    order = order_of(message.connection, reference=seen.order_reference)
    record_payout_line(seen, connection=message.connection, order=order)
    return InboundState.DONE
