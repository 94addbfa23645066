"""The worker's sign of life: it comes through the clock, the queue and a worker, so it stops when any of them does."""

from __future__ import annotations

from django.utils import timezone

from portal.ledger.expect import beat

WORKER = "worker"
EVERY_S = 60


def beat_worker() -> None:
    """A job; see portal/schedules.py."""
    beat(WORKER, at=timezone.now(), every_s=EVERY_S, label="Worker")
