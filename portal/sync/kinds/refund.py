"""Gives money back for goods that came back: brings what the channel shows as refunded up to what is owed, and never above it (R84, R85)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.canonical import Done, Refund, RefundRequest, round_money
from connectors.errors import Rejected
from portal.ledger.models import ReturnFlow
from portal.sync.kinds import Moot, Request
from portal.sync.models import OutboundMessage
from portal.sync.returns.refunds_later import put_off
from portal.sync.returns.sides import Money

ZERO = Decimal(0)


@dataclass(frozen=True)
class Wanted:
    """What must be back on the line, and on the whole order, when this is done; `paid` is what was paid for the line."""

    request: RefundRequest
    line: Decimal
    order: Decimal
    paid: Decimal


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """The totals as they are now. Moot when the ledger shows the money, or the goods' side does not release it any more (R85)."""
    flow = ReturnFlow.objects.select_related("order").filter(pk=int(message.subject.partition(":")[2])).first()
    if flow is None or flow.order is None:
        raise Moot("The return is not known any more.")
    if flow.left_to_refund <= 0:
        raise Moot("The channel shows the whole sum as given back." if flow.refunded else "Nothing is owed: the goods are not here.")
    everything = sum(ReturnFlow.objects.filter(order=flow.order).values_list("owed", flat=True), ZERO)
    key = f"lockstep-{message.subject}-{message.version}".replace(" ", "-")
    units = flow.received if flow.owed < flow.paid else flow.sold
    request = RefundRequest(key, flow.order.reference, flow.owed, flow.currency, flow.order_line, quantity=units)
    return Request(body=Wanted(request, flow.owed, everything, flow.paid))


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    """Look at the channel's own total first, always: a lost answer, a colleague or the operator may have been there before."""
    wanted: Wanted = request.body
    there = connector.find_refunds(wanted.request.order_reference)
    amount = open_sum(wanted, there)
    if amount <= 0:
        return Done(there[-1].reference if there else "", found=True, warnings=("The channel shows the money as given back already.",))
    done: Done = connector.refund(replace(wanted.request, amount=amount))
    return done


def open_sum(wanted: Wanted, there: tuple[Refund, ...]) -> Decimal:
    """What is left to pay: within what is owed on the line, and, where refunds name no line, within what is owed on the order."""
    real = [one for one in there if Money(one.amount, state=one.state).counts]
    on_line = sum((one.amount for one in real if one.order_line == wanted.request.order_line), ZERO)
    nameless = [one for one in real if not one.order_line]
    left = wanted.line - on_line
    if nameless:
        left = min(left, wanted.order - sum((one.amount for one in real), ZERO))
    return round_money(max(ZERO, min(left, wanted.paid - on_line)), wanted.request.currency)


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    """Sent; that the money is back shows in the channel's own refunds, which the next reading brings."""


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return put_off(error)
