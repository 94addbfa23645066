"""Turns stored bytes into the ledger's rows; can run again at will, and older versions never overwrite newer ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from connectors import canonical
from connectors.errors import ContractError
from portal.connections.connect import reader
from portal.connections.models import Connection
from portal.sync import failures
from portal.sync.attribute_watch import watching
from portal.sync.codes import remembered
from portal.sync.models import InboundMessage, InboundState
from portal.sync.readers import catalogue, flows, hub_orders, orders, payouts, returns, stock

log = structlog.get_logger(__name__)
BATCH = 100
UNFIT = "It says something that Lockstep does not understand or cannot store."

# canonical type → what reads it into the ledger and plans what follows; returns the message's final state
READERS: dict[type, Callable[..., InboundState]] = {
    canonical.SalesOrder: orders.read,
    canonical.HubOrder: hub_orders.read,
    canonical.StockLevel: stock.read,
    canonical.Variant: catalogue.read,
    canonical.ReturnOrder: returns.read_return,
    canonical.Refund: returns.read_refund,
    canonical.PayoutLine: payouts.read,
    canonical.Flow: flows.read_flow,
    canonical.FlowRun: flows.read_run,
    canonical.Deduped: flows.read_deduped,
}
RANK = [InboundState.IGNORED, InboundState.OLDER, InboundState.DONE]


def interpret_batch(connection: Connection, *, at: datetime) -> int:
    """Interpret up to BATCH messages of a connection, oldest first, each in a transaction of its own; how many there were."""
    connector = reader(connection)
    due = InboundMessage.objects.filter(connection=connection, state=InboundState.NEW, not_before__lte=at)
    batch = list(due.order_by("id").values_list("pk", flat=True)[:BATCH])
    with remembered(), watching():
        interpret_each(batch, connector)
    return len(batch)


def interpret_each(batch: list[int], connector: Any) -> None:
    """What cannot be read becomes a case, in a transaction of its own: whatever reading it had begun is undone by then."""
    for pk in batch:
        try:
            interpret(pk, connector, at=timezone.now())
        except ContractError as error:
            keep_unread(pk, error, at=timezone.now())
        except failures.SURPRISES as error:
            log.exception("interpret failed", message=pk)
            keep_unread(pk, ContractError(UNFIT, detail=repr(error)[:2000]), at=timezone.now())


@transaction.atomic
def interpret(pk: int, connector: Any, *, at: datetime) -> None:
    """Read one message, unless somebody else has it or has read it."""
    message = locked(pk)
    if message is not None:
        message.attempts += 1
        finish(message, read_all(message, connector, at=at), "", at=at)


@transaction.atomic
def keep_unread(pk: int, error: ContractError, *, at: datetime) -> None:
    """The message and its bytes stay, and a person is told."""
    message = locked(pk)
    if message is not None:
        message.attempts += 1
        failures.unreadable(message, error, at=at)
        finish(message, InboundState.FAILED, error.sentence, at=at)


def locked(pk: int) -> InboundMessage | None:
    rows = InboundMessage.objects.select_for_update(skip_locked=True, of=("self",)).select_related("connection")
    return rows.filter(pk=pk, state=InboundState.NEW).first()


def finish(message: InboundMessage, state: InboundState, note: str, *, at: datetime) -> None:
    message.state, message.note, message.done_at = state, note, at
    message.save(update_fields=["state", "note", "attempts", "done_at"])


def read_all(message: InboundMessage, connector: Any, *, at: datetime) -> InboundState:
    """Parse the bytes and read every object in them."""
    things = connector.parse(message.topic, bytes(message.body))
    states = [READERS[type(thing)](thing, message=message, at=at) for thing in things]
    failures.readable(message, at=at)
    return max(states, key=RANK.index, default=InboundState.IGNORED)
