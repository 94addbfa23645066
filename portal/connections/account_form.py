"""The portal's form of an account: the vendor's own fields, and one number for each feed instead of a JSON text."""

from __future__ import annotations

from typing import Any

from django import forms

from connectors.registry import vendors
from portal.connections.forms import CREDENTIAL, OPTION, ConnectionForm
from portal.connections.models import Connection
from portal.connections.zones import ZoneField

INTERVAL = "interval_"
PROFILE = "profile"


class NewAccountForm(forms.ModelForm):
    """First of all: at which vendor, and what your team calls it."""

    class Meta:
        model = Connection
        fields = ("system", "environment", "name")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["system"].choices = [(card.system.value, card.system.label) for card in vendors()]  # type: ignore[attr-defined]

    def save(self, commit: bool = True) -> Connection:
        connection: Connection = super().save(commit=False)
        connection.base_url, connection.auth_url = connection.vendor.base_url, connection.vendor.auth_url
        if commit:
            connection.save()
        return connection


class AccountForm(ConnectionForm):
    """What is entered in `interval_<feed>` becomes the connection's intervals; the vendor's own interval is not stored."""

    time_zone = ZoneField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("intervals", "enabled"):  # numbers below, a button of its own
            self.fields.pop(name)
        for feed in self.instance.vendor.feeds:
            label, help_text = f"Read {feed.label or feed.name} every (seconds)", f"The usual is {feed.every_s}; 0 switches it off."
            self.fields[INTERVAL + feed.name] = forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=31 * 86400)
            self.initial[INTERVAL + feed.name] = self.instance.interval_s(feed.name)

    def save(self, commit: bool = True) -> Connection:
        connection = super().save(commit=False)
        asked = {feed.name: self.cleaned_data.get(INTERVAL + feed.name) for feed in connection.vendor.feeds}
        usual = {feed.name: feed.every_s for feed in connection.vendor.feeds}
        connection.intervals = {name: seconds for name, seconds in asked.items() if seconds is not None and seconds != usual[name]}
        if commit:
            connection.save()
        return connection

    def part(self, *prefixes: str) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith(prefixes)]

    @property
    def plain_part(self) -> list[Any]:
        return [self[name] for name in self.fields if not name.startswith((CREDENTIAL, OPTION, INTERVAL))]

    @property
    def credential_part(self) -> list[Any]:
        return self.part(CREDENTIAL)

    @property
    def profile_part(self) -> list[Any]:
        """What the marketplace's operator asks of its sellers; nothing at vendors that are no marketplace."""
        return [self[OPTION + field.name] for field in self.instance.vendor.option_fields if field.group == PROFILE]

    @property
    def rest_part(self) -> list[Any]:
        shown = {bound.name for bound in self.profile_part}
        return [bound for bound in self.part(OPTION, INTERVAL) if bound.name not in shown]

    @property
    def rest_is_wrong(self) -> bool:
        return any(bound.errors for bound in self.rest_part)
