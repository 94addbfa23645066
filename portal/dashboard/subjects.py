"""Where the things that cases name (“order:12”) are looked at, and how they stand."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from exceptions.details import add_link, add_panel, add_states
from portal.dashboard.seller_panel import seller_panel
from portal.ledger.models import FlowState, HubOrder, ReturnFlow, SalesOrder, Shipment, Stage, StockPublication
from portal.sync.models import OutboundMessage
from portal.sync.subjects import subject_pk

# Things that have no page of their own -> the order they belong to
OWNERS = {"shipment": Shipment, "hub_order": HubOrder, "message": OutboundMessage}


def register() -> None:
    """Told to the case pages when the portal starts."""
    add_link("order", lambda pk: reverse("dashboard:order", args=[pk]))
    for prefix in (*OWNERS, "stock"):
        add_link(prefix, _link(prefix))
    add_link("flow", lambda pk: reverse("dashboard:return", args=[pk]))
    add_states("flow", flow_states)
    add_link("sku", lambda rest: stock_address(rest.partition(":")[2]))
    add_states("order", order_states)
    add_states("stock", stock_states)
    add_panel("order", seller_panel)


def address_of(prefix: str, pk: int) -> str:
    """The page about a thing; "" when it is gone or belongs to no order."""
    if prefix == "stock":
        sku = StockPublication.objects.filter(pk=pk).values_list("sku", flat=True).first()
        return stock_address(sku) if sku else ""
    model = OWNERS.get(prefix)
    order = model.objects.filter(pk=pk).values_list("order_id", flat=True).first() if model else None  # type: ignore[attr-defined]
    return reverse("dashboard:order", args=[order]) if order else ""


def stock_address(sku: str) -> str:
    return reverse("dashboard:stock_item", args=[sku]) if sku else reverse("dashboard:stock")


def order_states(subjects: list[str]) -> dict[str, str]:
    """Subject → the order's stage in words."""
    stages = dict(SalesOrder.objects.filter(pk__in=[subject_pk(one) for one in subjects]).order_by().values_list("pk", "stage"))
    return {one: str(Stage(stages[subject_pk(one)]).label) for one in subjects if subject_pk(one) in stages}


def flow_states(subjects: list[str]) -> dict[str, str]:
    """Subject → which side of the return's triangle is missing."""
    states = dict(ReturnFlow.objects.filter(pk__in=[subject_pk(one) for one in subjects]).order_by().values_list("pk", "state"))
    return {one: str(FlowState(states[subject_pk(one)]).label) for one in subjects if subject_pk(one) in states}


def stock_states(subjects: list[str]) -> dict[str, str]:
    rows = StockPublication.objects.in_bulk([subject_pk(one) for one in subjects])
    found = {one: rows[subject_pk(one)] for one in subjects if subject_pk(one) in rows}
    return {one: f"should show {row.wanted}, shows {row.confirmed if row.confirmed is not None else 'nothing yet'}" for one, row in found.items()}


def _link(prefix: str) -> Callable[[str], str]:
    return lambda pk: reverse("dashboard:subject", args=[prefix, pk])
