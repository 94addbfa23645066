"""Decide about lines of a marketplace order: accept them all, refuse one, or refuse the order (D5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from connectors.canonical import OrderState
from exceptions.actions import ActionForm, CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action, Kind
from portal.audit.trail import record
from portal.ledger.models import OrderLine, SalesOrder
from portal.sync.case_actions.held_up import STOPPED, one_order, orders_of
from portal.sync.kinds.decide_order import ACCEPT, REFUSE, decision_of
from portal.sync.models import OutboundMessage, State
from portal.sync.plan_acceptance import accept, consequence
from portal.sync.release import release_rows
from portal.sync.subjects import order_subject

EVERY = "every"
SHOWN = 20
WORDS = {ACCEPT: "accepted", REFUSE: "refused", "": "not decided"}


class RefuseForm(ActionForm):
    """Which line, or the whole order."""

    line = forms.ChoiceField(label="What is refused")
    reason = forms.CharField(label="Why", max_length=300)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [choice for order in waiting_orders(self.case) for choice in choices_of(order, str(self.case.evidence.get("value") or ""))]
        self.fields["line"].choices = choices  # type: ignore[attr-defined]


def choices_of(order: SalesOrder, sku: str) -> list[tuple[str, str]]:
    """What may be refused of an order: the line the case is about (else each), where the operator takes single lines; and the order."""
    lines = [line for line in order.lines.all() if not line.is_extra]
    about = [line for line in lines if line.sku == sku] or lines
    if len(lines) == 1 or order.connection.options.get("partial_acceptance", "true") != "true":
        about = []  # this operator takes all lines or none
    named = [(f"{order.pk}:{line.reference}", f"{order.number}, line {line.position}: {line.quantity} × {line.title or line.sku}") for line in about]
    return [*named, (f"{order.pk}:{EVERY}", f"{order.number}, the whole order ({order.total:.2f} {order.currency})")]


def waiting_orders(case: ExceptionCase) -> list[SalesOrder]:
    """The case's orders that the marketplace still waits for, the most urgent first."""
    orders = orders_of(case).filter(state=OrderState.WAITING_ACCEPTANCE, integration__isnull=False)
    return list(orders.order_by("accept_by", "pk")[:SHOWN])


def refuse(case: ExceptionCase, by: User, data: Data) -> str:
    pk, _, chosen = str(data["line"]).partition(":")
    order = next((one for one in waiting_orders(case) if str(one.pk) == pk), None)
    if order is None:
        raise CaseError("The marketplace does not wait for this order any more.")
    lines = [line for line in order.lines.all() if chosen in (EVERY, line.reference)]
    decide(order, lines, REFUSE, by=by, reason=str(data["reason"]))
    what = f"Order {order.number} is" if chosen == EVERY else f"One line of order {order.number} is"
    return f"{what} refused and the marketplace is told within a minute."


def accept_all(case: ExceptionCase, by: User, data: Data) -> str:
    order = one_order(case)
    if order is None:
        raise CaseError("The marketplace does not wait for this order any more.")
    undecided = [line for line in order.lines.all() if not decision_of(order, line)]
    decide(order, undecided, ACCEPT, by=by, reason="accepted from the case")
    return "Accepted. The marketplace is told within a minute; the case closes when it shows the order as accepted."


@transaction.atomic
def decide(order: SalesOrder, lines: list[OrderLine], word: str, *, by: User, reason: str) -> None:
    """Keep what was decided and send the decision about every line."""
    if not lines:
        raise CaseError("There is no line left to decide about.")
    locked = SalesOrder.objects.select_for_update(of=("self",)).select_related("integration", "connection").get(pk=order.pk)
    locked.corrections = {**locked.corrections, **{f"decision.{line.reference}": word for line in lines}}
    locked.save(update_fields=["corrections"])
    record("order.lines_decided", locked, by=by, new={line.reference: word for line in lines}, reason=reason)
    at = timezone.now()
    assert locked.integration is not None
    accept(locked, locked.integration, at=at)
    ask_again(locked, at=at)


def ask_again(order: SalesOrder, *, at: datetime) -> None:
    """Send the decision now, whatever it waited for; also once more where it was sent and the marketplace still waits."""
    sent = OutboundMessage.objects.filter(kind="decide_order", subject=order_subject(order), state=State.SENT)
    sent.update(state=State.QUEUED, not_before=at, looks_first=True)
    release_rows(OutboundMessage.objects.filter(kind="decide_order", subject=order_subject(order), state__in=STOPPED), at=at)


def preview(case: ExceptionCase, data: Data) -> Preview:
    """Each line as it would be decided, and what happens if nobody does anything."""
    orders = waiting_orders(case)
    chosen, _, line_chosen = str(data.get("line") or "").partition(":")
    rows = [
        PreviewRow(
            f"{order.number}: {line.quantity} × {line.sku}",
            WORDS[decision_of(order, line)],
            "refused" if chosen == str(order.pk) and line_chosen in (EVERY, line.reference) else "as before",
        )
        for order in orders
        for line in order.lines.all()
        if not line.is_extra
    ]
    return Preview(f"If nobody decides: {consequence(orders[0])}" if orders else "The marketplace waits for none of these any more.", rows)


ACCEPT_ACTION = CaseAction(
    name="accept_line",
    label="Accept the order",
    action=Action.DECIDE_LINE,
    run=accept_all,
    preview=preview,
    applies=lambda case: len(waiting_orders(case)) == 1,
    on=Kind.ACCEPT,
    help="Accepts every line that was not refused.",
)
REFUSE_ACTION = CaseAction(
    name="refuse_line",
    label="Refuse a line or the order",
    action=Action.DECIDE_LINE,
    run=refuse,
    preview=preview,
    form=RefuseForm,
    applies=lambda case: bool(waiting_orders(case)),
    on=Kind.REFUSE,
    help="The marketplace tells the customer. Refusals count against the seller rating.",
)
