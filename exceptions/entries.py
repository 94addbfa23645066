"""What the rest of the portal hands to the inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from exceptions import clocks
from exceptions.kinds import KINDS, Kind, Severity
from exceptions.rules import Rule, rule_of
from portal.connections.models import Connection, Integration


@dataclass(frozen=True)
class CaseEntry:
    """One thing a case concerns. `at`: since when; `keys`: further words it is found by (SKU, tracking number, customer reference)."""

    subject: str
    label: str
    at: datetime
    value: Decimal | None = None
    currency: str = ""
    units: int = 0
    customer: str = ""
    channel: str = ""
    keys: Sequence[str] = ()

    @property
    def words(self) -> list[str]:
        found = (word.strip().upper()[:160] for word in (self.label, *self.keys))
        return [word for word in dict.fromkeys(found) if word]


@dataclass(frozen=True)
class NewCase:
    """Something a person must look at; the same kind and fingerprint is the same case."""

    kind: str
    fingerprint: str
    cause: str
    at: datetime
    items: Sequence[CaseEntry] = ()
    connection: Connection | None = None
    integration: Integration | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    deadline_at: datetime | None = None
    window_from: datetime | None = None  # when the outside clock started; empty: now
    consequence: str = ""
    waiting_for: str = ""
    severity: Severity | int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.fingerprint

    @property
    def what(self) -> Kind:
        return KINDS[self.kind]

    @property
    def rule(self) -> Rule:
        return rule_of(self.kind)

    def filed_under(self, kind: str, fingerprint: str) -> NewCase:
        return replace(self, kind=kind, fingerprint=fingerprint)

    def joined(self, other: NewCase) -> NewCase:
        """Both as one: the later words, the items of both."""
        items = {entry.subject: entry for entry in (*self.items, *other.items)}
        return replace(other, items=tuple(items.values()), deadline_at=earlier(self.deadline_at, other.deadline_at))

    @property
    def how_bad(self) -> int:
        return int(self.severity or self.what.severity_at(self.connection))

    def due(self, minutes: float) -> datetime:
        moment = clocks.due(self.at, minutes, clock=self.what.clock_at(self.connection), team=self.rule.owner)
        if self.deadline_at is None or self.deadline_at <= self.at:
            return moment
        start = self.window_from or self.at
        return min(moment, max(self.at, start + (self.deadline_at - start) * self.what.deadline_share))


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)
