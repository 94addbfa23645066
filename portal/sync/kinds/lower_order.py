"""Takes units off an order that the warehouse has, as long as it is not locked: to what is wanted now, so that twice is once (R44)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.canonical import Done, ShipmentLine
from connectors.errors import Rejected
from exceptions.cases import clear_items
from portal.ledger.models import SalesOrder, Stage
from portal.sync.amended import wanted_there
from portal.sync.complaints import snapshot
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.kinds.cancel_order import UNSETTLED
from portal.sync.models import ExternalReference, OutboundMessage
from portal.sync.plan_edit import is_lowering

NOTHING_LEFT = "Everything on it was taken off in the channel."


@dataclass(frozen=True)
class Lowering:
    """The warehouse's order, what is to be left of it (nothing: all of it is cancelled), and the edit that asks for it."""

    reference: str
    wanted: tuple[ShipmentLine, ...]
    version: str
    snapshot: dict[str, object]


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """NotYet while the order's creation is on the way; Moot when it was edited again, to something else than fewer units."""
    order = message.order
    assert order is not None
    kept = ExternalReference.objects.filter(connection=message.connection, kind="order", subject=message.subject).first()
    if kept is None and OutboundMessage.objects.filter(kind="create_order", subject=message.subject, state__in=UNSETTLED).exists():
        raise NotYet(10.0, "Waits until it is known whether the warehouse has the order.")
    if kept is None or order.stage in (Stage.CANCELLED, Stage.ABANDONED) or not is_lowering(order):
        raise Moot("There is nothing to take off any more.")
    wanted = tuple(ShipmentLine(sku, units) for sku, units in sorted(wanted_there(order, at=at).items()))
    if not wanted and any(line.wanted and not line.is_extra for line in order.lines.all()):
        raise NotYet(60.0, "Waits until every SKU on the order is mapped.")
    return Request(body=Lowering(kept.reference, wanted, order.version, snapshot(order)))


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    asked: Lowering = request.body
    done: Done = (
        connector.lower_order(asked.reference, wanted=asked.wanted) if asked.wanted else connector.cancel_order(asked.reference, reason=NOTHING_LEFT)
    )
    return done


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    """Both sides have the same version again."""
    order, asked = message.order, request.body
    assert order is not None
    SalesOrder.objects.filter(pk=order.pk).update(sent_version=asked.version, sent_snapshot=asked.snapshot)
    if not asked.wanted:
        order.move(Stage.CANCELLED, note=NOTHING_LEFT, at=at)
    proof = {"warehouse was told": message.connection.name, "version": asked.version, "answered": at.isoformat()}
    clear_items("E09", subjects=[message.subject], proof=proof, at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return error
