"""Releases in the warehouse an order that was created on hold: the marketplace has cleared it (R38, D2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.canonical import Done
from connectors.errors import Rejected
from portal.ledger.models import Stage
from portal.sync.kinds import NotYet, Request
from portal.sync.kinds.create_order import payment_reference
from portal.sync.models import ExternalReference, OutboundMessage


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    assert message.order is not None
    kept = ExternalReference.objects.filter(connection=message.connection, kind="order", subject=message.subject).first()
    if kept is None:
        raise NotYet(10.0, "Waits until the warehouse has the order.")
    return Request(body=(kept.reference, payment_reference(message.order) or message.order.number))


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    reference, payment = request.body
    done: Done = connector.release_order(reference, payment_reference=payment)
    return done


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    assert message.order is not None
    if message.order.stage in (Stage.QUEUED, Stage.HELD):
        message.order.move(Stage.WITH_HUB, at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return error
