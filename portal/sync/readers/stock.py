"""Reads a stock level: truth from a hub, or what a channel shows."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from connectors.ports import Side
from portal.ledger.record_stock import record_level
from portal.sync.drift import acknowledge, compare_shown
from portal.sync.models import InboundMessage, InboundState
from portal.sync.stock import replan_stock


def read(seen: canonical.StockLevel, *, message: InboundMessage, at: datetime) -> InboundState:
    recorded = record_level(seen, connection=message.connection, source=message.door, at=at)
    if not recorded.changed and message.door != "api":
        return InboundState.OLDER
    if message.connection.has_side(Side.HUB):
        replan_stock(message.connection, [seen.sku], at=at)
    elif message.door == "api":
        acknowledge(recorded.level, at=at)
    else:
        compare_shown(recorded.level, at=at)
    return InboundState.DONE
