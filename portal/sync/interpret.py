"""Turns stored bytes into the ledger's rows; can run again at will, and older versions never overwrite newer ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DataError, transaction
from django.utils import timezone

from connectors import canonical
from connectors.errors import ContractError
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.sync import failures
from portal.sync.models import InboundMessage, InboundState
from portal.sync.readers import catalogue, hub_orders, orders, payouts, returns, stock

log = structlog.get_logger(__name__)
BATCH = 100
LATER = timedelta(seconds=30)

# canonical type → what reads it into the ledger and plans what follows; returns the message's final state
READERS: dict[type, Callable[..., InboundState]] = {
    canonical.SalesOrder: orders.read,
    canonical.HubOrder: hub_orders.read,
    canonical.StockLevel: stock.read,
    canonical.Variant: catalogue.read,
    canonical.ReturnOrder: returns.read_return,
    canonical.Refund: returns.read_refund,
    canonical.PayoutLine: payouts.read,
}
RANK = [InboundState.IGNORED, InboundState.OLDER, InboundState.DONE]


def interpret_batch(connection: Connection, *, at: datetime) -> int:
    """Interpret up to BATCH messages of a connection, oldest first; how many there were."""
    connector = connect(connection)
    with transaction.atomic():
        due = InboundMessage.objects.select_for_update(skip_locked=True).filter(connection=connection, state=InboundState.NEW, not_before__lte=at)
        batch = list(due.order_by("id")[:BATCH])
        for message in batch:
            interpret(message, connector, at=timezone.now())
    return len(batch)


def interpret(message: InboundMessage, connector: Any, *, at: datetime) -> None:
    """Interpret one message. What cannot be read becomes a case; the message and its bytes stay."""
    message.attempts += 1
    try:
        with transaction.atomic():
            message.state, message.note = read_all(message, connector, at=at), ""
    except ContractError as error:
        message.state, message.note = InboundState.FAILED, error.sentence
        failures.unreadable(message, error, at=at)
    except DataError as error:
        sentence = f"A value in this {message.topic} does not fit what can be stored."
        message.state, message.note = InboundState.FAILED, sentence
        failures.unreadable(message, ContractError(sentence, detail=str(error)), at=at)
    message.done_at = at
    message.save(update_fields=["state", "note", "attempts", "done_at"])


def read_all(message: InboundMessage, connector: Any, *, at: datetime) -> InboundState:
    """Parse the bytes and read every object in them."""
    things = connector.parse(message.topic, bytes(message.body))
    states = [READERS[type(thing)](thing, message=message, at=at) for thing in things]
    failures.readable(message, at=at)
    return max(states, key=RANK.index, default=InboundState.IGNORED)
