"""Reads a hub's order: it confirms what we sent, and tells what was shipped."""

from __future__ import annotations

from datetime import datetime

from exceptions.cases import clear_items

from connectors import canonical
from connectors.canonical import HubState
from portal.ledger.expect import Expected, met
from portal.ledger.models import SalesOrder, Stage
from portal.ledger.record_hub_orders import HubRecorded, record_hub_order
from portal.sync import complaints, failures
from portal.sync.complaints import snapshot
from portal.sync.confirm import confirm, order_at_hub, remember_reference
from portal.sync.dispatched import shipped, taken_back
from portal.sync.models import ExternalReference, InboundMessage, InboundState

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
        for shipment in recorded.shipments:
            shipped(shipment, at=at)
    for shipment in recorded.taken_back:
        taken_back(shipment, at=at)
    return InboundState.DONE if recorded.changed or recorded.shipments else InboundState.OLDER


def acknowledge(order: SalesOrder, recorded: HubRecorded, seen: canonical.HubOrder, *, at: datetime) -> None:
    """The warehouse has the order: nothing about its transfer is open any more."""
    subject = f"order:{order.pk}"
    watch_duplicates(order, at=at)
    known = ExternalReference.objects.filter(connection=recorded.hub_order.connection, kind="order", subject=subject).exists()
    if not known or order.stage in (Stage.QUEUED, Stage.BLOCKED):
        remember_reference(recorded.hub_order.connection, "order", subject, seen.reference, link=seen.link)
        met(Expected.IN_HUB, subject, at=at)
        failures.settled(order, proof={"warehouse order": seen.reference, "seen in": recorded.hub_order.connection.name}, at=at)
        if order.sent_snapshot is None:
            SalesOrder.objects.filter(pk=order.pk).update(sent_version=order.version, sent_snapshot=snapshot(order))
    confirm("create_order", subject, at=at)
    stage = STAGES.get(seen.state, Stage.WITH_HUB)
    if order.stage in BEFORE and order.stage != stage:
        order.move(stage, at=at)


def watch_duplicates(order: SalesOrder, *, at: datetime) -> None:
    """Two live warehouse orders for one sales order are a case until one is cancelled."""
    live = list(order.hub_orders.exclude(state=HubState.CANCELLED).filter(merged_into="").values_list("reference", flat=True))
    if len(live) > 1:
        complaints.duplicate(order, live, at=at)
    else:
        clear_items("E07", subjects=[f"order:{order.pk}"], proof={"live warehouse orders": ", ".join(live) or "none"}, at=at)
