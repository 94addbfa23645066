"""The last result of every comparison, and what the next one waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.reconciliation.jobs import PLANS
from portal.reconciliation.models import Audit, Run

LATE = 2  # so many intervals without a result are a comparison that does not run
TONES = {"differs": "wait", "agrees": "good", "late": "bad", "waits": "quiet"}


@dataclass(frozen=True)
class Newest:
    """One comparison of one pair. `last` is empty before its first result."""

    audit: Audit
    label: str
    last: Run | None
    waits: str
    at: datetime

    @property
    def word(self) -> str:
        if self.last is None or self.last.ended_at is None:
            return "waits"
        plan = PLANS.get(self.audit)
        if plan is not None and self.at - self.last.ended_at > plan.every * LATE:
            return "late"
        return "differs" if self.last.differing else "agrees"

    @property
    def tone(self) -> str:
        return TONES[self.word]

    @property
    def took(self) -> timedelta | None:
        return self.last.ended_at - self.last.started_at if self.last and self.last.ended_at else None

    @property
    def faults(self) -> list[tuple[str, int]]:
        return sorted(self.last.found.items(), key=lambda one: -one[1]) if self.last else []


def newest(at: datetime) -> list[Newest]:
    """By comparison, then by pair; two queries."""
    ended = Run.objects.filter(ended_at__isnull=False).order_by("audit", "label", "-started_at").distinct("audit", "label")
    last = {(run.audit, run.label): run for run in ended}
    waits = {(run.audit, run.label): run.note or "Is running now." for run in Run.objects.filter(ended_at=None)}
    order = list(Audit)
    keys = sorted({*last, *waits}, key=lambda key: (order.index(Audit(key[0])), key[1]))
    return [Newest(Audit(audit), label, last.get((audit, label)), waits.get((audit, label), ""), at) for audit, label in keys]
