"""Names of our things as text, the same everywhere: "order:12"."""

from __future__ import annotations

from portal.ledger.models import HubOrder, SalesOrder, Shipment, StockPublication


def order_subject(order: SalesOrder | int) -> str:
    return f"order:{order if isinstance(order, int) else order.pk}"


def shipment_subject(shipment: Shipment) -> str:
    return f"shipment:{shipment.pk}"


def hub_order_subject(hub_order: HubOrder) -> str:
    return f"hub_order:{hub_order.pk}"


def stock_subject(publication: StockPublication) -> str:
    return f"stock:{publication.pk}"


def subject_pk(subject: str) -> int:
    return int(subject.partition(":")[2])
