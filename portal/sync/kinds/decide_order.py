"""Accepts (or refuses) every line of a marketplace order in one call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.canonical import Done, LineDecision, OrderDecision, OrderState
from connectors.errors import Rejected
from exceptions.cases import clear_items
from mappings.errors import TO_HUB
from mappings.resolve import skus_to_hub, unmapped_sku
from portal.ledger.models import OrderLine, SalesOrder, Stage
from portal.sync.catalogue.gate import check_usable
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import OutboundMessage
from portal.sync.reserve import short_of

ACCEPT, REFUSE = "accept", "refuse"
STOCK_AGAIN_S = 60.0


def decision_of(order: SalesOrder, line: OrderLine) -> str:
    """What a person decided about the line; "" when nobody did."""
    return str(order.corrections.get(f"decision.{line.reference}") or "")


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """Every line decided. UnmappedCode when a line we would accept has a SKU nobody knows (R55); Moot when it is decided already."""
    order, integration = message.order, message.integration
    assert order is not None and integration is not None
    if order.state != OrderState.WAITING_ACCEPTANCE:
        raise Moot("The marketplace does not wait for a decision any more.")
    lines = [line for line in order.lines.all() if not line.is_extra]
    undecided = [line for line in lines if not decision_of(order, line)]
    known = skus_to_hub([sku_of(order, line) for line in undecided], integration, at)
    for line in undecided:
        if sku_of(order, line) not in known:
            raise unmapped_sku(sku_of(order, line), integration=integration, direction=TO_HUB, label=line.title)
    check_usable([sku_of(order, line) for line in undecided], known, integration=integration)  # nobody promises a SKU that is two products (E12)
    short = short_of(order, integration, at=at) if undecided else ""  # a person who accepts a line knows better
    if short:
        raise NotYet(STOCK_AGAIN_S, f"It is not accepted yet. {short}")
    decisions = tuple(LineDecision(line.reference, accept=decision_of(order, line) != REFUSE) for line in lines)
    return Request(body=OrderDecision(order.reference, decisions), uses=tuple(known.values()))


def sku_of(order: SalesOrder, line: OrderLine) -> str:
    return str(order.corrections.get(f"line.{line.reference}.sku") or line.sku)


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    done: Done = connector.decide_order(request.body)
    return done


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    """Sent; that it is accepted shows in the order itself, which the next poll reads."""
    assert message.order is not None
    clear_items("E11", subjects=[message.subject], proof={"every line": "decided", "sent": at.isoformat()}, at=at)
    accepted = sum(line.accept for line in request.body.lines)
    if message.order.stage == Stage.QUEUED:
        message.order.move(Stage.HELD, note=f"Accepted ({accepted} of {len(request.body.lines)} lines); waits for the marketplace.", at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return error
