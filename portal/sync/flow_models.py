"""Flows of an integration platform, and their runs as far as they were seen."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.canonical import FlowRole, RunState
from portal.connections.models import Connection

ENDED = (RunState.SUCCEEDED, RunState.FAILED, RunState.STOPPED, RunState.PARTIAL)
ROLE_LABELS = {
    FlowRole.ORDERS_IN: "orders in",
    FlowRole.DESPATCH_OUT: "dispatches out",
    FlowRole.STOCK_OUT: "stock out",
    FlowRole.RETURNS_IN: "returns in",
    FlowRole.OTHER: "not said",
}


class Flow(models.Model):
    """One flow. `named`: the account's settings name it, so its silence and its being off matter."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="flows")
    reference = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=[(role.value, label) for role, label in ROLE_LABELS.items()], default=FlowRole.OTHER.value)
    enabled = models.BooleanField(default=True)
    deployed = models.BooleanField(default=True)
    vendor_state = models.CharField(max_length=40, blank=True)
    expect_every_min = models.PositiveIntegerField(default=0)
    max_duration_min = models.PositiveIntegerField(default=0)
    named = models.BooleanField(default=False)
    link = models.CharField(max_length=500, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="flow_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_off(self) -> bool:
        return not self.enabled or not self.deployed


class FlowRun(models.Model):
    """One run. `retries`: the run it repeats."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="flow_runs")
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="runs")
    reference = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in RunState])
    trigger = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    summary = models.CharField(max_length=1000, blank=True)
    has_warnings = models.BooleanField(default=False)
    retries = models.CharField(max_length=120, blank=True)
    link = models.CharField(max_length=500, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="flow_run_once")]
        indexes = [
            models.Index(fields=["flow", "-started_at"], name="flow_run_newest"),
            models.Index(fields=["connection", "retries"], name="flow_run_retries", condition=~Q(retries="")),
        ]

    def __str__(self) -> str:
        return f"{self.flow} run {self.reference}"

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def took_s(self) -> int | None:
        return round((self.ended_at - self.started_at).total_seconds()) if isinstance(self.ended_at, datetime) else None
