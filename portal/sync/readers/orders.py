"""Reads a channel's order: ledger first, then the plan."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from portal.ledger.models import SalesOrder
from portal.ledger.record_orders import record_order
from portal.sync import attribute_watch
from portal.sync.codes import skus_to_hub
from portal.sync.confirm import confirm
from portal.sync.cut_watch import watch_cut
from portal.sync.dispatched import told
from portal.sync.flow_faults import arrived
from portal.sync.kinds.confirm_shipment import dispatch_key
from portal.sync.models import InboundMessage, InboundState
from portal.sync.pending_watch import watch_pending
from portal.sync.plan_orders import plan_order
from portal.sync.readers.returns import adopt
from portal.sync.returns.follow import follow_order
from portal.sync.stock import replan_stock
from portal.sync.subjects import shipment_subject

MONEY_OF_RETURNS = frozenset({"payments", "payment_state", "lines"})
ATTRIBUTES = frozenset({"extra", "tags", "payments"})


def read(seen: canonical.SalesOrder, *, message: InboundMessage, at: datetime) -> InboundState:
    recorded = record_order(seen, connection=message.connection, at=at)
    if recorded.older:
        return InboundState.OLDER
    if recorded.changed or recorded.created:
        plan_order(recorded.order, at=at, changed=recorded.changed)
    if message.door == "api":
        arrived(recorded.order, at=at)
    if recorded.created or "lines" in recorded.changed or "state" in recorded.changed:
        lower_elsewhere(recorded.order, at=at)
    for shown in seen.shipments:
        echo(recorded.order, shown, at=at)
    if recorded.created:
        adopt(recorded.order, at=at)
    elif recorded.changed & MONEY_OF_RETURNS and recorded.order.return_flows.exists():
        follow_order(recorded.order, at=at)
    watch_pending(recorded.order, at=at)
    watch_cut(recorded.order, at=at)
    if recorded.created or recorded.changed & ATTRIBUTES:
        attribute_watch.watch(recorded.order, seen, message, at=at)
    return InboundState.DONE


def lower_elsewhere(order: SalesOrder, *, at: datetime) -> None:
    """What was sold here is less everywhere else, at once (R13)."""
    if order.integration is None:
        return
    skus = skus_to_hub([line.sku for line in order.lines.all() if line.sku and not line.is_extra], order.integration, at)
    replan_stock(order.integration.hub, [found.value for found in skus.values()], at=at, moved_at=at)


def echo(order: SalesOrder, shown: canonical.Shipment, *, at: datetime) -> None:
    """The channel shows one of our dispatches: proof, even where its answer never reached us."""
    for shipment in order.shipments.filter(shown_at=None, cancelled_at=None).select_related("order"):
        if shown.reference in (dispatch_key(shipment), shipment.channel_reference):
            tracked = bool(shown.parcels) and all(parcel.tracking_number for parcel in shown.parcels)
            told(shipment, tracked=tracked, proof={"channel shows delivery": shown.reference, "seen": at.isoformat()}, at=at)
            confirm("confirm_shipment", shipment_subject(shipment), at=at)
