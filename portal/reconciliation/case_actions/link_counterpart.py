"""Tie a warehouse order that nobody sold to the sale it belongs to, by the sale's number (R43)."""

from __future__ import annotations

from django import forms
from django.db import transaction
from django.utils import timezone

from exceptions.actions import ActionForm, CaseAction, Data
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from exceptions.proof import check
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.audit.trail import record
from portal.ledger.models import HubOrder, SalesOrder
from portal.sync.confirm import remember_reference
from portal.sync.proofs import among
from portal.sync.subjects import order_subject


class LinkForm(ActionForm):
    number = forms.CharField(label="The sale's order number in the channel", max_length=120)


def lonely(case: ExceptionCase) -> HubOrder | None:
    pks = among(case, "hub_order")
    return HubOrder.objects.select_related("connection").filter(pk__in=pks, order=None).first() if len(pks) == 1 else None


def run(case: ExceptionCase, by: User, data: Data) -> str:
    hub_order = lonely(case)
    if hub_order is None or case.integration is None:
        raise CaseError("This warehouse order has its sale by now. Reload the page.")
    number = str(data["number"]).strip()
    found = [one for one in SalesOrder.objects.filter(connection=case.integration.channel_id, number_key=number.upper())[:2] if one.number == number]
    if len(found) != 1:
        raise CaseError(f"{case.integration.channel} has no sale with the number {number}, or more than one. Nothing was linked.")
    with transaction.atomic():
        HubOrder.objects.filter(pk=hub_order.pk).update(order=found[0])
        hub_order.shipments.update(order=found[0])
        if not found[0].hub_orders.exclude(pk=hub_order.pk).exists():
            remember_reference(hub_order.connection, "order", order_subject(found[0]), hub_order.reference, link=hub_order.link)
        record("hub_order.linked", hub_order, by=by, new={"sale": found[0].number}, reason=f"case {case.pk}")
    check(case, at=timezone.now())
    return f"{hub_order.number} belongs to sale {found[0].number}. The next reading of the warehouse takes its dispatch there."


ACTION = CaseAction(
    name="link_counterpart",
    label="Link it to its sale",
    action=Action.RESOLVE_BY_HAND,
    run=run,
    form=LinkForm,
    applies=lambda case: lonely(case) is not None,
    kinds=frozenset({"E06"}),
    help="Nothing is sent anywhere; Lockstep only learns which sale the order belongs to.",
    key="l",
)
