"""What a run by hand is limited to, and how something was resolved."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.sync.operations.selection import Criteria
from portal.sync.run_models import MarkCode

DAY = {"type": "date"}


class CriteriaForm(forms.Form):
    """Nothing filled in: everything that waits."""

    start = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs=DAY))
    end = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs=DAY))
    search = forms.CharField(
        label="Order number or keyword",
        required=False,
        max_length=120,
        help_text="The beginning or end of a number, a SKU, a store, a delivery method, an e-mail address.",
    )
    read = forms.BooleanField(label="Read what is new first", required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("start") and cleaned.get("end") and cleaned["start"] > cleaned["end"]:
            self.add_error("end", "The last day lies before the first one.")
        return cleaned

    def criteria(self) -> Criteria:
        told = self.cleaned_data
        return Criteria(told.get("start"), told.get("end"), told.get("search") or "", read=bool(told.get("read")))


class MarkForm(forms.Form):
    """No code is chosen beforehand: how it ended must be said (D10)."""

    code = forms.ChoiceField(choices=MarkCode.choices, error_messages={"required": "Choose how it ended.", "invalid_choice": "Choose how it ended."})
    note = forms.CharField(required=False, max_length=1000)
