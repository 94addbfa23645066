"""Reads returns and refunds."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from portal.ledger.record_returns import order_of, record_refund, record_return
from portal.sync.models import InboundMessage, InboundState


def read_return(seen: canonical.ReturnOrder, *, message: InboundMessage, at: datetime) -> InboundState:
    order = order_of(message.connection, reference=seen.order_reference, number=seen.order_number)
    _, changed = record_return(seen, connection=message.connection, order=order, at=at)
    return InboundState.DONE if changed else InboundState.OLDER


def read_refund(seen: canonical.Refund, *, message: InboundMessage, at: datetime) -> InboundState:
    order = order_of(message.connection, reference=seen.order_reference)
    record_refund(seen, connection=message.connection, order=order)
    return InboundState.DONE
