"""Ties their ids to our things, and notices when the other side shows what we told it."""

from __future__ import annotations

from datetime import datetime

from portal.connections.models import Connection, Integration, Mode
from portal.ledger.models import SalesOrder
from portal.sync.models import ExternalReference, OutboundMessage, State

ANSWERED = (State.SENT, State.IN_FLIGHT, State.QUEUED, State.PARKED)


def remember_reference(connection: Connection, kind: str, subject: str, reference: str, *, link: str = "") -> None:
    """Keep their id for our subject, at once."""
    ExternalReference.objects.update_or_create(
        connection=connection, kind=kind, subject=subject, defaults={"reference": reference[:160], "link": link[:500]}
    )


def order_at_hub(connection: Connection, *, reference: str, number: str) -> SalesOrder | None:
    """The sales order a hub's order belongs to: by the id we kept, else by the number we would have given it."""
    kept = ExternalReference.objects.filter(connection=connection, kind="order", reference=reference).first()
    if kept is not None:
        return SalesOrder.objects.select_related("integration", "connection").filter(pk=int(kept.subject.partition(":")[2])).first()
    return order_with_number(connection, number)


def order_with_number(connection: Connection, number: str) -> SalesOrder | None:
    """The one sales order that an integration of this hub would have sent under that number; None when there are several."""
    found: list[SalesOrder] = []
    for integration in Integration.objects.filter(hub=connection):
        if number.startswith(integration.number_prefix):
            plain = number.removeprefix(integration.number_prefix)
            orders = SalesOrder.objects.select_related("integration", "connection").filter(
                connection=integration.channel_id, number_key=plain.upper()
            )
            mine = [order for order in orders[:2] if order.number == plain]
            found += mine or by_customer_reference(integration, plain)
    unique = {order.pk: order for order in found}
    return next(iter(unique.values())) if len(unique) == 1 else None


def by_customer_reference(integration: Integration, number: str) -> list[SalesOrder]:
    """Where only fulfilments are fetched, the warehouse got the order elsewhere: under the number the customer knows it by."""
    if integration.mode != Mode.FETCH or not number:
        return []
    there = SalesOrder.objects.select_related("integration", "connection").filter(connection=integration.channel_id)
    return [order for order in there.filter(customer_reference__iexact=number)[:3] if order.customer_reference == number]


def confirm(kind: str, subject: str, *, at: datetime) -> int:
    """The other side shows it: the message is confirmed, even if its answer never came. How many were."""
    messages = OutboundMessage.objects.filter(kind=kind, subject=subject, state__in=ANSWERED)
    return messages.update(state=State.CONFIRMED, confirmed_at=at, waiting_for="", lease_until=None, note="")
