"""The form of a buffer: which SKUs on which channels, how many units, how often, from when until when, and why."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from connectors.ports import Ability
from portal.connections.models import Integration
from portal.ledger.models import Buffer, StockLevel
from portal.sync.stock_buffer_changes import Wish
from portal.sync.stock_buffers import ANY

CHANNEL, CLASS, LIST = "channel", "class", "list"
SCOPES = [(CHANNEL, "Every SKU of the channel"), (CLASS, "A class of SKUs, by a pattern"), (LIST, "SKUs from a list")]
NEEDED = {"skus": LIST, "pattern": CLASS}
MOST_SKUS = 5000
LEAST_S, MOST_S = 10, 86_400
MOMENT = {"type": "datetime-local", "step": "60"}
SEPARATORS = re.compile(r"[\r\n\t,;]+")
WRONG_NUMBER = "Type a whole number, for example 5."
WRONG_MOMENT = "Choose a day and a time."


class EffectForm(forms.Form):
    """What changes on a buffer that exists: units, pace and period."""

    units = forms.IntegerField(
        label="Units to keep back",
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="Of each SKU, at each place of the channel. Empty: as before, only faster.",
        error_messages={"invalid": WRONG_NUMBER, "min_value": "A buffer cannot be less than 0.", "max_value": "At most a million units."},
    )
    interval_s = forms.IntegerField(
        label="Read and publish every (seconds)",
        required=False,
        min_value=LEAST_S,
        max_value=MOST_S,
        help_text="Peak mode, needs an end. Never slower than now, never faster than the vendor allows. Empty: as usual.",
        error_messages={
            "invalid": WRONG_NUMBER,
            "min_value": f"At least {LEAST_S} seconds.",
            "max_value": "At most a day, which is 86400 seconds.",
        },
    )
    starts_at = forms.DateTimeField(
        label="From", required=False, widget=forms.DateTimeInput(MOMENT, "%Y-%m-%dT%H:%M"), help_text="Empty: at once.",
        error_messages={"invalid": WRONG_MOMENT},
    )  # fmt: skip
    ends_at = forms.DateTimeField(
        label="Until", required=False, widget=forms.DateTimeInput(MOMENT, "%Y-%m-%dT%H:%M"), help_text="Empty: until somebody ends it.",
        error_messages={"invalid": WRONG_MOMENT},
    )  # fmt: skip
    reason = forms.CharField(label="Why", max_length=200, error_messages={"required": "Say why, so that the next shift knows."})
    field_order = ("integrations", "scope", "pattern", "skus")

    def wish(self) -> Wish:
        told = self.cleaned_data
        begins, ends = told.get("starts_at"), told.get("ends_at")
        return Wish(units=told.get("units"), interval_s=told.get("interval_s"), starts_at=begins, ends_at=ends, reason=told["reason"])

    @property
    def seal(self) -> str:
        """What the preview was about: saving something else asks for another look."""
        data = cast(QueryDict, self.data)
        words = sorted((name, str(data.getlist(name))) for name in self.fields)
        return sha256(str(words).encode()).hexdigest()[:16]


class BufferForm(EffectForm):
    """A new buffer."""

    integrations = forms.ModelMultipleChoiceField(
        label="On", queryset=Integration.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one channel.", "invalid_choice": "One of the channels is not there any more. Choose again."},
    )  # fmt: skip
    scope = forms.ChoiceField(label="For", choices=SCOPES, widget=forms.RadioSelect, initial=LIST)
    pattern = forms.CharField(
        label="Pattern",
        error_messages={"required": "Type a pattern such as SHOE-*."},
        max_length=120,
        help_text="With *, for example SHOE-*. Capitals are differences; the warehouse's SKUs count.",
    )
    skus = forms.CharField(
        label="SKUs", error_messages={"required": "Paste at least one SKU."}, max_length=400_000,
        widget=forms.Textarea({"rows": 5, "spellcheck": "false"}),
        help_text="One a line, or separated by commas: paste a column of a spreadsheet.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = Integration.objects.present().select_related("channel", "hub")
        able = [one.pk for one in present if Ability.PUBLISH_STOCK in one.channel.vendor.abilities]
        self.fields["integrations"].queryset = present.filter(pk__in=able)  # type: ignore[attr-defined]
        for name, scope in NEEDED.items() if self.is_bound else ():
            self.fields[name].required = self.data.get("scope") == scope
        if len(able) == 1:
            self.initial.setdefault("integrations", able)

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        hubs = {one.hub_id for one in told.get("integrations") or ()}
        told["wanted"] = READ.get(told.get("scope", ""), whole)(self, told, hubs)
        return told

    def wish(self) -> Wish:
        pattern, skus = self.cleaned_data["wanted"]
        return Wish(**{**vars(super().wish()), "pattern": pattern, "skus": skus})

    def typed_pattern(self, told: dict[str, Any], hubs: set[int]) -> tuple[str, tuple[str, ...]]:
        pattern = told.get("pattern") or ""
        if pattern and ANY not in pattern:
            self.refuse_unknown("pattern", [pattern], hubs)
        return pattern, ()

    def typed_skus(self, told: dict[str, Any], hubs: set[int]) -> tuple[str, tuple[str, ...]]:
        skus = list(dict.fromkeys(filter(None, (word.strip() for word in SEPARATORS.split(told.get("skus") or "")))))
        if not skus and "skus" not in self.errors:
            self.add_error("skus", "Paste at least one SKU.")
        elif len(skus) > MOST_SKUS:
            self.add_error("skus", f"{len(skus):,} SKUs are too many for one list; at most {MOST_SKUS:,}. Use a pattern, or several lists.")
        elif too_long := [sku for sku in skus if len(sku) > 120]:
            self.add_error("skus", f"“{too_long[0][:60]}…” is too long to be a SKU.")
        else:
            self.refuse_unknown("skus", skus, hubs)
        return (skus[0], ()) if len(skus) == 1 else ("", tuple(skus))

    def refuse_unknown(self, field: str, skus: list[str], hubs: set[int]) -> None:
        """A SKU that no chosen warehouse has is a slip of the pen."""
        if not hubs:
            return
        known = set(StockLevel.objects.filter(connection__in=hubs, sku__in=skus).values_list("sku", flat=True))
        unknown = [sku for sku in skus if sku not in known]
        if unknown:
            others = f" and {len(unknown) - 5} others" if len(unknown) > 5 else ""
            self.add_error(field, f"The warehouse has no {', '.join(unknown[:5])}{others}. Capitals and leading zeros are differences.")


def whole(form: BufferForm, told: dict[str, Any], hubs: set[int]) -> tuple[str, tuple[str, ...]]:
    return ANY, ()


READ = {CHANNEL: whole, CLASS: BufferForm.typed_pattern, LIST: BufferForm.typed_skus}


def initial_of(row: Buffer) -> dict[str, Any]:
    """What the form of a buffer that exists begins with; the reason is asked anew."""
    return {name: getattr(row, name) for name in ("units", "interval_s", "starts_at", "ends_at")}


def peak_initial(at: datetime) -> dict[str, Any]:
    """A sale from the next full hour on, for a day."""
    begins = timezone.localtime(at).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return {"interval_s": 30, "starts_at": begins, "ends_at": begins + timedelta(days=1)}
