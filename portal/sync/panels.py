"""What the corridor shows on a case's page: every attempt with its redacted evidence, and where each thing stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exceptions.models import ExceptionCase
from portal.ledger.models import SalesOrder, Shipment, StockPublication
from portal.sync.models import DeliveryAttempt, OutboundMessage
from portal.sync.versions import versions_of

ATTEMPTS_SHOWN = 5
Panel = tuple[str, dict[str, Any]]


def attempts(case: ExceptionCase, subject: str) -> Panel | None:
    """The last attempts of every message about this thing."""
    found = DeliveryAttempt.objects.filter(message__subject=subject).select_related("message", "message__connection")
    rows = list(found.order_by("-started_at")[:ATTEMPTS_SHOWN])
    return ("sync/attempts_panel.html", {"attempts": rows}) if rows else None


def versions(case: ExceptionCase, subject: str) -> Panel | None:
    """Both versions of an order that was changed after the warehouse had it."""
    if case.kind != "E09":
        return None
    order = SalesOrder.objects.select_related("connection").prefetch_related("lines").filter(pk=number(subject)).first()
    rows = versions_of(order) if order is not None else []
    return ("sync/versions_panel.html", {"order": order, "versions": rows, "shown": False}) if rows else None


def order_states(subjects: list[str]) -> dict[str, str]:
    orders = SalesOrder.objects.filter(pk__in=[number(subject) for subject in subjects])
    return {f"order:{order.pk}": order.get_stage_display() for order in orders}


def shipment_states(subjects: list[str]) -> dict[str, str]:
    rows = Shipment.objects.filter(pk__in=[number(subject) for subject in subjects])
    return {f"shipment:{row.pk}": "shown in the channel" if row.shown_at else "not shown in the channel yet" for row in rows}


def stock_states(subjects: list[str]) -> dict[str, str]:
    rows = StockPublication.objects.filter(pk__in=[number(subject) for subject in subjects])
    return {f"stock:{row.pk}": f"should show {row.wanted}, shows {'nothing known' if row.confirmed is None else row.confirmed}" for row in rows}


def message_states(subjects: list[str]) -> dict[str, str]:
    rows = OutboundMessage.objects.filter(pk__in=[number(subject) for subject in subjects])
    return {f"message:{row.pk}": row.get_state_display() for row in rows}


def number(subject: str) -> int:
    return int(subject.partition(":")[2])


STATES: dict[str, Callable[[list[str]], dict[str, str]]] = {
    "order": order_states,
    "shipment": shipment_states,
    "stock": stock_states,
    "message": message_states,
}


def connect() -> None:
    """Put them on the case page."""
    from exceptions.details import add_panel, add_states

    add_panel("order", versions)
    for prefix, states in STATES.items():
        add_states(prefix, states)
        add_panel(prefix, attempts, is_evidence=True)
