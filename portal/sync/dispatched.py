"""What follows when the warehouse ships, and when the channel shows it."""

from __future__ import annotations

from datetime import datetime, timedelta

from exceptions.cases import clear_items
from portal.ledger.expect import Expected, drop, expect, met
from portal.ledger.models import SalesOrder, Shipment, Stage
from portal.sync import complaints
from portal.sync.after_final import comes_after_final, refuse
from portal.sync.plan import plan
from portal.sync.profiles import fetching
from portal.sync.subjects import order_subject, shipment_subject

TOLD_KINDS = ("E16", "E17", "E18", "E19", "E20")


def shipped(shipment: Shipment, *, at: datetime) -> None:
    """The warehouse shipped (or changed a shipment): the channel must show it within the agreed window (R57)."""
    order = shipment.order
    integration = fetching(order, shipment.connection_id) if order is not None and order.integration_id else None
    if order is None or integration is None:
        return
    if comes_after_final(shipment, order, integration):
        refuse(shipment, integration, at=at)
        return
    if not order.connection.owns_dispatch:
        met(Expected.SHIPPED, order_subject(order), at=at)
        return  # another account tells this shop its dispatches (R1)
    subject = shipment_subject(shipment)
    due_at = max(shipment.shipped_at, at - timedelta(minutes=1)) + timedelta(minutes=integration.dispatch_window_min)
    expect(Expected.SHOWN, subject, due_at=due_at, connection=order.connection, because="The warehouse has shipped it.", at=at)
    met(Expected.SHIPPED, order_subject(order), at=at)
    plan("confirm_shipment", integration=integration, subject=subject, version=str(shipment.version), order=order, at=at)


def taken_back(shipment: Shipment, *, at: datetime) -> None:
    """Was shipped, now is not: never silent, because the channel has told the customer."""
    drop(shipment_subject(shipment), at=at)
    if shipment.shown_at is not None or shipment.channel_reference:
        complaints.unshipped(shipment, at=at)


def told(shipment: Shipment, *, tracked: bool, proof: dict[str, str], at: datetime) -> None:
    """The channel shows the dispatch; without tracking it is not finished yet."""
    if not tracked:
        return
    Shipment.objects.filter(pk=shipment.pk, shown_at=None).update(shown_at=at)
    subjects = [shipment_subject(shipment)]
    met(Expected.SHOWN, subjects[0], at=at)
    order = shipment.order
    if order is None:
        return
    waiting = Shipment.objects.filter(order=order, cancelled_at=None, shown_at=None).exclude(pk=shipment.pk).exists()
    if not waiting:
        subjects.append(order_subject(order))
    stage = SalesOrder.objects.values_list("stage", flat=True).get(pk=order.pk)
    over = [kind for kind in TOLD_KINDS if kind != "E19" or stage != Stage.PART_SHIPPED]  # the rest of the order is still stuck
    clear_items(over, subjects=subjects, proof=proof, at=at)
    if not waiting and stage == Stage.SHIPPED:
        order.move(Stage.DONE, at=at)
