"""Attributes that orders carried: custom fields, tags, payment methods (R159)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.connections.models import Integration
from portal.ledger.models import SalesOrder


class Sort(models.TextChoices):
    """What kind of attribute it is."""

    FIELD = "field", "field"
    TAG = "tag", "tag"
    PAYMENT = "payment", "payment method"


class Decision(models.TextChoices):
    """What a person said of it."""

    USE = "use", "use it in filters"
    IGNORE = "ignore", "ignore it"


class SeenAttribute(models.Model):
    """One name that orders of an integration carried. Names only: what stands in a field may be personal."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="+")
    sort = models.CharField(max_length=8, choices=Sort.choices)
    name = models.CharField(max_length=120)
    times = models.PositiveBigIntegerField(default=0)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, related_name="+")  # the first that had it
    is_news = models.BooleanField(default=False)  # it came after the first reading, and a task was raised
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["sort", "name"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "sort", "name"], name="seen_attribute_once"),
            models.CheckConstraint(condition=Q(decision="") ^ Q(decided_at__isnull=False), name="seen_attribute_decided_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} {self.name}"

    @property
    def filter_field(self) -> str:
        """What to choose as the field of a filter row."""
        return {Sort.FIELD: f"extra.{self.name}", Sort.TAG: "tag"}.get(Sort(self.sort), "payment_method")
