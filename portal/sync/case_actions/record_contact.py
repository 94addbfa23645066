"""Write down that the customer was told, and what; for cases that end with that."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from exceptions.actions import ActionForm, CaseAction, Data
from exceptions.cases import clear_items
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.sync.case_actions.held_up import open_subjects

CLOSES = frozenset({"E09"})


class ContactForm(ActionForm):
    said = forms.CharField(label="What the customer was told", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


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
    form=ContactForm,
    help="Keeps what was said and by whom.",
)
