"""Sales orders as the channel tells them, and the hub's side of the same orders."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone

from connectors.canonical import HubState, OrderState, PaymentState
from portal.connections.models import Connection, Integration


class Stage(models.TextChoices):
    """Where an order stands between the systems, as one word for people."""

    RECEIVED = "received", "received"
    IGNORED = "ignored", "takes no part"
    HELD = "held", "waiting for payment"
    BLOCKED = "blocked", "needs a person"
    QUEUED = "queued", "on its way to the warehouse"
    WITH_HUB = "with_hub", "with the warehouse"
    PART_SHIPPED = "part_shipped", "shipped in part"
    SHIPPED = "shipped", "shipped, channel not told yet"
    DONE = "done", "shipped, channel knows"
    CANCELLED = "cancelled", "cancelled"
    ABANDONED = "abandoned", "stopped by a person"


FILTER_ATTRIBUTES = {"store": "store_code", "ship_service": "ship_service_code", "carrier": "carrier_code", "state": "vendor_state"}
STILL_OPEN = Q(stage__in=(Stage.SHIPPED.value, Stage.DONE.value), state=OrderState.OPEN.value)  # gone, and the channel does not say so (R71)
OPEN_STAGES = (Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED, Stage.WITH_HUB, Stage.PART_SHIPPED, Stage.SHIPPED)


class SalesOrder(models.Model):
    """An order at its newest version. Created before any mapping is tried, so that it can never be lost (R29, R41)."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="sales_orders")
    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, null=True, blank=True, related_name="sales_orders")
    reference = models.CharField(max_length=120)
    number = models.CharField(max_length=120)
    number_key = models.CharField(max_length=120, editable=False)
    number_reversed = models.CharField(max_length=120, editable=False)
    version = models.CharField(max_length=80)
    state = models.CharField(max_length=20, choices=[(state.value, state.value.replace("_", " ")) for state in OrderState])
    vendor_state = models.CharField(max_length=80, blank=True)
    payment_state = models.CharField(max_length=12, choices=[(state.value, state.value.replace("_", " ")) for state in PaymentState])
    shipment_state = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=14, choices=Stage.choices, default=Stage.RECEIVED)
    stage_at = models.DateTimeField(default=timezone.now)
    stage_note = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=18, decimal_places=4)
    total_tax = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    shipping_price = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    shipping_tax_rate = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    prices_include_tax = models.BooleanField(default=False)
    store_code = models.CharField(max_length=120, blank=True)
    ship_service_code = models.CharField(max_length=200, blank=True)
    ship_service_label = models.CharField(max_length=200, blank=True)
    carrier_code = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=320, blank=True)
    customer_reference = models.CharField(max_length=120, blank=True)
    shipping_address = models.JSONField(null=True)
    billing_address = models.JSONField(null=True)
    corrections = models.JSONField(default=dict, blank=True)  # field → value a person put right (R31); wins over the channel's
    note = models.TextField(blank=True)
    extra = models.JSONField(default=dict, blank=True)
    tags = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    placed_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    seen_at = models.DateTimeField(default=timezone.now)
    hold_until = models.DateTimeField(null=True, blank=True)
    accept_by = models.DateTimeField(null=True, blank=True)
    ship_by = models.DateTimeField(null=True, blank=True)
    sent_version = models.CharField(max_length=80, blank=True)  # the version the warehouse was given (R44)
    sent_snapshot = models.JSONField(null=True, blank=True)  # lines and address as the warehouse was given them

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="sales_order_once")]
        indexes = [
            models.Index(fields=["number_key"], name="order_number_like", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["number_reversed"], name="order_number_rev_like", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["-placed_at", "-id"], name="order_placed"),
            models.Index(fields=["stage", "stage_at"], name="order_open_stage", condition=Q(stage__in=[stage.value for stage in OPEN_STAGES])),
            models.Index(fields=["-placed_at", "-id"], name="order_still_open", condition=STILL_OPEN),
            models.Index(fields=["hold_until"], name="order_hold", condition=Q(stage="held")),
            models.Index(fields=["stage", "-placed_at", "-id"], name="order_stage_placed"),
            models.Index(fields=["connection", "-placed_at", "-id"], name="order_connection_placed"),
            models.Index(fields=["store_code", "-placed_at", "-id"], name="order_store_placed"),
            models.Index(Upper("customer_reference"), name="order_customer", condition=~Q(customer_reference="")),
            models.Index(Upper("email"), name="order_email", condition=~Q(email="")),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: object, **options: object) -> None:
        self.number_key = self.number.upper()
        self.number_reversed = self.number_key[::-1]
        super().save(*args, **options)  # type: ignore[arg-type]

    @property
    def is_still_open(self) -> bool:
        """Everything has left the warehouse, and the channel still lists it as open (R71)."""
        return self.stage in (Stage.SHIPPED, Stage.DONE) and self.state == OrderState.OPEN

    @property
    def customer_name(self) -> str:
        address = self.effective_address
        name = f"{address.get('first_name', '')} {address.get('last_name', '')}".strip()
        return name or str(address.get("company", ""))

    @property
    def effective_address(self) -> dict[str, str]:
        """The shipping address with a person's corrections laid over it."""
        fixed = {name.removeprefix("address."): value for name, value in self.corrections.items() if name.startswith("address.")}
        return {**(self.shipping_address or {}), **fixed}

    @property
    def effective_ship_service(self) -> str:
        return str(self.corrections.get("ship_service_code") or self.ship_service_code)

    def filter_values(self, field: str) -> list[str]:
        """The order's values of a filter field (`portal.connections.filters.FIELDS`)."""
        if field == "sku":
            return [line.sku for line in self.lines.all()]
        if field == "tag":
            return list(self.tags)
        if field == "payment_method":
            return [payment.method for payment in self.payments.all()]
        if field.startswith("extra."):
            return [str(self.extra.get(field.removeprefix("extra."), ""))]
        if field in ("country", "city", "postcode"):
            return [str(self.effective_address.get(field, ""))]
        return [str(getattr(self, FILTER_ATTRIBUTES.get(field, field), ""))]

    def move(self, stage: Stage, *, note: str = "", at: object = None) -> bool:
        """Put the order into a stage; False when it was there already with the same note. The caller saves nothing more."""
        if self.stage == stage and self.stage_note == note:
            return False
        moment = at or timezone.now()
        self.stage, self.stage_note, self.stage_at = stage, note, moment  # type: ignore[assignment]
        SalesOrder.objects.filter(pk=self.pk).update(stage=stage, stage_note=note, stage_at=moment)
        return True


class OrderLine(models.Model):
    """One line of a sales order. `cancelled` units are no longer wanted."""

    order = models.ForeignKey(SalesOrder, on_delete=models.CASCADE, related_name="lines")
    reference = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    sku = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300, blank=True)
    quantity = models.IntegerField()
    cancelled = models.IntegerField(default=0)
    total = models.DecimalField(max_digits=18, decimal_places=4)
    list_price = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    tax_included = models.BooleanField(default=False)
    product_reference = models.CharField(max_length=120, blank=True)
    warehouse_code = models.CharField(max_length=120, blank=True)
    is_extra = models.BooleanField(default=False)
    vendor_state = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["order_id", "position"]
        constraints = [models.UniqueConstraint(fields=["order", "reference"], name="order_line_once")]
        indexes = [models.Index(fields=["sku", "-order"], name="order_line_sku")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku or self.title}"

    @property
    def wanted(self) -> int:
        return max(0, self.quantity - self.cancelled)


class HubOrder(models.Model):
    """An order as a warehouse hub holds it; `order` is the sales order it belongs to, None while no counterpart is known (R43)."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="hub_orders")
    order = models.ForeignKey(SalesOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="hub_orders")
    reference = models.CharField(max_length=120)
    number = models.CharField(max_length=120, db_index=True)
    version = models.CharField(max_length=120)
    state = models.CharField(max_length=14, choices=[(state.value, state.value.replace("_", " ")) for state in HubState])
    vendor_state = models.CharField(max_length=80, blank=True)
    store_code = models.CharField(max_length=120, blank=True)
    lines = models.JSONField(default=list)  # [[sku, units], …]
    locked_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.CharField(max_length=120, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    link = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "reference"], name="hub_order_once")]
        indexes = [models.Index(fields=["connection", "seen_at"], name="hub_order_seen")]

    def __str__(self) -> str:
        return self.number
