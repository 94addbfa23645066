"""Correct the order: a person puts right what the channel got wrong, and the order goes (R31)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from connectors.canonical import CodeKind
from exceptions.actions import ActionForm, CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from mappings import live
from portal.accounts.models import User
from portal.accounts.permissions import Action, Kind, allowed
from portal.audit.trail import record
from portal.ledger.models import SalesOrder, Stage
from portal.sync.case_actions.held_up import counted, one_order
from portal.sync.completeness import missing, sentence
from portal.sync.plan_orders import plan_order

LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "line1": "Street and number",
    "line2": "Second line",
    "city": "City",
    "region": "State or region",
    "postcode": "Postcode",
    "country": "Country (two letters)",
    "phone": "Phone",
    "email": "E-mail",
}
CORRECTABLE = (Stage.BLOCKED, Stage.RECEIVED, Stage.HELD, Stage.QUEUED)


class CorrectOrderForm(ActionForm):
    """The fields of the one order, filled with what it has now; only what is changed is kept as a correction."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        order = one_order(self.case)
        if order is None:
            return
        address = order.effective_address
        for name, label in LABELS.items():
            self.fields[f"address.{name}"] = forms.CharField(label=label, required=False, max_length=200, initial=address.get(name, ""))
        self.fields["ship_service_code"] = service_field(order)
        for line in order.lines.all():
            if not line.is_extra:
                label = f"SKU of line {line.position} ({line.quantity} × {line.title or line.sku})"
                current = order.corrections.get(f"line.{line.reference}.sku") or line.sku
                self.fields[f"line.{line.reference}.sku"] = forms.CharField(label=label, required=False, max_length=120, initial=current)


def service_field(order: SalesOrder) -> forms.Field:
    """The delivery method, from the channel's own list where it can be read."""
    codes = live.codes(order.connection, CodeKind.SHIP_SERVICE).codes
    current = order.effective_ship_service
    if not codes:
        return forms.CharField(label="Delivery method", required=False, max_length=200, initial=current)
    choices = [("", "–"), *((code.value, code.label or code.value) for code in codes)]
    if current and current not in {value for value, _ in choices}:
        choices.append((current, current))
    return forms.ChoiceField(label="Delivery method", required=False, choices=choices, initial=current)


def concern_of(field: str) -> Kind:
    """What a field is to the permission table: CX addresses, OPS the delivery method, MER the SKU of a line."""
    if field.startswith("address."):
        return Kind.ADDRESS
    return Kind.DELIVERY_METHOD if field == "ship_service_code" else Kind.SKU_LINE


def concern(case: ExceptionCase, by: User) -> Kind | None:
    """The first kind of field this person may correct, so that the button is shown to those who may correct anything."""
    kinds = (Kind.ADDRESS, Kind.DELIVERY_METHOD, Kind.SKU_LINE)
    return next((kind for kind in kinds if allowed(by, Action.CORRECT_ORDER, owner=case.acting_roles, kind=kind).yes), Kind.ADDRESS)


def current_values(order: SalesOrder) -> dict[str, str]:
    values = {f"address.{name}": str(order.effective_address.get(name, "") or "") for name in LABELS}
    values["ship_service_code"] = order.effective_ship_service
    for line in order.lines.all():
        values[f"line.{line.reference}.sku"] = str(order.corrections.get(f"line.{line.reference}.sku") or line.sku)
    return values


def preview(case: ExceptionCase, data: Data) -> Preview:
    """Each field as it is and as it would be, and whether the order goes then."""
    order = one_order(case)
    if order is None:
        raise CaseError("This case is about several orders; correct them one by one on their own pages.")
    before = current_values(order)
    changes = {name: str(value).strip() for name, value in data.items() if name in before and str(value).strip() != before[name]}
    rows = [PreviewRow(name.rpartition(".")[2].replace("_", " ") if "line." not in name else "SKU", before[name], changes[name]) for name in changes]
    order.corrections = {**order.corrections, **changes}  # of this copy only
    lacks = missing(order)
    hub = order.integration.hub if order.integration else "the warehouse"
    if lacks:
        return Preview(f"Nothing would be sent yet. {sentence(lacks)}", rows)
    return Preview(f"The order goes to {hub} with {counted(len(rows), 'correction')}; {order.connection} keeps its own data.", rows)


def run(case: ExceptionCase, by: User, data: Data) -> str:
    """Keep what was changed as corrections, with the audit record, and plan the order anew."""
    order = one_order(case)
    if order is None:
        raise CaseError("This case is about several orders; correct them one by one on their own pages.")
    with transaction.atomic():
        order = SalesOrder.objects.select_for_update().get(pk=order.pk)
        return correct(order, {name: str(value).strip() for name, value in data.items()}, by=by)


def correct(order: SalesOrder, wanted: dict[str, str], *, by: User) -> str:
    before = current_values(order)
    changes = {name: value for name, value in wanted.items() if name in before and value != before[name]}
    if not changes:
        raise CaseError("Nothing was changed, so nothing was sent.")
    if order.stage not in CORRECTABLE:
        raise CaseError(f"The order is {order.get_stage_display()}: a correction here would not reach the warehouse.")
    for name in changes:
        verdict = allowed(by, Action.CORRECT_ORDER, kind=concern_of(name))
        if not verdict.yes:
            raise CaseError(f"{verdict.why} Nothing was changed.")
    order.corrections = {**order.corrections, **changes}
    order.save(update_fields=["corrections"])
    record("order.corrected", order, by=by, old={name: before[name] for name in changes}, new=changes)
    plan_order(order, at=timezone.now(), by_hand=True)
    order.refresh_from_db()
    if order.stage == Stage.BLOCKED:
        return f"Corrected, but something is still missing. {order.stage_note}"
    return "Corrected. The order goes to the warehouse within a minute; the case closes when it is there."


ACTION = CaseAction(
    name="correct_order",
    label="Correct the order",
    action=Action.CORRECT_ORDER,
    run=run,
    preview=preview,
    form=CorrectOrderForm,
    applies=lambda case: (order := one_order(case)) is not None and order.stage in CORRECTABLE,
    on=concern,
    help="The correction is used for the warehouse only; the shop's own data stays as it is.",
    key="e",
)
