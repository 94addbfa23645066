"""The form of a mapping: targets are chosen from the other system's live list, and why is always asked."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.forms import modelform_factory

from connectors.canonical import CodeKind
from mappings import live
from mappings.errors import TO_HUB
from mappings.kinds import CHANNEL, PERIOD, Kind
from mappings.live import LiveList
from mappings.models import OnMissing, SeenCode
from mappings.models.rules import PASSABLE
from portal.connections.models import Connection, Integration
from portal.ledger.models import CatalogueItem

LATER = frozenset({*PERIOD, "way_back"})
MOMENT = {"type": "datetime-local", "step": "1"}


class ReasonForm(forms.Form):
    """Why somebody does it; kept with the change."""

    reason = forms.CharField(label="Why", max_length=100, help_text="Kept in the history of the row.")


class OnMissingForm(ReasonForm):
    """What messages do whose code is missing."""

    on_missing = forms.ChoiceField(label="When a code is missing", choices=OnMissing.choices)
    field_order = ("on_missing", "reason")

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind.code_kind not in PASSABLE:
            self.fields["on_missing"].choices = [choice for choice in OnMissing.choices if choice[0] != OnMissing.PASS]  # type: ignore[attr-defined]


class MappingForm(forms.ModelForm):
    """`kind`, `scope` and, when it answers a code that waits, `seen` come from the page."""

    reason = forms.CharField(label="Why", max_length=100, help_text="Kept in the history of the row.")

    def __init__(self, *args: Any, kind: Kind, scope: Integration | Connection, seen: SeenCode | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.scope, self.seen = kind, scope, seen
        setattr(self.instance, kind.scope, scope)
        self.lists: dict[str, LiveList] = {}
        if isinstance(scope, Integration):
            for name, side in kind.lists:
                self._choose(name, scope, side)
        self._fix_what_is_known()
        self._allow_none()
        for name in kind.fields:
            if isinstance(self.fields[name], forms.CharField):
                self.fields[name].strip = False  # type: ignore[attr-defined]

    def _choose(self, name: str, integration: Integration, side: str) -> None:
        """A list to choose from, or a text field that says why there is none."""
        connection = integration.channel if side == CHANNEL else integration.hub
        found = self.lists[name] = live.codes(connection, CodeKind.STORE if name == "store" else self.kind.code_kind)
        field = self.fields[name]
        if not found.codes:
            field.help_text = " ".join(str(part) for part in (field.help_text, found.reason, "Type the code exactly as it is there.") if part)
            return
        empty = "all stores" if name == "store" else "choose …"
        choices = [("", empty), *((code.value, shown(code)) for code in found.codes)]
        held = getattr(self.instance, name)
        if held and found.find(held) is None:
            choices.append((held, f"{held} (not in the list of {connection.name})"))
        self.fields[name] = forms.ChoiceField(label=field.label, help_text=field.help_text, choices=choices, required=field.required)

    def _fix_what_is_known(self) -> None:
        """The key of a saved row, and the code that waits, are facts."""
        fixed = {name for name in self.kind.table.KEY if name in self.fields} if self.instance.pk else set()
        if self.seen is not None:
            left = self.kind.table.CHANNEL if self.seen.direction == TO_HUB else self.kind.table.HUB  # type: ignore[attr-defined]
            self.initial[left] = self.seen.value
            fixed.add(left)
        for name in fixed & set(self.fields):
            old = self.fields[name]
            note = "Fixed: a different code is a different row." if self.instance.pk else "As it arrived, letter by letter."
            if not isinstance(old, forms.DateTimeField):
                value = self.initial.get(name) or (getattr(self.instance, name) if self.instance.pk else "")
                self.fields[name] = forms.CharField(label=old.label, required=bool(value), strip=False, help_text=note)
                self.fields[name].widget.attrs["placeholder"] = "(none)"
            self.fields[name].disabled = True

    def _allow_none(self) -> None:
        name, meaning = self.kind.optional
        if not name or self.fields[name].disabled:
            return
        self.fields[name].required = False
        self.fields["without_code"] = forms.BooleanField(
            label=meaning, required=False, initial=bool(self.instance.pk and not getattr(self.instance, name))
        )
        order = list(self.fields)
        order.insert(order.index(name) + 1, order.pop())
        self.order_fields(order)

    @property
    def asked(self) -> list[forms.BoundField]:
        """What has to be answered."""
        return [self[name] for name in self.fields if name not in LATER]

    @property
    def rest(self) -> list[forms.BoundField]:
        """What may be left as it is; folded away while it says nothing."""
        return [self[name] for name in self.fields if name in LATER]

    @property
    def rest_matters(self) -> bool:
        return any(bound.value() or bound.errors for bound in self.rest)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        name, _ = self.kind.optional
        if "without_code" in self.fields and not self.errors:
            if told.get("without_code"):
                told[name] = ""
            elif not told.get(name):
                self.add_error(name, "Choose one, or say below that there is none.")
        if "hub_sku" in told:
            self._check_sku(told)
        return told

    def _check_sku(self, told: dict[str, Any]) -> None:
        """A target that its own catalogue does not list would only be refused later, with an order in hand (R47)."""
        hub = self.scope.hub  # type: ignore[union-attr]
        items = list(CatalogueItem.objects.filter(connection=hub, sku=told["hub_sku"], gone_at=None)[:2])
        if not items and CatalogueItem.objects.filter(connection=hub).exists():
            self.add_error("hub_sku", f"{hub.name} lists no SKU that is exactly “{told['hub_sku']}”.")
        elif len(items) == 1 and not told.get("hub_reference"):
            told["hub_reference"] = items[0].reference

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for code_field, label_field in self.kind.labels:
            known = self.lists.get(code_field, LiveList()).find(getattr(self.instance, code_field))
            if known is not None:
                setattr(self.instance, label_field, known.label)
            elif self.seen is not None and self.fields[code_field].disabled:
                setattr(self.instance, label_field, self.seen.label)


def shown(code: Any) -> str:
    named = f"{code.label} ({code.value})" if code.label and code.label != code.value else code.value
    return named if code.active else f"{named}, switched off there"


def form_for(kind: Kind) -> type[MappingForm]:
    widgets: dict[str, type[forms.Widget] | forms.Widget] = {"note": forms.Textarea(attrs={"rows": 2})}
    for name in ("effective_from", "effective_to"):
        widgets[name] = forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M:%S")
    return cast(type[MappingForm], modelform_factory(kind.table, form=MappingForm, fields=[*kind.fields, *PERIOD], widgets=widgets))
