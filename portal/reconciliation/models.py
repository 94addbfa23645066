"""What each comparison found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal.connections.models import Connection, Integration
from portal.reconciliation.finance import models as finance

__all__ = ["Audit", "Run", "finance"]


class Audit(models.TextChoices):
    """The comparisons, by the name they are stored under."""

    CATALOGUE = "catalogue", "Catalogues compared"
    STOCK = "stock", "Stock shown compared with stock published"
    STRANDED = "stranded", "Stock that a channel cannot sell"
    MISSING = "missing", "Orders the warehouse does not have"
    ORPHANS = "orphans", "Warehouse orders without a sale"
    UNSEEN = "unseen", "Orders the channel lists, read again"
    SNAPSHOT = "snapshot", "Full readings"


class Run(models.Model):
    """One comparison: `compared` things, `differing` ones, those `corrected` by it. `found`: fault → how many; `marker`: where the next begins."""

    audit = models.CharField(max_length=12, choices=Audit.choices)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="audit_runs")
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, null=True, blank=True, related_name="audit_runs")
    label = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    compared = models.PositiveBigIntegerField(default=0)
    differing = models.PositiveBigIntegerField(default=0)
    corrected = models.PositiveBigIntegerField(default=0)
    found = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    marker = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["audit", "label", "-started_at"], name="audit_run_newest"),
            models.Index(fields=["started_at"], name="audit_run_when", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_audit_display()}: {self.label}"
