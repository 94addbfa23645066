"""The rows of one kind, page by page: in the order of a code, by exact or beginning, without ever counting them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from mappings import listed
from mappings.kinds import Kind
from mappings.models import Mapping
from mappings.usage import uses_of
from portal.connections.models import Connection, Integration
from portal.ui.paging import Page, page_of

SIZE = 50
STATES = (("", "all"), ("now", "in force"), ("ended", "ended"), ("later", "not yet"), ("unused", "never used"))


@dataclass(frozen=True)
class Listed:
    """A row with its counter."""

    row: Any
    uses: int
    last_used_at: datetime | None
    is_lost: bool = False  # the other side's list does not have its target any more


class ListFilter(forms.Form):
    """What the list shows. A code is looked for exactly as typed, from its beginning."""

    scope = forms.ModelChoiceField(queryset=Integration.objects.none(), required=False, empty_label="all")
    side = forms.ChoiceField(label="Look in", required=False)
    q = forms.CharField(label="Code begins with", required=False, max_length=200, strip=False)
    state = forms.ChoiceField(label="Show", choices=STATES, required=False)

    def __init__(self, data: Any, *, kind: Kind) -> None:
        super().__init__(data)
        self.kind = kind
        alias = kind.scope == "connection"
        scope: Any = self.fields["scope"]
        scope.queryset = Connection.objects.present() if alias else Integration.objects.present()
        scope.label = "Connection" if alias else "Integration"
        side: Any = self.fields["side"]
        side.choices = [(name, str(kind.table._meta.get_field(name).verbose_name)) for name in (kind.table.LEFT, kind.table.RIGHT)]  # type: ignore[union-attr]

    @property
    def order(self) -> str:
        """The code that the rows are sorted by and looked for in."""
        return self.cleaned_data.get("side") or self.kind.table.LEFT

    @property
    def narrows(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("scope", "q", "state"))

    def rows(self, *, at: datetime) -> QuerySet[Mapping]:
        told = self.cleaned_data
        rows = self.kind.table._default_manager.select_related(self.kind.scope).filter(**{f"{self.kind.scope}__removed_at": None})
        if told.get("scope"):
            rows = rows.filter(**{self.kind.scope: told["scope"]})
        if told.get("q"):
            rows = rows.filter(**{f"{self.order}__startswith": told["q"]})
        return rows.filter(_in_state(told.get("state", ""), at))


def _in_state(state: str, at: datetime) -> Q:
    asked = {
        "now": (Q(effective_to=None) | Q(effective_to__gt=at)) & (Q(effective_from=None) | Q(effective_from__lte=at)),
        "ended": Q(effective_to__isnull=False, effective_to__lte=at),
        "later": Q(effective_from__gt=at),
        "unused": Q(used=False),
    }
    return asked.get(state, Q())


def page(form: ListFilter, *, cursor: str = "") -> tuple[Page[Any], list[Listed]]:
    """One page, its counters, and which of its targets are gone, in three queries."""
    found = page_of(form.rows(at=timezone.now()), order=(form.order, "id"), size=SIZE, cursor=cursor)
    uses = uses_of(form.kind.slug, [row.pk for row in found.rows])
    lost = listed.lost_among([row.pk for row in found.rows], form.kind.code_kind, at=timezone.now()) if form.kind.scope == "integration" else set()
    counted = [(row, *uses.get(row.pk, (0, None))) for row in found.rows]
    return found, [Listed(row, number, last, is_lost=row.pk in lost) for row, number, last in counted]
