"""What leaves the warehouse after an order's one and final confirmation: it is not told, and a person must book it (R110, E19)."""

from __future__ import annotations

from datetime import datetime

from exceptions.cases import open_case
from portal.connections.models import Integration
from portal.ledger.expect import Expected, drop
from portal.ledger.models import SalesOrder, Shipment
from portal.sync import complaints
from portal.sync.subjects import shipment_subject

AFTER_FINAL = "The order's first confirmation was final, so this later dispatch was not told."


def comes_after_final(shipment: Shipment, order: SalesOrder, integration: Integration) -> bool:
    """The channel has had the order's one confirmation, and this shipment was no part of it."""
    if not integration.disable_multishipment or shipment.channel_reference:
        return False
    return order.shipments.filter(cancelled_at=None).exclude(pk=shipment.pk).exclude(channel_reference="").exists()


def refuse(shipment: Shipment, integration: Integration, *, at: datetime) -> None:
    """It left the warehouse after the channel had closed the order."""
    order, subject = shipment.order, shipment_subject(shipment)
    assert order is not None
    drop(subject, at=at, kinds=[Expected.SHOWN])
    units = sum(line.quantity for line in shipment.lines.all())
    open_case(
        "E19",
        fingerprint=f"after-final:{shipment.pk}",
        cause=f"{units} more units of order {order.number} have left the warehouse, but its first confirmation was final: {order.connection} has "
        "let the rest go. Book this dispatch there by hand.",
        items=[complaints.entry(order, subject=subject, at=shipment.shipped_at)],
        connection=order.connection,
        integration=integration,
        evidence={"shipment": shipment.reference, "multishipment": "disabled"},
        at=at,
    )
