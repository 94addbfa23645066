"""What the trail can be narrowed to: person, action, subject, days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.models import AuditEvent


class TrailFilter(forms.Form):
    """A GET form; empty fields narrow nothing. `days` are those of the reader's zone."""

    person = forms.ModelChoiceField(User.objects.order_by("username"), required=False, empty_label="everybody", to_field_name="username")
    action = forms.CharField(required=False, max_length=60)
    subject = forms.CharField(required=False, max_length=128, label="Subject number")
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, object]:
        chosen = super().clean() or {}
        since, until = chosen.get("since"), chosen.get("until")
        if since and until and since > until:
            self.add_error("until", "This day is before the first one.")
        return chosen

    def narrow(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The events that fit; a form with a mistake in it narrows to nothing, and the page says which mistake."""
        if not self.is_valid():
            return events.none()
        chosen = self.cleaned_data
        wanted = {
            "actor": chosen.get("person"),
            "action__startswith": chosen["action"].strip().lower(),
            "subject_id": chosen["subject"].strip(),
            "at__gte": chosen["since"] and start_of(chosen["since"]),
            "at__lt": chosen["until"] and start_of(chosen["until"] + timedelta(days=1)),
        }
        return events.filter(**{name: value for name, value in wanted.items() if value})

    @property
    def narrows(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
