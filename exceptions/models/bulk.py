"""One act on many cases: frozen when pressed, done by the worker, taken back within ten seconds."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from exceptions.models.case import ExceptionCase


class BulkState(models.TextChoices):
    WAITING = "waiting", "starts in a moment"
    RUNNING = "running", "running"
    DONE = "done", "done"
    UNDONE = "undone", "taken back before it began"
    STOPPED = "stopped", "stopped on the way"


class BulkRun(models.Model):
    """`number` cases were chosen at the click; not one more is touched, whatever matches later."""

    act = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict)
    summary = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=BulkState.choices, default=BulkState.WAITING)
    created_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["starts_at"], name="bulk_due", condition=Q(state__in=["waiting", "running"]))]

    def __str__(self) -> str:
        return self.summary


class BulkRunCase(models.Model):
    """One chosen case and, where it was refused, why."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="chosen", db_index=False)
    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="+", db_index=False)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "case"], name="bulk_case_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.case_id}"
