"""Everything that happens by the clock: one table, applied by `manage.py apply_schedules`.

A job is a function without arguments, named by its path. Never less than a minute apart: the queue looks at the clock every half minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django_q.models import Schedule


@dataclass(frozen=True)
class Every:
    """One job and the minutes between its runs."""

    job: str
    minutes: int


# name in the queue's tables -> what and how often
SCHEDULES = {
    "worker heartbeat": Every("portal.heartbeat.beat_worker", minutes=1),
    "look again at open cases": Every("portal.sync.jobs.prove_cases", minutes=1),
    "mappings that begin today": Every("portal.sync.jobs.announce_mappings", minutes=1),
    "carriers and services by night": Every("portal.sync.code_watch.watch_codes", minutes=10),
    "comparisons": Every("portal.reconciliation.jobs.ring_audits", minutes=10),
    "finance": Every("portal.reconciliation.finance.jobs.count_money", minutes=5),
    "closed periods against their hash": Every("portal.reconciliation.finance.jobs.verify_closes", minutes=1440),
    "remove old rows": Every("portal.reconciliation.retention.tidy", minutes=1440),
    "pulse": Every("portal.sync.jobs.pulse", minutes=1),
    "tell people of cases": Every("exceptions.notices.jobs.tell", minutes=1),
    "daily runs of integrations": Every("portal.sync.operations.jobs.look_at_the_clock", minutes=1),
    "tidy the inbox": Every("exceptions.jobs.tidy", minutes=1),
}


@transaction.atomic
def apply_schedules(*, at: datetime) -> tuple[int, int]:
    """Make the queue's table say what this one says; returns how many are set and how many were removed."""
    removed, _ = Schedule.objects.exclude(name__in=SCHEDULES).delete()
    for name, every in SCHEDULES.items():
        wanted = {"func": every.job, "schedule_type": Schedule.MINUTES, "minutes": every.minutes, "repeats": -1, "args": None, "kwargs": None}
        # When it runs next stays: applying twice a day must not starve a daily job.
        Schedule.objects.update_or_create(name=name, defaults=wanted, create_defaults={**wanted, "next_run": at})
    return len(SCHEDULES), removed
