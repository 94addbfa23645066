"""Cancels in the warehouse what the channel has cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.canonical import Done
from connectors.errors import Rejected
from portal.ledger.expect import Expected, drop, met
from portal.ledger.models import Stage
from portal.sync import failures
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import ExternalReference, OutboundMessage, State
from portal.sync.money_watch import watch_money

UNSETTLED = (State.QUEUED, State.IN_FLIGHT)


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """Their id of the order. NotYet while its creation is still on the way; Moot when it was never created."""
    order = message.order
    assert order is not None
    reference = (
        ExternalReference.objects.filter(connection=message.connection, kind="order", subject=message.subject)
        .values_list("reference", flat=True)
        .first()
    )
    if reference is None and OutboundMessage.objects.filter(kind="create_order", subject=message.subject, state__in=UNSETTLED).exists():
        raise NotYet(10.0, "Waits until it is known whether the warehouse has the order.")
    if reference is None:
        order.move(Stage.CANCELLED, note="Cancelled in the channel; the warehouse never had it.", at=at)
        failures.settled(order, proof={"cancelled in": str(order.connection), "warehouse": "never had it"}, at=at)
        drop(message.subject, at=at)
        watch_money(order, at=at)
        raise Moot("The warehouse never had the order.")
    return Request(body=reference)


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    done: Done = connector.cancel_order(request.body, reason="Cancelled in the channel")
    return done


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    assert message.order is not None
    message.order.move(Stage.CANCELLED, note="Cancelled in the channel and in the warehouse.", at=at)
    met(Expected.CANCELLED_IN_HUB, message.subject, at=at)
    failures.settled(message.order, proof={"cancelled in": message.connection.name}, at=at)
    watch_money(message.order, at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return error
