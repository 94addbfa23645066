"""Reads a hub's order: it confirms what we sent, and tells what was shipped."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from connectors.canonical import HubState
from portal.ledger.expect import Expected, met
from portal.ledger.models import SalesOrder, Stage
from portal.ledger.record_hub_orders import HubRecorded, record_hub_order
from portal.sync import failures
from portal.sync.complaints import snapshot
from portal.sync.confirm import confirm, order_at_hub, remember_reference
from portal.sync.models import InboundMessage, InboundState

STAGES = {
    HubState.PART_SHIPPED: Stage.PART_SHIPPED,
    HubState.SHIPPED: Stage.SHIPPED,
    HubState.CANCELLED: Stage.CANCELLED,
}
BEFORE = {Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED, Stage.WITH_HUB, Stage.PART_SHIPPED}


def read(seen: canonical.HubOrder, *, message: InboundMessage, at: datetime) -> InboundState:
    order = order_at_hub(message.connection, reference=seen.reference, number=seen.number)
    recorded = record_hub_order(seen, connection=message.connection, order=order, at=at)
    if recorded.older:
        return InboundState.OLDER
    if order is not None:
        acknowledge(order, recorded, seen, at=at)
    return InboundState.DONE if recorded.changed or recorded.shipments else InboundState.OLDER


def acknowledge(order: SalesOrder, recorded: HubRecorded, seen: canonical.HubOrder, *, at: datetime) -> None:
    """The warehouse has the order: nothing about its transfer is open any more."""
    subject = f"order:{order.pk}"
    if recorded.created or order.stage in (Stage.QUEUED, Stage.BLOCKED):
        remember_reference(recorded.hub_order.connection, "order", subject, seen.reference, link=seen.link)
        met(Expected.IN_HUB, subject, at=at)
        failures.settled(order, proof={"warehouse order": seen.reference, "seen in": recorded.hub_order.connection.name}, at=at)
        if order.sent_snapshot is None:
            SalesOrder.objects.filter(pk=order.pk).update(sent_version=order.version, sent_snapshot=snapshot(order))
    confirm("create_order", subject, at=at)
    stage = STAGES.get(seen.state, Stage.WITH_HUB)
    if order.stage in BEFORE and order.stage != stage:
        order.move(stage, at=at)
