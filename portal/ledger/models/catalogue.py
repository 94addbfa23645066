"""What each system's catalogue lists."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace, Upper
from django.utils import timezone

from portal.connections.models import Connection

LISTED = Q(gone_at=None)
SPELLING = Upper(Replace(F("sku"), Value(" "), Value("")))  # SKUs that people take for the same


class CatalogueItem(models.Model):
    """One variant of one system. `reference` stays when somebody edits the SKU; that is how an edit is noticed (R75)."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="catalogue_items")
    reference = models.CharField(max_length=160)
    product_reference = models.CharField(max_length=120, blank=True)
    sku = models.CharField(max_length=120, blank=True)
    barcode = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=300, blank=True)
    price = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    weight_g = models.PositiveIntegerField(null=True)
    pack_size = models.PositiveIntegerField(default=1)
    active = models.BooleanField(default=True)
    version = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)
    listed_at = models.DateTimeField(null=True, blank=True)  # when a full reading last had it
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="catalogue_item_once")]
        indexes = [
            models.Index(fields=["connection", "sku"], name="catalogue_sku"),
            models.Index(fields=["connection", "sku"], include=["id", "barcode", "pack_size"], name="catalogue_audit", condition=LISTED & ~Q(sku="")),
            models.Index(F("connection"), SPELLING, name="catalogue_spelling", condition=LISTED & ~Q(sku="")),
            models.Index(fields=["connection", "barcode"], name="catalogue_barcode", condition=LISTED & ~Q(barcode="")),
        ]

    def __str__(self) -> str:
        return self.sku or self.reference


class SkuChange(models.Model):
    """A SKU that was seen to change on one variant: by the master, or by hand (R74, R75). Append-only."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT)
    reference = models.CharField(max_length=160)
    old = models.CharField(max_length=120)
    new = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.old}→{self.new}"
