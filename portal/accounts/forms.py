"""Login, and what people choose for themselves."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from portal.accounts.models import User


class LoginForm(AuthenticationForm):
    """One sentence for every wrong pair: it does not tell whether the name exists."""

    error_messages = {
        "invalid_login": "Name and password do not fit together. Capital letters count in both.",
        "inactive": "This account is switched off. An admin can switch it on again.",
    }


class ProfileForm(forms.ModelForm):
    """Time zone and keyboard."""

    time_zone = forms.ChoiceField(help_text="All times are shown in it; hover over one for exact UTC.")

    class Meta:
        model = User
        fields = ("time_zone", "single_keys")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        zones = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/")))
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in ("UTC", *zones)]  # type: ignore[attr-defined]
