"""What left the warehouse, and whether the channel shows it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal.connections.models import Connection
from portal.ledger.models.orders import HubOrder, SalesOrder


class Shipment(models.Model):
    """A dispatch as the hub tells it. `shown_at`: when the channel was seen to show it, with tracking."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="shipments")
    hub_order = models.ForeignKey(HubOrder, on_delete=models.CASCADE, related_name="shipments")
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="shipments")
    reference = models.CharField(max_length=120)
    carrier_code = models.CharField(max_length=120, blank=True)
    carrier_label = models.CharField(max_length=200, blank=True)
    service_code = models.CharField(max_length=200, blank=True)
    warehouse_code = models.CharField(max_length=120, blank=True)
    shipped_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)  # raised when carrier, tracking or quantities change
    shown_at = models.DateTimeField(null=True, blank=True)
    channel_reference = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["shipped_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="shipment_once")]
        indexes = [
            models.Index(fields=["shipped_at"], name="shipment_not_shown", condition=Q(shown_at=None, cancelled_at=None)),
            models.Index(fields=["shipped_at", "order"], name="shipment_shipped", condition=Q(cancelled_at=None)),
        ]

    def __str__(self) -> str:
        return self.reference


class ShipmentLine(models.Model):
    """Units of one SKU (the hub's) in a shipment."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=120)
    quantity = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class Parcel(models.Model):
    """A parcel of a shipment; the tracking number may come late."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="parcels")
    reference = models.CharField(max_length=120)
    tracking_number = models.CharField(max_length=120, blank=True)
    tracking_key = models.CharField(max_length=120, blank=True, editable=False)
    tracking_url = models.CharField(max_length=500, blank=True)
    lines = models.JSONField(default=list)  # [[sku, units], …]; empty: the shipment's own

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "reference"], name="parcel_once")]
        indexes = [models.Index(fields=["tracking_key"], name="parcel_tracking_like", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return self.tracking_number or self.reference

    def save(self, *args: object, **options: object) -> None:
        self.tracking_key = self.tracking_number.upper()
        super().save(*args, **options)  # type: ignore[arg-type]
