"""What waits to be mapped: codes that came and had no answer, the heaviest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from connectors.canonical import CodeKind
from mappings import orders
from mappings.kinds import OF_CODE, Kind, may_edit
from mappings.models import SeenCode
from mappings.models.seen import KINDS
from mappings.orders import Waiting
from portal.accounts.models import User
from portal.connections.models import Integration

SHOWN = 200  # the rows a person can work through; the page says when there are more


@dataclass(frozen=True)
class QueueRow:
    """A code, what waits for it, and whether this person may map it."""

    seen: SeenCode
    kind: Kind
    waiting: Waiting
    may_map: bool


class QueueFilter(forms.Form):
    """Which of them."""

    integration = forms.ModelChoiceField(queryset=Integration.objects.none(), required=False, empty_label="all")
    kind = forms.ChoiceField(choices=[("", "all"), *KINDS], required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["integration"]
        field.queryset = Integration.objects.present()


def waiting(form: QueueFilter, *, by: User) -> tuple[list[QueueRow], bool]:
    """The rows, by orders waiting, then by their worth, then by how often the code came; and whether there are more."""
    told = {name: value for name, value in form.cleaned_data.items() if value}
    rows = SeenCode.objects.filter(answered_at=None, integration__removed_at=None, **told).select_related("integration__channel", "integration__hub")
    found = list(rows.order_by("-times", "id")[: SHOWN + 1])
    blocked = orders.ask().waiting([seen.key for seen in found[:SHOWN]])
    listed = [_row(seen, blocked, by) for seen in found[:SHOWN]]
    listed.sort(key=lambda row: (-row.waiting.orders, -row.waiting.worth, -row.seen.times, row.seen.pk))
    return listed, len(found) > SHOWN


def _row(seen: SeenCode, blocked: dict[str, Waiting], by: User) -> QueueRow:
    kind = OF_CODE[CodeKind(seen.kind)]
    return QueueRow(seen, kind, blocked.get(seen.key, Waiting()), may_map=may_edit(by, kind).yes)
