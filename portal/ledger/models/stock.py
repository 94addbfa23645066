"""Stock as the truth holds it, as it changed, and as each channel shows it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.connections.models import Connection, Integration


class StockLevel(models.Model):
    """The newest level of one SKU at one place of one system."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="stock_levels")
    warehouse_code = models.CharField(max_length=120, blank=True)
    sku = models.CharField(max_length=120)
    available = models.IntegerField()
    on_hand = models.IntegerField(null=True)
    allocated = models.IntegerField(null=True)
    incoming = models.IntegerField(null=True)
    infinite = models.BooleanField(default=False)
    reference = models.CharField(max_length=120, blank=True)
    version = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()
    seen_at = models.DateTimeField(default=timezone.now)
    listed_at = models.DateTimeField(null=True, blank=True)  # when a full reading last had it
    gone_at = models.DateTimeField(null=True, blank=True)  # when one had it no more; its units are 0 since

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "sku", "warehouse_code"], name="stock_level_once")]
        indexes = [models.Index(fields=["sku"], name="stock_level_sku_like", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return f"{self.sku} at {self.warehouse_code or 'all places'}: {self.available}"


class StockChange(models.Model):
    """One change of a level, kept for the timeline (A7). `source`: poll, event or snapshot; append-only."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT)
    warehouse_code = models.CharField(max_length=120, blank=True)
    sku = models.CharField(max_length=120)
    before = models.IntegerField(null=True)
    available = models.IntegerField()
    on_hand = models.IntegerField(null=True)
    source = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sku", "at"], name="stock_change_sku")]

    def __str__(self) -> str:
        return f"{self.sku} {self.before}→{self.available}"


class StockPublication(models.Model):
    """What one channel should show for one SKU at one of its places, and what it has confirmed."""

    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, related_name="publications")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="publications")
    sku = models.CharField(max_length=120)
    warehouse_code = models.CharField(max_length=120, blank=True)
    wanted = models.IntegerField()
    withheld = models.IntegerField(default=0)  # units kept back by the buffer
    revision = models.PositiveIntegerField(default=1)
    truth_changed_at = models.DateTimeField()
    confirmed = models.IntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    latency_s = models.FloatField(null=True)
    reference = models.CharField(max_length=120, blank=True)
    version = models.CharField(max_length=80, blank=True)
    unknown_since = models.DateTimeField(null=True, blank=True)  # the channel does not know the SKU (R23)
    differs_since = models.DateTimeField(null=True, blank=True)  # the channel was seen to show something else (R22)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "sku", "warehouse_code"], name="stock_publication_once")]
        indexes = [
            models.Index(fields=["truth_changed_at"], name="stock_unconfirmed", condition=~Q(confirmed=F("wanted"))),
            models.Index(fields=["differs_since"], name="stock_differs", condition=Q(differs_since__isnull=False)),
            models.Index(fields=["unknown_since"], name="stock_stranded", condition=Q(unknown_since__isnull=False)),
            models.Index(fields=["-confirmed_at"], name="stock_confirmed", condition=Q(confirmed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.sku} on {self.connection_id}: {self.wanted}"


class Buffer(models.Model):
    """Units kept back of one SKU, a class of SKUs (pattern with *) or a whole channel, perhaps for a period (R10, R26)."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="buffers")
    pattern = models.CharField("SKU or pattern", max_length=120, default="*", help_text="One SKU, or a pattern such as SHOE-*; the most exact wins.")
    units = models.PositiveIntegerField()
    interval_s = models.PositiveIntegerField(null=True, blank=True, help_text="Publish at least this often while it holds (peak mode).")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pattern", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="buffer_period_forward")
        ]

    def __str__(self) -> str:
        return f"{self.pattern}: {self.units}"
