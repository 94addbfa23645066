"""What a person can do from a case of finance: tie a charge to its order, or dispute it (E31)."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from exceptions.actions import ActionForm, CaseAction, Data
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from exceptions.proof import check
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.reconciliation.finance import causes
from portal.reconciliation.finance.models import Entry
from portal.reconciliation.finance.periods import FinanceError
from portal.sync.case_actions.held_up import open_subjects


class OrderForm(ActionForm):
    number = forms.CharField(label="Number of the order it was charged for", max_length=120)


class DisputeForm(ActionForm):
    note = forms.CharField(label="What was told to the operator (a reference, a date)", max_length=150)


def charge(case: ExceptionCase) -> Entry | None:
    pks = [int(one.partition(":")[2]) for one in open_subjects(case) if one.startswith("entry:")]
    return Entry.objects.select_related("connection").filter(pk__in=pks, cause=None).first() if len(pks) == 1 else None


def run_tie(case: ExceptionCase, by: User, data: Data) -> str:
    return explain(case, lambda entry: causes.tie(entry, str(data["number"]), by=by, at=timezone.now()))


def run_dispute(case: ExceptionCase, by: User, data: Data) -> str:
    return explain(case, lambda entry: causes.dispute(entry, str(data["note"]), by=by, at=timezone.now()))


def explain(case: ExceptionCase, keep: causes.Keep) -> str:
    entry = charge(case)
    if entry is None:
        raise CaseError("This charge has its cause by now. Reload the page.")
    try:
        made = keep(entry)
    except FinanceError as error:
        raise CaseError(str(error)) from error
    check(case, at=timezone.now())
    return f"{-entry.amount:.2f} {entry.currency}: {made.label}. The report on fees and penalties tells it from its next reading on."


ACTIONS = (
    CaseAction(
        name="tie_charge",
        label="Tie it to its order",
        action=Action.RESOLVE_BY_HAND,
        run=run_tie,
        form=OrderForm,
        applies=lambda case: charge(case) is not None,
        kinds=frozenset({"E31"}),
        help="Nothing is sent anywhere; Lockstep keeps which order it was charged for.",
        key="t",
    ),
    CaseAction(
        name="dispute_charge",
        label="Mark it as disputed",
        action=Action.RESOLVE_BY_HAND,
        run=run_dispute,
        form=DisputeForm,
        applies=lambda case: charge(case) is not None,
        kinds=frozenset({"E31"}),
        help="Write to the operator first; this only keeps that you did.",
    ),
)
