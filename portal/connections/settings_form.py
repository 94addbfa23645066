"""The settings page of an integration: every setting with its words, filter rows that are added and removed without a script."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from portal.connections.filters import FIELDS
from portal.connections.forms import FilterRowForm, IntegrationForm
from portal.connections.models import SINGLE_MODE, FilterRow, Integration, Mode
from portal.connections.models.integration import ONE_MODE
from portal.connections.patterns import read_addresses, read_patterns, split
from portal.connections.zones import ZoneField

LISTS = {"store_codes": split, "warehouse_codes": split, "required_fields": split}
MAIL_LISTS = {"instant_emails": read_addresses, "daily_emails": read_addresses, "exclude_patterns": read_patterns}
MOST_MIN = 60 * 24 * 90
MODES = {(True, True): Mode.BOTH, (True, False): Mode.EXPORT, (False, True): Mode.FETCH}
MAIL_WORDS = {
    "instant_emails": ("Addresses for errors at once", "Separated by commas."),
    "daily_emails": ("Addresses for the daily summary", "Separated by commas; need not be the same ones."),
    "exclude_patterns": (
        "Exclude from mail",
        "Words or patterns with * and ?, separated by commas. What fits is left out of both mails; it stays in the inbox and in the log.",
    ),
}
MINUTES = {  # options of an integration that are numbers of minutes; empty: the usual value
    "capture_limit_min": (
        "Payment must be taken within (minutes)",
        "After the first dispatch; then it is a case of finance (E28). Empty: 1440, a day.",
    ),
    "refund_limit_min": (
        "Money must go back within (minutes)",
        "After an order that was paid has ended; then it is a case of finance (E29). Empty: 1440.",
    ),
}
PARTS = {
    "accounts": ("name", "channel", "hub"),
    "flow": ("export_orders", "fetch_fulfilments", "store_codes", "number_prefix", "payment_gate", "required_fields"),
    "items": ("item_identifier", "disable_multishipment"),
    "schedule": ("hour", "minute", "offset_min", "start_date"),
    "instant": ("instant_errors", "instant_emails"),
    "daily": ("daily_errors", "daily_emails", "exclude_patterns"),
    "limits": (
        "hold_limit_min", "transfer_limit_min", "dispatch_window_min", "ship_limit_min", "pending_limit_min", "price_tolerance",
        "stock_window_min", "stock_tolerance", "buffer", "buffer_at_source", "warehouse_codes", "product_master", *MINUTES,
    ),
}  # fmt: skip


class ListField(forms.CharField):
    """A list as comma-separated text."""

    def __init__(self, read: Any, **options: Any) -> None:
        super().__init__(required=False, max_length=4000, **options)
        self.read = read

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        found: list[str] = self.read(super().clean(value) or "")
        return found


class SettingsForm(IntegrationForm):
    """The two directions are two switches here; which of them may be on together is decided by the channel (R107)."""

    export_orders = forms.BooleanField(
        required=False, label="Export orders", help_text="Orders that pass the filters go from the channel to the warehouse."
    )
    fetch_fulfilments = forms.BooleanField(
        required=False, label="Fetch order fulfilments", help_text="Status, shipments and tracking are fetched and written back to the channel."
    )
    time_zone = ZoneField(help_text="Everything scheduled here runs in it.")

    class Meta(IntegrationForm.Meta):
        fields = tuple(name for name in IntegrationForm.Meta.fields if name != "mode")  # type: ignore[assignment]
        widgets = {"start_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, read in {**LISTS, **MAIL_LISTS}.items():
            old = self.fields[name]
            label, help_text = MAIL_WORDS.get(name, (old.label, f"{old.help_text} Separated by commas.".strip()))
            widget = forms.Textarea(attrs={"rows": 2}) if name in MAIL_LISTS else forms.TextInput()
            self.fields[name] = ListField(read, label=label, help_text=help_text, widget=widget)
        for name, (label, help_text) in MINUTES.items():
            self.fields[name] = forms.IntegerField(label=label, help_text=help_text, required=False, min_value=1, max_value=MOST_MIN)
            self.initial.setdefault(name, self.instance.options.get(name))
        self.fields["enabled"].label = "Automatic import and export"
        self.fields["hour"].widget.attrs["max"], self.fields["minute"].widget.attrs["max"] = 23, 59
        self.fields["offset_min"].widget.attrs.update(min=-1439, max=0)
        self.initial.setdefault("export_orders", self.instance.exports_orders)
        self.initial.setdefault("fetch_fulfilments", self.instance.fetches_fulfilments)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = (bool(cleaned.get("export_orders")), bool(cleaned.get("fetch_fulfilments")))
        channel = cleaned.get("channel")
        if not any(chosen):
            self.add_error("export_orders", "Choose what this integration does: export orders, fetch order fulfilments, or both.")
        elif all(chosen) and channel is not None and channel.system in SINGLE_MODE:
            self.add_error("fetch_fulfilments", ONE_MODE.format(channel.system_label))
        given = {name: cleaned.get(name) for name in MINUTES if name not in self.errors}
        kept = {name: value for name, value in self.instance.options.items() if name not in given}
        self.instance.options = {**kept, **{name: value for name, value in given.items() if value is not None}}
        self.instance.mode = MODES.get(chosen, Mode.BOTH)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
            shown = set(self.fields)
            for name in [name for name in error.error_dict if name not in shown]:
                several = error.error_dict.pop(name)
                if name != "mode" or "fetch_fulfilments" not in self.errors:
                    super().add_error("fetch_fulfilments" if name == "mode" else None, several)
            if not error.error_dict:
                return
        super().add_error(field, error)

    def parts(self) -> dict[str, list[Any]]:
        return {title: [self[name] for name in names] for title, names in PARTS.items()}


class FilterRows:
    """The rows as they stand in the form: what is stored, or what was typed."""

    def __init__(self, data: QueryDict | None, integration: Integration) -> None:
        self.forms: list[FilterRowForm] = []
        stored = integration.filters.all() if integration.pk else FilterRow.objects.none()
        if data is None:
            self.forms = [FilterRowForm(instance=row) for row in stored]
            return
        typed = zip(data.getlist("filter_field"), data.getlist("filter_operator"), data.getlist("filter_value"), strict=False)
        removed = data.get("remove_row", "")
        for place, (field, operator, value) in enumerate(typed):
            if str(place) != removed and (field.strip() or value.strip()):
                self.forms.append(FilterRowForm({"field": field, "operator": operator, "value": value}))

    def is_valid(self) -> bool:
        return not [form for form in self.forms if not form.is_valid()]

    def values(self) -> list[tuple[str, str, str]]:
        return [(form.cleaned_data["field"], form.cleaned_data["operator"], form.cleaned_data["value"]) for form in self.forms]

    def shown(self, *, one_more: bool) -> list[dict[str, Any]]:
        """Each row's values and what is wrong with it; an empty row to type into at the end."""
        rows = [
            {
                "field": form["field"].value() or "",
                "operator": form["operator"].value() or "",
                "value": form["value"].value() or "",
                "errors": [message for messages in form.errors.values() for message in messages] if form.is_bound else [],
            }
            for form in self.forms
        ]
        empty = {"field": "", "operator": "equals", "value": "", "errors": []}
        return [*rows, empty] if one_more or not rows else rows

    @property
    def fields(self) -> dict[str, str]:
        return FIELDS
