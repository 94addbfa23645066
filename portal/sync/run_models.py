"""Executions of an integration (by hand, by its schedule, or a reading that brought something), and orders a person marked as resolved."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.connections.models import Integration
from portal.ledger.models import SalesOrder, Shipment


class Process(models.TextChoices):
    EXPORT = "export", "order export"
    FETCH = "fetch", "fulfilment import"
    READ = "read", "reading"


class Trigger(models.TextChoices):
    HAND = "hand", "by hand"
    SCHEDULE = "schedule", "by the schedule"
    INTERVAL = "interval", "by the clock"


class RunState(models.TextChoices):
    WAITING = "waiting", "starts in a moment"
    RUNNING = "running", "running"
    SENDING = "sending", "on the way"
    DONE = "done", "done"
    REFUSED = "refused", "refused"
    STOPPED = "stopped", "stopped"


OPEN_RUNS = (RunState.WAITING, RunState.RUNNING, RunState.SENDING)


class Run(models.Model):
    """One execution. `criteria`: from, to, search, orders, read. `lease_until`: a worker has it; taken over when that passes."""

    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, related_name="runs", db_index=False)
    process = models.CharField(max_length=8, choices=Process.choices)
    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    token = models.UUIDField(unique=True, default=uuid.uuid4)  # of the page: the second click is the same run
    criteria = models.JSONField(default=dict)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    number = models.PositiveIntegerField(null=True)  # chosen when it began; null until then
    handled = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    has_errors = models.BooleanField(default=False)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "process", "scheduled_for"], condition=Q(scheduled_for__isnull=False), name="run_scheduled_once"
            ),
            models.CheckConstraint(condition=Q(resolved_at=None) | Q(resolved_by__isnull=False), name="run_resolved_by"),
        ]
        indexes = [
            models.Index(fields=["integration", "-id"], name="run_log"),
            models.Index(fields=["integration", "-id"], name="run_log_errors", condition=Q(has_errors=True)),
            models.Index(fields=["id"], name="run_open", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_process_display()} #{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class RunItem(models.Model):
    """One order or shipment a run is about, and what it did with it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items", db_index=False)
    subject = models.CharField(max_length=120)
    outcome = models.CharField(max_length=300, blank=True)
    is_error = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "subject"], name="run_item_once")]
        indexes = [
            models.Index(fields=["run", "id"], name="run_item_waiting", condition=Q(outcome="")),
            models.Index(fields=["subject"], name="run_item_subject"),
        ]

    def __str__(self) -> str:
        return self.subject


class MarkCode(models.TextChoices):
    """How something is over; nothing is abandoned without a word (D10). The first is not a default: a person chooses."""

    FIXED = "fixed_verified", "fixed, and the other side shows it"
    BY_HAND = "done_by_hand", "done by hand"
    FALSE_ALARM = "false_alarm", "no fault: it goes on by itself"
    STOPPED = "stop_trying", "stop trying"


class ResolvedMark(models.Model):
    """An order (or a shipment) that somebody marked as resolved on the operations page."""

    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, related_name="marks", db_index=False)
    order = models.OneToOneField(SalesOrder, on_delete=models.CASCADE, null=True, related_name="mark")
    shipment = models.OneToOneField(Shipment, on_delete=models.CASCADE, null=True, related_name="mark")
    code = models.CharField(max_length=16, choices=MarkCode.choices)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(order__isnull=False) ^ Q(shipment__isnull=False), name="mark_of_one_thing")]
        indexes = [models.Index(fields=["integration", "-at"], name="mark_integration")]

    def __str__(self) -> str:
        return f"{self.get_code_display()}: {self.order or self.shipment}"
