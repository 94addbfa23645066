"""Write down that the customer was told, and what; for cases that end with that."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from exceptions.actions import ActionForm, CaseAction, Data, Preview, PreviewRow
from exceptions.cases import clear_items
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.sync.case_actions.held_up import open_subjects

CLOSES = frozenset({"E09"})
SHOWN = 10


class ContactForm(ActionForm):
    said = forms.CharField(label="What the customer was told", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


def preview(case: ExceptionCase, data: Data) -> Preview:
    """Nothing is sent to anybody; for some kinds being told is the end of it."""
    if case.kind not in CLOSES:
        return Preview("The words and your name are kept with the case. It stays open, and nothing is sent to the customer.")
    items = case.items.filter(cleared_at=None).order_by("at", "pk")[:SHOWN]
    rows = [PreviewRow(item.label, "waits for somebody to tell the customer", "closed: the customer was told") for item in items]
    told = (
        "The case closes with your words as its proof. Nothing is sent: the warehouse ships the version it has, the customer hears nothing from here."
    )
    return Preview(told, rows)


def run(case: ExceptionCase, by: User, data: Data) -> str:
    if case.kind not in CLOSES:
        return f"Noted that the customer was told: {data['said']}"
    at = timezone.now()
    clear_items(case.kind, subjects=open_subjects(case), proof={"customer was told": str(data["said"]), "by": by.called}, at=at)
    return "Noted that the customer was told; with that the case is closed."


ACTION = CaseAction(
    name="record_contact",
    label="Customer was told",
    action=Action.TAKE_PART,
    run=run,
    preview=preview,
    form=ContactForm,
    help="Keeps what was said and by whom.",
)
