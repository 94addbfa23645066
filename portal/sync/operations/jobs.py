"""What the workers run for the operations pages: each harmless if rung twice, late or never."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from portal.sync.operations import executing, scheduled
from portal.sync.operations.starting import JOB
from portal.sync.run_models import Run, RunState


def execute_run(run_id: int) -> None:
    """Carry out one run."""
    executing.execute(run_id)


def look_at_the_clock() -> None:
    """Every minute: start the daily runs that are due, ring for runs nobody has, end those whose things have all arrived."""
    at = timezone.now()
    scheduled.start_due(at=at)
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    for pk in Run.objects.filter(free, state__in=(RunState.WAITING, RunState.RUNNING)).values_list("pk", flat=True):
        async_task(JOB, pk)
    for pk in Run.objects.filter(state=RunState.SENDING).values_list("pk", flat=True):
        executing.settle(pk, at=at)
