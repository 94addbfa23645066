"""Stop an order that has not reached the warehouse, or ask the warehouse to cancel it."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from exceptions.actions import ActionForm, CaseAction, Data, Preview, PreviewRow
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.audit.trail import record
from portal.ledger.expect import drop
from portal.ledger.models import SalesOrder, Stage
from portal.sync.case_actions.held_up import one_order
from portal.sync.models import OutboundMessage, State
from portal.sync.money_watch import watch_money
from portal.sync.plan import plan

CANCELLABLE = (Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED, Stage.WITH_HUB)


class CancelForm(ActionForm):
    reason = forms.CharField(label="Why", max_length=200)


def preview(case: ExceptionCase, data: Data) -> Preview:
    """Who would be told what; nothing is."""
    order = one_order(case)
    assert order is not None
    hub = order.integration.hub if order.integration else "the warehouse"
    asks = may_be_there(order)
    rows = [
        PreviewRow(f"{order} at {hub}", str(order.get_stage_display()), "asked to cancel it" if asks else "never hears of it"),
        PreviewRow(f"{order} in {order.connection}", order.vendor_state or str(order.get_state_display()), "unchanged: cancel and refund it there"),
    ]
    told = f"One message goes to {hub}: cancel order {order.number}." if asks else f"Nothing is sent; what waits for {hub} is dropped."
    return Preview(told, rows)


def may_be_there(order: SalesOrder) -> bool:
    """Its creation was tried at least once."""
    tried = OutboundMessage.objects.filter(kind="create_order", subject=f"order:{order.pk}", attempts__gt=0)
    return order.integration is not None and tried.exists()


def run(case: ExceptionCase, by: User, data: Data) -> str:
    order = one_order(case)
    assert order is not None
    return cancel(order, by=by, reason=str(data["reason"]))


def cancel(order: SalesOrder, *, by: User, reason: str) -> str:
    """Nothing is told to the channel: its own people cancel and refund there."""
    at = timezone.now()
    record("order.cancel_asked", order, by=by, reason=reason)
    subject = f"order:{order.pk}"
    if order.integration is not None and may_be_there(order):
        plan("cancel_order", integration=order.integration, subject=subject, version=f"by hand {at.isoformat()}", order=order, at=at)
        return "The warehouse is asked to cancel it. Cancel and refund it in the shop too; the case closes when both sides agree."
    OutboundMessage.objects.filter(kind="create_order", subject=subject, state__in=(State.QUEUED, State.PARKED)).update(
        state=State.ABANDONED, note=f"Stopped by {by.called}: {reason}", waiting_for=""
    )
    drop(subject, at=at)
    order.move(Stage.ABANDONED, note=f"Stopped by {by.called}: {reason}", at=at)
    watch_money(order, at=at)
    return "Stopped: the warehouse will not get this order. Cancel and refund it in the shop too, then resolve this case."


ACTION = CaseAction(
    name="cancel_order",
    label="Stop this order",
    action=Action.REPLAY_ONE,
    run=run,
    preview=preview,
    form=CancelForm,
    applies=lambda case: (order := one_order(case)) is not None and order.stage in CANCELLABLE,
    help="The warehouse does not get it, or is asked to cancel it.",
)
