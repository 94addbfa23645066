"""Starts the daily run of every integration that is automatic, once, whatever number of workers look at the clock (R118-R124)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from portal.connections.models import Integration
from portal.sync.operations.selection import Criteria
from portal.sync.run_models import Process, Run, Trigger

LOOKS_BACK = timedelta(days=30)  # orders a scheduled export goes through again; older ones only by hand


def start_due(*, at: datetime) -> list[int]:
    """The runs that are due now, written down. Settings are read here, so that a change holds for the next run (R130)."""
    started: list[int] = []
    for integration in Integration.objects.running():
        due_at = integration.timetable.last_until(at)
        if (integration.ran_through or integration.created_at) < due_at:
            started += begin(integration, due_at, at=at)
    return started


def begin(integration: Integration, due_at: datetime, *, at: datetime) -> list[int]:
    """Claim this moment of the integration, and write a run for each of its directions; none when somebody else was first."""
    before = Q(ran_through=None) | Q(ran_through__lt=due_at)
    with transaction.atomic():
        if Integration.objects.running().filter(before, pk=integration.pk).update(ran_through=due_at) != 1:
            return []
        chosen = [process for process, on in ((Process.EXPORT, integration.exports_orders), (Process.FETCH, integration.fetches_fulfilments)) if on]
        criteria = Criteria(start=first_day(integration, at), read=True).stored()
        runs = [
            Run(integration=integration, process=process, trigger=Trigger.SCHEDULE, criteria=criteria, scheduled_for=due_at, created_at=at)
            for process in chosen
        ]
        return [run.pk for run in Run.objects.bulk_create(runs)]


def first_day(integration: Integration, at: datetime) -> date:
    """Never before the integration's start date (R121)."""
    back = (at - LOOKS_BACK).astimezone(ZoneInfo(integration.time_zone)).date()
    return max(back, integration.start_date) if integration.start_date else back
