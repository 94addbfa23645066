"""Cancels in the warehouse what the channel has cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.canonical import Done, HubState
from connectors.errors import Rejected
from portal.ledger.expect import Expected, drop, met
from portal.ledger.models import SalesOrder, Stage
from portal.sync import failures
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import ExternalReference, OutboundMessage, State
from portal.sync.money_watch import watch_money

UNSETTLED = (State.QUEUED, State.IN_FLIGHT)
LOOK_AGAIN_S, UNCLEAR_S = 10.0, 60.0


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """Their ids of the order. NotYet while it is not known whether they have it; Moot when it was never created."""
    order = message.order
    assert order is not None
    references = references_of(message, order)
    if references:
        return Request(body=references)
    creation = OutboundMessage.objects.filter(kind="create_order", subject=message.subject)
    if creation.filter(state__in=UNSETTLED).exists():
        raise NotYet(LOOK_AGAIN_S, "Waits until it is known whether the warehouse has the order.")
    if creation.filter(state=State.PARKED, looks_first=True).exists():
        raise NotYet(UNCLEAR_S, "The warehouse may have the order, perhaps more than once; it is cancelled there as soon as its list shows it.")
    order.move(Stage.CANCELLED, note="Cancelled in the channel; the warehouse never had it.", at=at)
    failures.settled(order, proof={"cancelled in": str(order.connection), "warehouse": "never had it"}, at=at)
    drop(message.subject, at=at)
    watch_money(order, at=at)
    raise Moot("The warehouse never had the order.")


def references_of(message: OutboundMessage, order: SalesOrder) -> tuple[str, ...]:
    """The warehouse order we know, and every living double of it (E07): all of them are this one cancelled order."""
    known = ExternalReference.objects.filter(connection=message.connection, kind="order", subject=message.subject)
    doubles = order.hub_orders.filter(connection=message.connection, merged_into="").exclude(state=HubState.CANCELLED)
    found = [*known.values_list("reference", flat=True), *doubles.order_by("pk").values_list("reference", flat=True)]
    return tuple(dict.fromkeys(found))


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    """One call for each; cancelling again what is cancelled does no harm."""
    answers: list[Done] = [connector.cancel_order(reference, reason="Cancelled in the channel") for reference in request.body]
    return answers[0]


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    assert message.order is not None
    message.order.move(Stage.CANCELLED, note="Cancelled in the channel and in the warehouse.", at=at)
    met(Expected.CANCELLED_IN_HUB, message.subject, at=at)
    failures.settled(message.order, proof={"cancelled in": message.connection.name}, at=at)
    watch_money(message.order, at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return error
