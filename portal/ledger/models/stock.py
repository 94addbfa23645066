"""Stock as the truth holds it, as it changed, and as each channel shows it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
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
    buffer = models.ForeignKey("Buffer", on_delete=models.SET_NULL, null=True, blank=True, related_name="publications")  # None: the integration's own
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
            models.Index(fields=["integration", "buffer"], name="stock_withheld", condition=Q(withheld__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.sku} on {self.connection_id}: {self.wanted}"


class Buffer(models.Model):
    """Units kept back of chosen SKUs, a class of SKUs (pattern with *) or a whole channel, perhaps for a period (R10, R26).

    `skus`, where there are any, are meant instead of the pattern. No `units`: the other buffers hold on, only the pace changes.
    """

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="buffers")
    pattern = models.CharField("SKU or pattern", max_length=120, default="*", help_text="One SKU, or a pattern such as SHOE-*; the most exact wins.")
    skus = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    units = models.PositiveIntegerField(null=True, blank=True)
    interval_s = models.PositiveIntegerField(null=True, blank=True, help_text="Publish at least this often while it holds (peak mode).")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pattern", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="buffer_period_forward"),
            models.CheckConstraint(condition=Q(units__isnull=False) | Q(interval_s__isnull=False), name="buffer_does_something"),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {'as before' if self.units is None else self.units}"

    @property
    def scope(self) -> str:
        """What it is about, for people."""
        if self.skus:
            return self.skus[0] if len(self.skus) == 1 else f"{len(self.skus)} SKUs: {', '.join(self.skus[:3])}{' …' if len(self.skus) > 3 else ''}"
        return "every SKU" if self.pattern == "*" else self.pattern


class StockReplan(models.Model):
    """SKUs whose published levels must be computed anew from a moment on: a buffer begins or ends, a setting changed. Gone when done."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="stock_replans")
    buffer = models.ForeignKey(Buffer, on_delete=models.CASCADE, null=True, blank=True, related_name="replans")
    pattern = models.CharField(max_length=120, default="*")
    skus = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    due_at = models.DateTimeField(db_index=True)
    after = models.CharField(max_length=120, blank=True)  # the last SKU that is done

    def __str__(self) -> str:
        return f"{self.pattern} from {self.due_at:%d %b %H:%M}"
