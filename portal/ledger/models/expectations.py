"""What should happen next and by when (A5), and when each flow last showed life."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.connections.models import Connection


class Expectation(models.Model):
    """One event we wait for, written when its cause is seen. Overdue and not met: a case, though nothing failed."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)  # "order:12", "shipment:7", "stock:3"
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, null=True, related_name="expectations")
    because = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    met_at = models.DateTimeField(null=True, blank=True)
    raised_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="expectation_once")]
        indexes = [
            models.Index(fields=["due_at"], name="expectation_due", condition=Q(met_at=None, raised_at=None, dropped_at=None)),
            models.Index(fields=["subject"], name="expectation_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject} by {self.due_at:%d %b %H:%M}"


class Heartbeat(models.Model):
    """The last sign of life of a flow (a feed of a connection, the worker …) and how often it should beat."""

    flow = models.CharField(max_length=120, primary_key=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, related_name="heartbeats")
    label = models.CharField(max_length=200, blank=True)
    beat_at = models.DateTimeField(default=timezone.now)
    every_s = models.PositiveIntegerField(default=300)
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.flow
