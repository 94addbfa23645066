"""Decide about lines of a marketplace order: accept them all, refuse one, or refuse the order (D5)."""

from __future__ import annotations

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
from portal.sync.case_actions.held_up import one_order
from portal.sync.kinds.decide_order import ACCEPT, REFUSE, decision_of
from portal.sync.plan_acceptance import accept, consequence
from portal.sync.release import release

EVERY = "every"
WORDS = {ACCEPT: "accepted", REFUSE: "refused", "": "not decided"}


class RefuseForm(ActionForm):
    """Which line, or the whole order."""

    line = forms.ChoiceField(label="What is refused")
    reason = forms.CharField(label="Why", max_length=300)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        order = one_order(self.case)
        lines = list(order.lines.all()) if order else []
        choices = [(line.reference, f"line {line.position}: {line.quantity} × {line.title or line.sku}") for line in lines if not line.is_extra]
        if order and order.connection.options.get("partial_acceptance", "true") != "true":
            choices = []  # this operator takes all lines or none
        self.fields["line"].choices = [*choices, (EVERY, "the whole order")]  # type: ignore[attr-defined]


def waits(case: ExceptionCase) -> bool:
    order = one_order(case)
    return order is not None and order.state == OrderState.WAITING_ACCEPTANCE and order.integration is not None


def refuse(case: ExceptionCase, by: User, data: Data) -> str:
    order = one_order(case)
    assert order is not None
    chosen = str(data["line"])
    lines = [line for line in order.lines.all() if chosen in (EVERY, line.reference)]
    decide(order, lines, REFUSE, by=by, reason=str(data["reason"]))
    what = "The whole order is" if chosen == EVERY else f"{len(lines)} line is"
    return f"{what} refused and the marketplace is told within a minute."


def accept_all(case: ExceptionCase, by: User, data: Data) -> str:
    order = one_order(case)
    assert order is not None
    undecided = [line for line in order.lines.all() if not decision_of(order, line)]
    decide(order, undecided, ACCEPT, by=by, reason="accepted from the case")
    return "Accepted. The marketplace is told within a minute; the case closes when it shows the order as accepted."


@transaction.atomic
def decide(order: SalesOrder, lines: list[OrderLine], word: str, *, by: User, reason: str) -> None:
    """Keep what was decided and send the decision about every line."""
    if not lines:
        raise CaseError("There is no line left to decide about.")
    locked = SalesOrder.objects.select_for_update().select_related("integration").get(pk=order.pk)
    locked.corrections = {**locked.corrections, **{f"decision.{line.reference}": word for line in lines}}
    locked.save(update_fields=["corrections"])
    record("order.lines_decided", locked, by=by, new={line.reference: word for line in lines}, reason=reason)
    at = timezone.now()
    assert locked.integration is not None
    accept(locked, locked.integration, at=at)
    release([f"order:{order.pk}"], at=at)


def preview(case: ExceptionCase, data: Data) -> Preview:
    """Each line as it would be decided, and what happens if nobody does anything."""
    order = one_order(case)
    if order is None:
        return Preview("This case is about no single order.")
    rows = [
        PreviewRow(f"{line.quantity} × {line.sku}", WORDS[decision_of(order, line)], "decided") for line in order.lines.all() if not line.is_extra
    ]
    return Preview(f"If nobody decides: {consequence(order)}", rows)


ACCEPT_ACTION = CaseAction(
    name="accept_line",
    label="Accept the order",
    action=Action.DECIDE_LINE,
    run=accept_all,
    preview=preview,
    applies=waits,
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
    applies=waits,
    on=Kind.REFUSE,
    help="The marketplace tells the customer. Refusals count against the seller rating.",
)
