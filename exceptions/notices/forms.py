"""What a person, or a team, wants to be told. The address of a chat tool goes in and never comes out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from exceptions.models.notices import NoticeWish
from portal.connections.chat import check_webhook
from portal.connections.patterns import read_addresses
from portal.connections.sealing import seal


class WishForm(forms.ModelForm):
    """`email`: where a person's own mail goes; a team has a list of addresses instead."""

    webhook = forms.CharField(
        label="Webhook of a chat tool",
        required=False,
        max_length=1000,
        validators=[check_webhook],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False),
        help_text="New cases and their end are posted there at once.",
    )
    no_webhook = forms.BooleanField(label="Forget the webhook", required=False)
    addresses = forms.CharField(label="Addresses", required=False, max_length=2000, help_text="Separated by commas.")

    class Meta:
        model = NoticeWish
        fields = ("instant", "digest", "severity")

    field_order = ("instant", "digest", "addresses", "severity", "webhook", "no_webhook")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.webhook_sealed:
            self.fields["webhook"].widget.attrs["placeholder"] = "kept; enter a new one to replace it"
        else:
            self.fields.pop("no_webhook")
        if self.instance.user_id is not None:
            self.fields.pop("addresses")
        else:
            self.initial["addresses"] = ", ".join(self.instance.addresses)

    def clean_addresses(self) -> list[str]:
        return read_addresses(self.cleaned_data["addresses"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        wants_mail = cleaned.get("instant") or cleaned.get("digest")
        user = self.instance.user
        if wants_mail and user is not None and not user.email:
            raise ValidationError("Your account has no e-mail address yet. Ask an admin to enter it, then switch the mail on.")
        if wants_mail and user is None and "addresses" in cleaned and not cleaned["addresses"]:
            self.add_error("addresses", "Name at least one address, or switch the mails off.")
        return cleaned

    def save(self, commit: bool = True) -> NoticeWish:
        wish: NoticeWish = super().save(commit=False)
        wish.addresses = self.cleaned_data.get("addresses", [])
        if self.cleaned_data.get("webhook"):
            wish.webhook_sealed = seal({"url": self.cleaned_data["webhook"]})
        elif self.cleaned_data.get("no_webhook"):
            wish.webhook_sealed = ""
        if commit:
            wish.save()
        return wish
