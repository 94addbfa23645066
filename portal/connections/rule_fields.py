"""Form fields for what an operator's rules are written as: hours, percent, working days, working hours, holidays."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.connections.calendars import CalendarError, read_days, read_holidays, read_hours

TOO_SHORT, TOO_LONG = "The window must be longer than no time at all.", "A window of more than 720 hours (30 days) is no window; enter hours."
PERCENT_REFUSED = "Enter a percentage from 0 to 100, for example 2.5."
DAYS_REFUSED = "Enter a number of days from 1 to 365."


class RuleField(forms.CharField):
    """A text kept as it was written, refused with the sentence of whoever reads it."""

    def __init__(self, read: Callable[[str], Any], **options: Any) -> None:
        super().__init__(max_length=2000, **options)
        self.read = read

    def clean(self, value: Any) -> str:
        written = str(super().clean(value) or "").strip()
        if written:
            try:
                self.read(written)
            except CalendarError as error:
                raise ValidationError(str(error)) from error
        return written


def hours(**options: Any) -> forms.Field:
    sentences = {"min_value": TOO_SHORT, "max_value": TOO_LONG, "invalid": "Enter a number of hours, for example 24."}
    return forms.DecimalField(min_value=Decimal("0.01"), max_value=720, decimal_places=2, error_messages=sentences, **options)


def percent(**options: Any) -> forms.Field:
    sentences = dict.fromkeys(("min_value", "max_value", "invalid", "max_decimal_places"), PERCENT_REFUSED)
    return forms.DecimalField(min_value=0, max_value=100, decimal_places=2, error_messages=sentences, **options)


def period(**options: Any) -> forms.Field:
    return forms.IntegerField(
        min_value=1, max_value=365, error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), DAYS_REFUSED), **options
    )


def working_days(**options: Any) -> forms.Field:
    return RuleField(read_days, **options)


def working_hours(**options: Any) -> forms.Field:
    return RuleField(read_hours, **options)


def holidays(**options: Any) -> forms.Field:
    return RuleField(read_holidays, widget=forms.Textarea(attrs={"rows": 2}), **options)


# connectors.ports.Field.kind → the form field
RULES: dict[str, Callable[..., forms.Field]] = {
    "hours": hours,
    "percent": percent,
    "period": period,
    "working_days": working_days,
    "working_hours": working_hours,
    "holidays": holidays,
}
