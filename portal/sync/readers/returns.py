"""Reads returns and refunds."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from connectors.ports import Side
from portal.connections.models import Connection
from portal.ledger.models import HubOrder, SalesOrder
from portal.ledger.record_returns import order_of, record_refund, record_return
from portal.sync.confirm import order_at_hub
from portal.sync.models import InboundMessage, InboundState


def read_return(seen: canonical.ReturnOrder, *, message: InboundMessage, at: datetime) -> InboundState:
    order = returned_order(message.connection, reference=seen.order_reference, number=seen.order_number)
    _, changed = record_return(seen, connection=message.connection, order=order, at=at)
    return InboundState.DONE if changed else InboundState.OLDER


def returned_order(connection: Connection, *, reference: str, number: str) -> SalesOrder | None:
    """A channel names its own order; a hub names its own, under its id or the prefixed number we gave it."""
    if not connection.has_side(Side.HUB):
        return order_of(connection, reference=reference, number=number)
    there = HubOrder.objects.select_related("order").filter(connection=connection, reference=reference, order__isnull=False).first()
    return there.order if there is not None else order_at_hub(connection, reference=reference, number=number)


def read_refund(seen: canonical.Refund, *, message: InboundMessage, at: datetime) -> InboundState:
    order = order_of(message.connection, reference=seen.order_reference)
    record_refund(seen, connection=message.connection, order=order)
    return InboundState.DONE
