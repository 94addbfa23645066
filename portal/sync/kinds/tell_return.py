"""Tells the channel that the goods of its return are here, and what was found when they were looked at (R84)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.canonical import Done, ReturnNotice
from connectors.errors import Rejected
from portal.ledger.models import ReturnFlow, ReturnOrder
from portal.sync.kinds import Moot, Request
from portal.sync.models import OutboundMessage
from portal.sync.returns.planning import was_told
from portal.sync.returns.sides import CALLED_OFF

DAMAGED = "The goods came back damaged."


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    order = message.order
    assert order is not None
    found = ReturnOrder.objects.filter(pk=int(message.subject.partition(":")[2])).first()
    if found is None or found.state in (*CALLED_OFF, "assessed", "refunded"):
        raise Moot("The channel is as far as this already.")
    lines = tuple((line.order_line, line.sku, line.quantity) for line in found.lines.all())
    flows = ReturnFlow.objects.filter(order=order, order_line__in=[line for line, _, _ in lines])
    note = DAMAGED if message.version == "assessed" and any(flow.damaged for flow in flows) else ""
    return Request(body=ReturnNotice(found.reference, order.reference, order.number, lines, state=message.version, note=note))


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    done: Done = connector.announce_return(request.body)
    return done


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    """Sent; the return itself shows how far the channel is, which the next reading brings."""
    was_told(message, at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return error
