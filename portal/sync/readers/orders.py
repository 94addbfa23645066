"""Reads a channel's order: ledger first, then the plan."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from portal.ledger.record_orders import record_order
from portal.sync.models import InboundMessage, InboundState
from portal.sync.plan_orders import plan_order


def read(seen: canonical.SalesOrder, *, message: InboundMessage, at: datetime) -> InboundState:
    recorded = record_order(seen, connection=message.connection, at=at)
    if recorded.older:
        return InboundState.OLDER
    if recorded.changed or recorded.created:
        plan_order(recorded.order, at=at, changed=recorded.changed)
    return InboundState.DONE
