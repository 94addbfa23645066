"""How rows are told: plain dictionaries for speed, and the serializers that describe them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from exceptions.models import ExceptionCase
from portal.ledger.models import Refund, ReturnOrder, SalesOrder, Shipment, StockPublication
from portal.sync.models import Run
from portal.ui.words import masked

PERSONAL = ("first_name", "last_name", "company", "line1", "line2", "postcode", "phone", "email")


def when(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def amount(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def address(told: dict[str, str] | None, *, people: bool) -> dict[str, str] | None:
    if not told:
        return None
    return {name: value if people or name not in PERSONAL or not value else masked(value) for name, value in told.items()}


class Moment(serializers.DateTimeField):
    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=options.pop("allow_null", True), **options)


class LineShape(serializers.Serializer):
    id = serializers.CharField()
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    total = serializers.CharField()


class OrderShape(serializers.Serializer):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    number = serializers.CharField()
    account = serializers.CharField()
    store = serializers.CharField()
    state = serializers.CharField()
    payment_state = serializers.CharField()
    stage = serializers.CharField()
    stage_note = serializers.CharField()
    stage_at = Moment()
    placed_at = Moment()
    changed_at = Moment()
    currency = serializers.CharField()
    total = serializers.CharField()
    email = serializers.CharField()
    shipping_address = serializers.DictField(child=serializers.CharField(), allow_null=True)
    lines = LineShape(many=True)


def order(row: SalesOrder, *, people: bool) -> dict[str, Any]:
    return {
        "id": row.pk,
        "external_id": row.reference,
        "number": row.number,
        "account": row.connection.name,
        "store": row.store_code,
        "state": row.state,
        "payment_state": row.payment_state,
        "stage": row.stage,
        "stage_note": row.stage_note,
        "stage_at": when(row.stage_at),
        "placed_at": when(row.placed_at),
        "changed_at": when(row.changed_at),
        "currency": row.currency,
        "total": amount(row.total),
        "email": row.email if people or not row.email else masked(row.email),
        "shipping_address": address(row.effective_address, people=people),
        "lines": [
            {"id": one.reference, "sku": one.sku, "name": one.title, "quantity": one.quantity, "cancelled": one.cancelled, "total": amount(one.total)}
            for one in row.lines.all()
        ],
    }


class PartShape(serializers.Serializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()


class ParcelShape(serializers.Serializer):
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField()
    lines = PartShape(many=True)


class ShipmentShape(serializers.Serializer):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    order_external_id = serializers.CharField()
    order_number = serializers.CharField()
    carrier = serializers.CharField(help_text="As the warehouse calls it; look the channel's code up under /mappings/lookup.")
    service = serializers.CharField()
    location = serializers.CharField()
    shipped_at = Moment()
    cancelled_at = Moment()
    shown_at = Moment(help_text="When the channel was seen to show it.")
    version = serializers.IntegerField()
    lines = PartShape(many=True)
    parcels = ParcelShape(many=True)


def shipment(row: Shipment) -> dict[str, Any]:
    sold = row.order
    return {
        "id": row.pk,
        "external_id": row.reference,
        "order_external_id": sold.reference if sold else "",
        "order_number": sold.number if sold else "",
        "carrier": row.carrier_code or row.carrier_label,
        "service": row.service_code,
        "location": row.warehouse_code,
        "shipped_at": when(row.shipped_at),
        "cancelled_at": when(row.cancelled_at),
        "shown_at": when(row.shown_at),
        "version": row.version,
        "lines": [{"sku": one.sku, "quantity": one.quantity} for one in row.lines.all()],
        "parcels": [
            {
                "tracking_number": one.tracking_number,
                "tracking_url": one.tracking_url,
                "lines": [{"sku": sku, "quantity": units} for sku, units in one.lines],
            }
            for one in row.parcels.all()
        ],
    }


class StockShape(serializers.Serializer):
    id = serializers.IntegerField()
    account = serializers.CharField()
    sku = serializers.CharField()
    location = serializers.CharField()
    available = serializers.IntegerField(help_text="What the channel must show: absolute, buffer already kept back.")
    withheld = serializers.IntegerField()
    revision = serializers.IntegerField()
    changed_at = Moment()
    confirmed = serializers.IntegerField(allow_null=True)
    confirmed_at = Moment()


def stock(row: StockPublication) -> dict[str, Any]:
    return {
        "id": row.pk,
        "account": row.connection.name,
        "sku": row.sku,
        "location": row.warehouse_code,
        "available": row.wanted,
        "withheld": row.withheld,
        "revision": row.revision,
        "changed_at": when(row.truth_changed_at),
        "confirmed": row.confirmed,
        "confirmed_at": when(row.confirmed_at),
    }


class ReturnLineShape(serializers.Serializer):
    id = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    received = serializers.IntegerField()
    sellable = serializers.IntegerField(allow_null=True)
    damaged = serializers.IntegerField(allow_null=True)
    missing = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()


class ReturnShape(serializers.Serializer):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    account = serializers.CharField()
    order_external_id = serializers.CharField()
    order_number = serializers.CharField()
    rma = serializers.CharField()
    state = serializers.CharField()
    changed_at = Moment()
    lines = ReturnLineShape(many=True)


def return_order(row: ReturnOrder) -> dict[str, Any]:
    fields = ("sku", "quantity", "received", "sellable", "damaged", "missing", "reason")
    return {
        "id": row.pk,
        "external_id": row.reference,
        "account": row.connection.name,
        "order_external_id": row.order_reference,
        "order_number": row.order.number if row.order else row.order_number,
        "rma": row.rma,
        "state": row.state,
        "changed_at": when(row.changed_at),
        "lines": [{"id": one.reference, **{name: getattr(one, name) for name in fields}} for one in row.lines.all()],
    }


class RefundShape(serializers.Serializer):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    account = serializers.CharField()
    order_external_id = serializers.CharField()
    order_line = serializers.CharField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    quantity = serializers.IntegerField()
    reason = serializers.CharField()
    state = serializers.CharField()
    at = Moment()


def refund(row: Refund) -> dict[str, Any]:
    return {
        "id": row.pk,
        "external_id": row.reference,
        "account": row.connection.name,
        "order_external_id": row.order_reference,
        "order_line": row.order_line,
        "amount": amount(row.amount),
        "currency": row.currency,
        "quantity": row.quantity,
        "reason": row.reason,
        "state": row.state,
        "at": when(row.at),
    }


class CaseShape(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    owner = serializers.CharField()
    severity = serializers.IntegerField()
    state = serializers.CharField()
    cause = serializers.CharField()
    what_to_tell_customers = serializers.CharField()
    affected = serializers.IntegerField()
    value = serializers.DictField(child=serializers.CharField())
    account = serializers.CharField()
    opened_at = Moment()
    due_at = Moment()
    deadline_at = Moment()
    resolved_at = Moment()
    resolution = serializers.CharField()


def case(row: ExceptionCase) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.rule.name,
        "owner": row.owner,
        "severity": row.severity,
        "state": row.state,
        "cause": row.cause,
        "what_to_tell_customers": row.rule.words.cx,
        "affected": row.items_open,
        "value": {currency: str(told) for currency, told in row.value.items()},
        "account": row.connection.name if row.connection else "",
        "opened_at": when(row.opened_at),
        "due_at": when(row.due_at),
        "deadline_at": when(row.deadline_at),
        "resolved_at": when(row.resolved_at),
        "resolution": row.resolution,
    }


class RunShape(serializers.Serializer):
    id = serializers.IntegerField()
    integration = serializers.CharField()
    process = serializers.CharField()
    trigger = serializers.CharField()
    state = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)
    handled = serializers.IntegerField()
    refused = serializers.IntegerField()
    message = serializers.CharField()
    created_at = Moment()
    started_at = Moment()
    ended_at = Moment()


def run(row: Run) -> dict[str, Any]:
    fields = ("process", "trigger", "state", "number", "handled", "refused", "message")
    moments = ("created_at", "started_at", "ended_at")
    told = {name: getattr(row, name) for name in fields}
    return {"id": row.pk, "integration": row.integration.name, **told, **{name: when(getattr(row, name)) for name in moments}}
