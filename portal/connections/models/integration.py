"""Integration: a sales channel joined to a warehouse hub, with every setting of what flows between them, and its filter rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, validate_email
from django.db import models
from django.db.models import F, Q

from connectors.ports import Side
from portal.connections.models.choices import SINGLE_MODE, ItemIdentifier, Master, Mode, Operator, PaymentGate
from portal.connections.models.connection import Connection, check_time_zone
from portal.connections.patterns import check_pattern
from portal.connections.schedule import OFFSET_REFUSED, Timetable

MINUTES = [MinValueValidator(1), MaxValueValidator(60 * 24 * 30)]
HOURS_OF_DAY = [MinValueValidator(0), MaxValueValidator(23, "A day has the hours 0 to 23.")]
MINUTES_OF_HOUR = [MinValueValidator(0), MaxValueValidator(59, "An hour has the minutes 0 to 59.")]
OFFSETS = [MinValueValidator(-1439, "At most a day earlier: -1439 minutes."), MaxValueValidator(0, OFFSET_REFUSED)]
ONE_MODE = "{} works in one direction at a time: either export orders or fetch order fulfilments, not both."


class IntegrationQuerySet(models.QuerySet["Integration"]):
    def present(self) -> IntegrationQuerySet:
        return self.filter(removed_at=None)

    def running(self) -> IntegrationQuerySet:
        return self.present().filter(enabled=True)


class Integration(models.Model):
    """`single_mode` (R107) follows from the channel's system. `ran_through`: the scheduled run up to which all is done (schedule.py)."""

    name = models.CharField(max_length=80)
    channel = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="channel_integrations")
    hub = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="hub_integrations")
    enabled = models.BooleanField("automatic", default=False, help_text="Off: nothing runs except by hand.")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.BOTH)
    single_mode = models.BooleanField(default=False, editable=False)
    start_date = models.DateField(null=True, blank=True, help_text="Scheduled jobs ignore orders placed before this day.")
    store_codes = ArrayField(models.CharField(max_length=120), default=list, blank=True, help_text="Channel stores that take part; empty: all.")
    warehouse_codes = ArrayField(models.CharField(max_length=120), default=list, blank=True, help_text="Hub warehouses that take part; empty: all.")
    number_prefix = models.CharField(
        max_length=20, blank=True, help_text="Put before the channel's order number in the hub, to tell our orders apart."
    )
    payment_gate = models.CharField(max_length=12, choices=PaymentGate.choices, default=PaymentGate.SETTLED)
    hold_limit_min = models.PositiveIntegerField("payment may take (minutes)", default=60 * 24, validators=MINUTES)
    transfer_limit_min = models.PositiveIntegerField("reach the warehouse within (minutes)", default=30, validators=MINUTES)
    dispatch_window_min = models.PositiveIntegerField("channel shows a dispatch within (minutes)", default=60, validators=MINUTES)
    ship_limit_min = models.PositiveIntegerField("warehouse ships within (minutes)", default=60 * 24 * 3, validators=MINUTES)
    stock_window_min = models.PositiveIntegerField("channel shows stock within (minutes)", default=30, validators=MINUTES)
    stock_tolerance = models.PositiveIntegerField("stock may differ by (units)", default=0)
    pending_limit_min = models.PositiveIntegerField(
        "channel may say “pending” while it is picked (minutes)",
        default=30,
        null=True,
        blank=True,
        validators=[MaxValueValidator(60 * 24 * 30)],
        help_text="Empty: not watched, for shops that never change this state.",
    )
    price_tolerance = models.DecimalField(
        "prices may differ by (%)",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="From the price of the warehouse's item, net and before discounts. An order beyond it is not sent. Empty: not compared.",
    )
    buffer = models.PositiveIntegerField("safety buffer (units)", default=0, help_text="Kept back of every SKU that has no buffer of its own.")
    buffer_at_source = models.BooleanField("hub has subtracted the buffer already", default=False)
    product_master = models.CharField(max_length=10, choices=Master.choices, default=Master.CHANNEL)
    required_fields = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Order fields needed beyond name, street, city, postcode, country and delivery method.",
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    options = models.JSONField(default=dict, blank=True)

    item_identifier = models.CharField(
        "item identifier code",
        max_length=20,
        choices=ItemIdentifier.choices,
        default=ItemIdentifier.SKU,
        help_text="The code by which both sides mean the same product, in both directions.",
    )
    disable_multishipment = models.BooleanField(
        default=False, help_text="On: the first confirmation is final; what has not shipped by then is closed and its stock let go."
    )
    default_sku = models.CharField(
        "default SKU", max_length=120, blank=True, help_text="Stands in for a SKU that is not known, on fulfilment import only."
    )

    hour = models.PositiveSmallIntegerField("hour (0-23)", default=0, validators=HOURS_OF_DAY)
    minute = models.PositiveSmallIntegerField("minute (0-59)", default=0, validators=MINUTES_OF_HOUR)
    offset_min = models.SmallIntegerField(
        "start time offset (minutes)",
        default=0,
        validators=OFFSETS,
        help_text="0 to -1439. With 00:10 and -30 the job starts at 23:40 the day before.",
    )
    ran_through = models.DateTimeField(null=True, blank=True, editable=False)

    instant_errors = models.BooleanField("send errors at once by e-mail", default=False)
    instant_emails = ArrayField(models.CharField(max_length=254, validators=[validate_email]), default=list, blank=True)
    daily_errors = models.BooleanField("send one e-mail a day about errors", default=False)
    daily_emails = ArrayField(models.CharField(max_length=254, validators=[validate_email]), default=list, blank=True)
    exclude_patterns = ArrayField(models.CharField(max_length=200, validators=[check_pattern]), default=list, blank=True)
    daily_sent_on = models.DateField(null=True, blank=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(removed_at=None), name="integration_name_once"),
            models.CheckConstraint(condition=~Q(channel=F("hub")), name="integration_joins_two"),
            models.CheckConstraint(condition=Q(single_mode=False) | ~Q(mode="both"), name="integration_one_mode_at_a_time"),
            models.CheckConstraint(condition=Q(removed_at=None) | Q(enabled=False), name="integration_removed_is_off"),
            models.CheckConstraint(condition=Q(hour__lte=23) & Q(minute__lte=59), name="integration_time_of_day"),
            models.CheckConstraint(condition=Q(offset_min__gte=-1439) & Q(offset_min__lte=0), name="integration_offset_is_earlier"),
            models.CheckConstraint(condition=Q(default_sku="") | Q(mode="fetch"), name="integration_default_sku_in_fetch_only"),
            models.CheckConstraint(condition=Q(instant_errors=False) | ~Q(instant_emails=[]), name="integration_instant_mail_has_address"),
            models.CheckConstraint(condition=Q(daily_errors=False) | ~Q(daily_emails=[]), name="integration_daily_mail_has_address"),
        ]

    def __str__(self) -> str:
        return self.name if self.removed_at is None else f"{self.name} (removed)"

    def save(self, *args: Any, **options: Any) -> None:
        self.single_mode = self.channel.system in SINGLE_MODE
        super().save(*args, **options)

    @property
    def exports_orders(self) -> bool:
        return self.mode in (Mode.BOTH, Mode.EXPORT)

    @property
    def fetches_fulfilments(self) -> bool:
        return self.mode in (Mode.BOTH, Mode.FETCH)

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.time_zone, self.hour, self.minute, self.offset_min)

    @property
    def unverified(self) -> list[str]:
        """The sides whose credential has not been saved and verified (R100)."""
        return [side.name for side in (self.channel, self.hub) if side.verified_at is None]

    def takes_part(self, *, store_code: str, placed_on: date) -> bool:
        """Whether scheduled processing looks at an order of that store, placed on that day."""
        if self.store_codes and store_code not in self.store_codes:
            return False
        return self.start_date is None or placed_on >= self.start_date

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if self.channel_id and not self.channel.has_side(Side.CHANNEL):
            errors["channel"] = f"{self.channel.system_label} is not a sales channel."
        if self.hub_id and not self.hub.has_side(Side.HUB):
            errors["hub"] = f"{self.hub.system_label} is not a warehouse hub."
        if self.channel_id and self.channel.system in SINGLE_MODE and self.mode == Mode.BOTH:
            errors["mode"] = ONE_MODE.format(self.channel.system_label)
        if self.enabled and not errors and self.channel_id and self.hub_id and self.unverified:
            errors["enabled"] = f"Save and verify the credential of {' and '.join(self.unverified)} first."
        if self.default_sku and self.mode != Mode.FETCH:
            errors["default_sku"] = "A Default SKU is allowed only where order fulfilments are fetched; it never stands in on an order or in stock."
        for name in ("instant", "daily"):
            if getattr(self, f"{name}_errors") and not getattr(self, f"{name}_emails"):
                errors[f"{name}_emails"] = "Name at least one address, or switch this mail off."
        if errors:
            raise ValidationError(errors)


class FilterRow(models.Model):
    """One condition on orders; all rows of an integration must hold (R112, R113)."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="filters")
    field = models.CharField(max_length=60)
    operator = models.CharField(max_length=14, choices=Operator.choices)
    value = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.field} {self.get_operator_display()} {self.value}".strip()
