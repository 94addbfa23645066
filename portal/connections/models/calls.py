"""What all workers of a connection share: its budget of calls and its access tokens."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from portal.connections.models.connection import Connection


class CallBudget(models.Model):
    """The shared bucket of calls to one connection, filled at its rate; nobody calls before `paused_until`."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, primary_key=True, related_name="budget")
    level = models.FloatField(default=0)
    seen_at = models.DateTimeField(default=timezone.now)
    paused_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"budget of {self.connection_id}"


class AccessToken(models.Model):
    """A short-lived token, sealed, shared by all workers of a connection."""

    name = models.CharField(max_length=200, primary_key=True)
    sealed = models.TextField(blank=True)
    good_until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
