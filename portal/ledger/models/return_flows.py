"""The triangle of a return: what the channel authorised, what came back, and what was paid back, of one order line."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.connections.models import Connection, Integration
from portal.ledger.models.orders import SalesOrder


class FlowState(models.TextChoices):
    """Which side of the triangle is missing."""

    PENDING = "pending", "goods awaited"
    ARRIVED = "arrived", "goods here, to be assessed"
    REFUND_DUE = "refund_due", "goods here, money not back"
    UNAUTHORISED = "unauthorised", "goods here, nobody authorised it"
    GOODS_MISSING = "goods_missing", "money back, goods not here"
    DONE = "done", "closed"
    CANCELLED = "cancelled", "called off"


OPEN_FLOWS = (FlowState.PENDING, FlowState.ARRIVED, FlowState.REFUND_DUE, FlowState.UNAUTHORISED, FlowState.GOODS_MISSING)


class ReturnFlow(models.Model):
    """One order line on its way back. The numbers are what the systems tell, added up anew each time; `decisions` is what people decided.

    `order` empty: nobody knows the sale (an order older than the portal, or a parcel without a name). `owed`: what must be paid back by now.
    """

    key = models.CharField(max_length=260, unique=True)
    order = models.ForeignKey(SalesOrder, on_delete=models.CASCADE, null=True, blank=True, related_name="return_flows")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="return_flows")
    integration = models.ForeignKey(Integration, on_delete=models.SET_NULL, null=True, blank=True, related_name="return_flows")
    order_line = models.CharField(max_length=120, blank=True)
    number = models.CharField(max_length=120, blank=True)
    sku = models.CharField(max_length=120, blank=True)
    hub_sku = models.CharField(max_length=120, blank=True)
    rma = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    sold = models.IntegerField(default=0)
    authorised = models.IntegerField(default=0)
    received = models.IntegerField(default=0)
    sellable = models.IntegerField(null=True)
    damaged = models.IntegerField(null=True)
    missing = models.IntegerField(null=True)
    unassessed = models.IntegerField(default=0)
    paid = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    owed = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    refunded = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    currency = models.CharField(max_length=3, blank=True)
    state = models.CharField(max_length=14, choices=FlowState.choices, default=FlowState.PENDING)
    decisions = models.JSONField(default=dict, blank=True)
    began_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(null=True, blank=True)
    refunded_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(owed__lte=models.F("paid")), name="flow_owes_at_most_what_was_paid")]
        indexes = [
            models.Index(fields=["state", "-began_at", "-id"], name="flow_state"),
            models.Index(fields=["-began_at", "-id"], name="flow_began"),
            models.Index(fields=["integration", "hub_sku"], name="flow_unassessed", condition=Q(unassessed__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.rma or self.key}, {self.sku}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_FLOWS

    @property
    def left_to_refund(self) -> Any:
        """Of what is owed, the money that is not back yet."""
        return max(self.owed - self.refunded, 0)
