"""Disable Multishipment (R110, R111): where it is on, an order's first confirmation is final and takes along all that had shipped by then.

Off, every dispatch is told for itself, and the lines stay open until all of it has shipped.
"""

from __future__ import annotations

from datetime import datetime

from exceptions.cases import clear_items
from portal.connections.models import Integration
from portal.ledger.expect import Expected, drop
from portal.ledger.models import SalesOrder, Shipment, Stage
from portal.sync.after_final import AFTER_FINAL, refuse
from portal.sync.dispatched import told
from portal.sync.models import OutboundMessage, State
from portal.sync.subjects import order_subject, shipment_subject

UNSENT = (State.QUEUED, State.PARKED)


def told_together(shipment: Shipment, order: SalesOrder, integration: Integration) -> list[Shipment]:
    """The shipment, and with multishipment disabled every other one that has left and was not told."""
    if not integration.disable_multishipment or shipment.channel_reference:
        return [shipment]
    waiting = order.shipments.filter(cancelled_at=None, channel_reference="", connection=shipment.connection_id)
    return list(waiting.prefetch_related("lines", "parcels").order_by("shipped_at", "pk"))


def close_order(shipment: Shipment, integration: Integration, covers: tuple[int, ...], reference: str, *, tracked: bool, at: datetime) -> None:
    """The final confirmation is told: what went with it is told too, and nothing more of the order is expected."""
    order = shipment.order
    assert order is not None
    others = list(order.shipments.filter(pk__in=covers).exclude(pk=shipment.pk).select_related("order"))
    Shipment.objects.filter(pk__in=[one.pk for one in others]).update(channel_reference=reference[:120])
    for one in others:
        told(one, tracked=tracked, proof={"channel shows": reference, "told with": shipment.reference}, at=at)
    let_go(others, "Told together with another dispatch of the order.", state=State.CONFIRMED, at=at)
    late = list(order.shipments.filter(cancelled_at=None, channel_reference="").exclude(pk__in=covers).select_related("order"))
    let_go(late, AFTER_FINAL, state=State.SUPERSEDED, at=at)
    for one in late:
        refuse(one, integration, at=at)
    subject = order_subject(order)
    drop(subject, at=at, kinds=[Expected.SHIPPED])
    left = still_open(order)
    if left and SalesOrder.objects.get(pk=order.pk).stage not in (Stage.CANCELLED, Stage.ABANDONED):
        order.move(Stage.DONE, note=f"The first confirmation was final; {left} units that had not shipped were let go.", at=at)
        clear_items(("E19", "E29"), subjects=[subject], proof={"final confirmation": reference, "let go": str(left)}, at=at)


def still_open(order: SalesOrder) -> int:
    """Units that are wanted and in no shipment."""
    wanted = sum(line.wanted for line in order.lines.all() if not line.is_extra)
    shipped = order.shipments.filter(cancelled_at=None).values_list("lines__quantity", flat=True)
    return max(0, wanted - sum(units or 0 for units in shipped))


def let_go(shipments: list[Shipment], note: str, *, state: State, at: datetime) -> None:
    messages = OutboundMessage.objects.filter(kind="confirm_shipment", subject__in=[shipment_subject(one) for one in shipments], state__in=UNSENT)
    messages.update(state=state, note=note, waiting_for="", confirmed_at=at if state == State.CONFIRMED else None)
