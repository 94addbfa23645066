"""Send a held order although its payment has not settled: a decision somebody signs for."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from exceptions.actions import ActionForm, CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.audit.trail import record
from portal.ledger.models import Stage
from portal.sync.case_actions.held_up import one_order
from portal.sync.completeness import missing, sentence
from portal.sync.payment_gate import ACCEPTED
from portal.sync.plan_orders import release_hold, send_if_complete


class AcceptForm(ActionForm):
    evidence = forms.CharField(label="How you know that the money is there", max_length=300)


def preview(case: ExceptionCase, data: Data) -> Preview:
    """What goes where; an incomplete order still waits for what it lacks."""
    order = one_order(case)
    if order is None or order.integration is None:
        raise CaseError("This case is about no single order that could be sent.")
    lacks = missing(order)
    after = sentence(lacks) if lacks else f"sent to {order.integration.hub} as paid"
    row = PreviewRow(str(order), f"held; {order.connection} says “{order.get_payment_state_display()}”", after)
    told = "Nothing is sent yet: the order lacks something." if lacks else f"One order of {order.total:.2f} {order.currency} goes to the warehouse."
    return Preview(told, [row])


def run(case: ExceptionCase, by: User, data: Data) -> str:
    order = one_order(case)
    if order is None or order.integration is None:
        raise CaseError("This case is about no single order that could be sent.")
    record("order.payment_accepted", order, by=by, reason=str(data["evidence"]))
    at = timezone.now()
    order.corrections = {**order.corrections, ACCEPTED: str(data["evidence"])}
    order.save(update_fields=["corrections"])
    release_hold(order, at=at)
    send_if_complete(order, order.integration, at=at)
    return "The order goes to the warehouse although the shop does not show the payment as settled. Your reason is kept."


ACTION = CaseAction(
    name="accept_payment_hold",
    label="Send it anyway",
    action=Action.RESOLVE_BY_HAND,
    run=run,
    preview=preview,
    form=AcceptForm,
    applies=lambda case: (order := one_order(case)) is not None and order.stage == Stage.HELD,
    help="For payments that are proven elsewhere. Finance answers for it.",
)
