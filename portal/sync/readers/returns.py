"""Reads returns and refunds."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from connectors import canonical
from connectors.ports import Side
from portal.connections.models import Connection
from portal.ledger.models import HubOrder, Refund, ReturnOrder, SalesOrder
from portal.ledger.record_returns import order_of, record_refund, record_return
from portal.sync.claim import lock_orders
from portal.sync.confirm import order_at_hub
from portal.sync.models import InboundMessage, InboundState
from portal.sync.returns.follow import follow_order, follow_stray, no_longer_stray


def read_return(seen: canonical.ReturnOrder, *, message: InboundMessage, at: datetime) -> InboundState:
    order = returned_order(message.connection, reference=seen.order_reference, number=seen.order_number)
    if order is not None:
        lock_orders([order.pk])
    found, changed = record_return(seen, connection=message.connection, order=order, at=at)
    if changed and found.order is not None:
        no_longer_stray(found, at=at)
        follow_order(found.order, at=at)
    elif changed:
        follow_stray(found, at=at)
    return InboundState.DONE if changed else InboundState.OLDER


def returned_order(connection: Connection, *, reference: str, number: str) -> SalesOrder | None:
    """A channel names its own order; a hub names its own, under its id or the prefixed number we gave it."""
    if not connection.has_side(Side.HUB):
        return order_of(connection, reference=reference, number=number)
    there = HubOrder.objects.select_related("order").filter(connection=connection, reference=reference, order__isnull=False).first()
    return there.order if there is not None else order_at_hub(connection, reference=reference, number=number)


def read_refund(seen: canonical.Refund, *, message: InboundMessage, at: datetime) -> InboundState:
    order = order_of(message.connection, reference=seen.order_reference)
    if order is not None:
        lock_orders([order.pk])
    known = Refund.objects.filter(connection=message.connection, reference=seen.reference[:120]).values_list("state", "amount", "order").first()
    found, _ = record_refund(seen, connection=message.connection, order=order)
    if order is not None and known != (found.state, found.amount, order.pk):
        follow_order(order, at=at)
    return InboundState.DONE


def adopt(order: SalesOrder, *, at: datetime) -> None:
    """Returns and refunds that came before their order find it now (late or out of order)."""
    told = Q(order=None, connection=order.connection, order_reference=order.reference)
    refunds = Refund.objects.filter(told).update(order=order)
    returns = list(ReturnOrder.objects.filter(told).select_related("connection"))
    ReturnOrder.objects.filter(pk__in=[one.pk for one in returns]).update(order=order)
    if refunds or returns:
        follow_order(order, at=at)
