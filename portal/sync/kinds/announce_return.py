"""Tells the warehouse which goods to expect, where its API can take that (R83, R90, D3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.canonical import Done, ReturnNotice
from connectors.errors import Rejected
from mappings.errors import TO_HUB
from mappings.resolve import skus_to_hub, unmapped_sku
from portal.ledger.models import ReturnOrder
from portal.sync.confirm import remember_reference
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import ExternalReference, OutboundMessage
from portal.sync.returns.planning import was_told
from portal.sync.returns.sides import CALLED_OFF


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """In the warehouse's SKUs, under the RMA. UnmappedCode for a SKU nobody knows; Moot when it was called off."""
    order, integration = message.order, message.integration
    assert order is not None and integration is not None
    found = ReturnOrder.objects.filter(pk=int(message.subject.partition(":")[2])).first()
    if found is None or found.state in CALLED_OFF:
        raise Moot("The return was called off.")
    there = ExternalReference.objects.filter(connection=message.connection, kind="order", subject=f"order:{order.pk}").first()
    if there is None:
        raise NotYet(60.0, "Waits until it is known under which id the warehouse has the order.")
    sold = {line.reference: line.sku for line in order.lines.all()}
    lines = [(line.order_line, line.sku or sold.get(line.order_line, ""), line.quantity) for line in found.lines.all() if line.quantity > 0]
    known = skus_to_hub([sku for _, sku, _ in lines], integration, at)
    for _, sku, _ in lines:
        if sku not in known:
            raise unmapped_sku(sku, integration=integration, direction=TO_HUB, label="")
    notice = ReturnNotice(
        reference=found.rma or f"{integration.number_prefix}{order.number}-R{found.pk}",
        order_reference=there.reference,
        order_number=f"{integration.number_prefix}{order.number}",
        lines=tuple((line, known[sku].value, units) for line, sku, units in lines),
        state="authorised",
    )
    return Request(body=notice, uses=tuple(known.values()))


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    done: Done = connector.announce_return(request.body)
    return done


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    remember_reference(message.connection, "return", message.subject, done.reference, link=done.link)
    was_told(message, at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return error
