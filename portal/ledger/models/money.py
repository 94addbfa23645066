"""Payments of orders, and lines of marketplace statements."""

from __future__ import annotations

from django.db import models

from portal.connections.models import Connection
from portal.ledger.models.orders import SalesOrder


class Payment(models.Model):
    """Sums of one payment so far, in the order's currency, as the channel tells them."""

    order = models.ForeignKey(SalesOrder, on_delete=models.CASCADE, related_name="payments")
    reference = models.CharField(max_length=120)
    method = models.CharField(max_length=120, blank=True)
    currency = models.CharField(max_length=3)
    authorised = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    captured = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    refunded = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    failed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "reference"], name="payment_once")]

    def __str__(self) -> str:
        return self.reference


class PayoutLine(models.Model):
    """One movement of a marketplace statement; never changed once seen, corrections are lines of their own."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="payout_lines")
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="payout_lines")
    reference = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    vendor_kind = models.CharField(max_length=80)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    order_reference = models.CharField(max_length=120, blank=True)
    order_line = models.CharField(max_length=120, blank=True)
    cycle = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="payout_line_once")]
        indexes = [models.Index(fields=["connection", "order_reference"], name="payout_order"), models.Index(fields=["at"], name="payout_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"
