"""Codes that came along and had no answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.canonical import CodeKind
from mappings.models.base import code_field
from portal.connections.models import Integration

KINDS = [(kind.value, kind.value.replace("_", " ")) for kind in CodeKind]


class SeenCode(models.Model):
    """A code met without a mapping: the list of what waits to be mapped (R159). `answered_at` is set when a mapping for it is saved."""

    key = models.CharField(max_length=300, unique=True)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=KINDS)
    direction = models.CharField(max_length=12)
    store = code_field("store", blank=True)
    value = code_field("value", blank=True)
    label = models.CharField(max_length=200, blank=True, default="")
    service = code_field("service", blank=True)
    reason = models.CharField(max_length=20, default="missing")
    times = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["integration", "kind", "value"], name="seen_code_value"),
            models.Index(fields=["-times", "id"], name="seen_code_waiting", condition=Q(answered_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.value})" if self.label and self.label != self.value else self.value
