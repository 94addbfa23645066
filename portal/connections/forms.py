"""The forms of a connection: what its vendor needs, with secrets that go in and never come out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from connectors.ports import Field, Side
from connectors.registry import Vendor
from portal.connections.addresses import check_base_url
from portal.connections.filters import FIELDS, is_known_field
from portal.connections.models import Connection, FilterRow, Integration, Operator
from portal.connections.rule_fields import RULES
from portal.connections.sealing import SealBroken, unseal

CREDENTIAL, OPTION = "credential_", "option_"
KEPT = "kept; enter a new one to replace it"


def form_field(field: Field, *, kept: bool) -> forms.Field:
    """One credential or option as a form field."""
    if field.kind == "bool":
        return forms.BooleanField(label=field.label, help_text=field.help, required=False)
    common: dict[str, Any] = {"label": field.label, "help_text": field.help, "required": field.required and not kept and not field.default}
    if field.choices:
        return forms.ChoiceField(choices=field.choices, **common)
    if field.kind in RULES:
        return RULES[field.kind](**common)
    if field.kind == "int":
        return forms.IntegerField(min_value=0, **common)
    if field.secret:
        attributes = {"autocomplete": "off", "placeholder": KEPT if kept else ""}
        return forms.CharField(widget=forms.PasswordInput(attrs=attributes, render_value=False), max_length=4000, **common)
    validators = [check_base_url] if field.kind == "url" else []
    return forms.CharField(max_length=1000, validators=validators, **common)


class ConnectionForm(forms.ModelForm):
    """A connection with the fields of its vendor; a new one first says which vendor it is."""

    class Meta:
        model = Connection
        fields = (
            "name", "environment", "base_url", "auth_url", "account", "shop", "owns_dispatch", "owns_stock", "time_zone", "rate_per_s", "intervals",
            "enabled",
        )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        card = self.instance.vendor
        if not card.auth_url:
            self.fields.pop("auth_url", None)
        if card.account_label:
            self.fields["account"].label, self.fields["account"].required = card.account_label, True
        else:
            self.fields.pop("account", None)
        if Side.CHANNEL not in card.sides:
            for name in ("shop", "owns_dispatch", "owns_stock"):
                self.fields.pop(name)
        self.fields["intervals"].help_text = (
            "For example {“orders”: 60}. Feeds: " + ", ".join(f"{one.name} ({one.every_s} s)" for one in card.feeds) + "."
        )
        for field in card.credential_fields:
            self.fields[CREDENTIAL + field.name] = form_field(field, kept=self.instance.has_credentials)
        for field in card.option_fields:
            self.fields[OPTION + field.name] = form_field(field, kept=False)
            self.initial[OPTION + field.name] = initial_option(field, self.instance.options)

    def clean_intervals(self) -> dict[str, int]:
        given = self.cleaned_data["intervals"] or {}
        known = {feed.name for feed in self.instance.vendor.feeds}
        if not isinstance(given, dict) or not all(name in known and isinstance(value, int) and value >= 0 for name, value in given.items()):
            raise ValidationError(f"Give seconds for the feeds {', '.join(sorted(known))}; 0 switches one off.")
        return given

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.has_new_credentials() and cleaned.get("enabled"):
            self.add_error("enabled", "You are changing the credential: save it, verify it, then switch the connection on.")
        return cleaned

    def has_new_credentials(self) -> bool:
        return any(name.startswith(CREDENTIAL) and value for name, value in self.cleaned_data.items())

    def save(self, commit: bool = True) -> Connection:
        connection: Connection = super().save(commit=False)
        if self.has_new_credentials():
            connection.set_credentials(self.merged_credentials(connection.vendor))
        elif self.instance.pk and {"base_url", "auth_url", "account"} & set(self.changed_data):
            connection.forget_verification()
        given = {name.removeprefix(OPTION): value for name, value in self.cleaned_data.items() if name.startswith(OPTION)}
        connection.options = {**connection.options, **{name: plain(value) for name, value in given.items()}}
        if commit:
            connection.save()
        return connection

    def merged_credentials(self, card: Vendor) -> dict[str, str]:
        """New values over the kept ones."""
        try:
            kept = unseal(self.instance.credentials_sealed)
        except SealBroken:
            kept = {}
        given = {field.name: str(self.cleaned_data.get(CREDENTIAL + field.name) or "") for field in card.credential_fields}
        return {**kept, **{name: value for name, value in given.items() if value}}


def initial_option(field: Field, options: dict[str, Any]) -> Any:
    value = options.get(field.name, field.default)
    return str(value).lower() in {"1", "true", "yes", "on"} if field.kind == "bool" else value


def plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


class FilterRowForm(forms.ModelForm):
    """One filter row, refused when its field does not exist."""

    field = forms.CharField(help_text="One of: " + ", ".join(FIELDS) + ", or extra.<name>.")

    class Meta:
        model = FilterRow
        fields = ("field", "operator", "value")

    def clean_field(self) -> str:
        field = str(self.cleaned_data["field"]).strip()
        if not is_known_field(field):
            raise ValidationError(f"Orders have no field “{field}”. Choose one of: {', '.join(FIELDS)}, or extra.<name>.")
        return field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("operator") not in (Operator.EMPTY, Operator.NOT_EMPTY, None) and not cleaned.get("value"):
            self.add_error("value", "Say what to compare with.")
        return cleaned


class IntegrationForm(forms.ModelForm):
    """An integration; sides are offered by what their vendor can be."""

    class Meta:
        model = Integration
        fields = (
            "name", "channel", "hub", "enabled", "mode", "start_date", "store_codes", "warehouse_codes", "number_prefix", "payment_gate",
            "hold_limit_min", "transfer_limit_min", "dispatch_window_min", "ship_limit_min", "pending_limit_min", "price_tolerance",
            "stock_window_min", "stock_tolerance", "buffer", "buffer_at_source", "product_master", "required_fields", "time_zone", "hour",
            "minute", "offset_min", "item_identifier", "disable_multishipment", "instant_errors", "instant_emails", "daily_errors",
            "daily_emails", "exclude_patterns",
        )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        present = Connection.objects.present()
        for name in ("channel", "hub"):
            sides = [connection.pk for connection in present if name in {side.value for side in connection.vendor.sides}]
            self.fields[name].queryset = present.filter(pk__in=sides)  # type: ignore[attr-defined]
