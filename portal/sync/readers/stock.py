"""Reads a stock level: truth from a hub, or what a channel shows."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from portal.ledger.record_stock import record_level
from portal.sync.models import InboundMessage, InboundState


def read(seen: canonical.StockLevel, *, message: InboundMessage, at: datetime) -> InboundState:
    recorded = record_level(seen, connection=message.connection, source=message.door, at=at)
    return InboundState.DONE if recorded.changed else InboundState.OLDER
