"""The channel still calls an order pending while the warehouse picks it: a mismatch that ends when the states agree (R68)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from connectors.canonical import HubState, OrderState
from exceptions.cases import clear_items, open_case
from portal.ledger.expect import Expected, drop, expect, met
from portal.ledger.models import Expectation, HubOrder, SalesOrder, Stage
from portal.sync import complaints
from portal.sync.payment_gate import is_settled
from portal.sync.subjects import hub_order_subject, order_subject

AT_WORK = (HubState.PICKING, HubState.PACKED)
WITH_WAREHOUSE = (Stage.WITH_HUB, Stage.PART_SHIPPED)
PENDING = "pending"


def pending_word(order: SalesOrder) -> str:
    """What of the order the channel still shows as pending, as half a sentence; "" when nothing is."""
    if order.shipment_state.lower() == PENDING:
        return f"its shipment state “{order.shipment_state}”"
    if order.vendor_state.lower() == PENDING:
        return f"its state “{order.vendor_state}”"
    gate = order.integration.payment_gate if order.integration is not None else ""
    if order.state == OrderState.WAITING_PAYMENT or (gate and not is_settled(order, gate)):
        return f"its payment “{order.get_payment_state_display()}”"
    return ""


def picked_now(order: SalesOrder) -> QuerySet[HubOrder]:
    return order.hub_orders.filter(state__in=AT_WORK)


def watch_pending(order: SalesOrder, *, at: datetime) -> None:
    """Start the clock when the two sides disagree, stop it when they agree. Called whenever either side tells something new."""
    integration = order.integration
    if integration is None or integration.pending_limit_min is None:
        return
    subject = order_subject(order)
    word = pending_word(order) if order.stage in WITH_WAREHOUSE and picked_now(order).exists() else ""
    if word:
        due_at = at + timedelta(minutes=integration.pending_limit_min)
        expect(Expected.NOT_PENDING, subject, due_at=due_at, connection=order.connection, because="The warehouse is picking it.", at=at)
    elif met(Expected.NOT_PENDING, subject, at=at):
        there = [hub_order_subject(one) for one in order.hub_orders.all()]
        clear_items("E20", subjects=there, proof={"channel says": order.shipment_state or order.vendor_state, "warehouse says": said(order)}, at=at)


def said(order: SalesOrder) -> str:
    return ", ".join(one.vendor_state or one.state for one in order.hub_orders.all())


def still_pending(row: Expectation, at: datetime) -> None:
    """E20, one for an integration: the orders are its items."""
    orders = SalesOrder.objects.select_related("connection", "integration", "integration__hub").prefetch_related("payments", "hub_orders")
    order = orders.get(pk=int(row.subject.partition(":")[2]))
    integration, word, there = order.integration, pending_word(order), picked_now(order).first()
    if integration is None or there is None or not word:
        drop(row.subject, at=at, kinds=[Expected.NOT_PENDING])
        return
    open_case(
        "E20",
        fingerprint=f"pending:{integration.pk}",
        cause=f"{integration.hub} is picking these orders, and {order.connection} still shows them as pending. "
        f"Order {order.number}: the warehouse says “{there.vendor_state or there.state}”, the channel shows {word}.",
        items=[complaints.entry(order, subject=hub_order_subject(there))],
        connection=order.connection,
        integration=integration,
        evidence={"order": order.number, "channel": word, "warehouse": said(order), "since": row.created_at.isoformat()},
        at=at,
    )
