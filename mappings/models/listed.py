"""What a system's own lists said when they were last read: which codes it has, since when, and which it took off."""

from __future__ import annotations

from django.db import models

from mappings.models.base import code_field
from mappings.models.seen import KINDS
from portal.connections.models import Connection


class ListedCode(models.Model):
    """One code of a system's live list. `gone_at`: since when the list does not have it (or has it switched off) any more."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=KINDS)
    value = code_field("value", blank=True)
    label = models.CharField(max_length=200, blank=True, default="")
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "kind", "value"], name="listed_code_once")]

    def __str__(self) -> str:
        return f"{self.label} ({self.value})" if self.label and self.label != self.value else self.value
