"""What the inbox does by the clock; each may ring twice, late or never without harm."""

from __future__ import annotations

from django.utils import timezone

from exceptions import acts, ageing, bulk, counters, presence


def tidy() -> None:
    """Every minute: wake what slept long enough, raise what got worse by age, do what was chosen, keep counters small."""
    at = timezone.now()
    acts.wake_due(at=at)
    ageing.raise_severity(at=at)
    counters.fold()
    presence.forget(at=at)
    bulk.run_due(at=at)


def run_bulk() -> None:
    """Rung by the page that watches a run, when its ten seconds are over."""
    bulk.run_due(at=timezone.now())
