"""Goods coming back and money going back."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from connectors.canonical import ReturnState
from portal.connections.models import Connection
from portal.ledger.models.orders import SalesOrder


class ReturnOrder(models.Model):
    """A return as one system tells it, tied to its sales order where that is known."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="return_orders")
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="return_orders")
    reference = models.CharField(max_length=120)
    order_reference = models.CharField(max_length=120, blank=True)
    order_number = models.CharField(max_length=120, blank=True)
    version = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=[(state.value, state.value.replace("_", " ")) for state in ReturnState])
    vendor_state = models.CharField(max_length=80, blank=True)
    rma = models.CharField(max_length=120, blank=True)
    tracking_numbers = models.JSONField(default=list)
    changed_at = models.DateTimeField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="return_order_once")]

    def __str__(self) -> str:
        return self.rma or self.reference


class ReturnLine(models.Model):
    """Units of one SKU coming back; the assessment is null before it is made."""

    return_order = models.ForeignKey(ReturnOrder, on_delete=models.CASCADE, related_name="lines")
    reference = models.CharField(max_length=120)
    order_line = models.CharField(max_length=120, blank=True)
    sku = models.CharField(max_length=120)
    quantity = models.IntegerField()
    received = models.IntegerField(default=0)
    sellable = models.IntegerField(null=True)
    damaged = models.IntegerField(null=True)
    missing = models.IntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["return_order", "reference"], name="return_line_once")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class Refund(models.Model):
    """Money given back, as the channel tells it."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="refunds")
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="refunds")
    reference = models.CharField(max_length=120)
    order_reference = models.CharField(max_length=120, blank=True)
    order_line = models.CharField(max_length=120, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=3)
    quantity = models.IntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="refund_once")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
