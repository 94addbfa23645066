"""Connection (an account at a vendor) and Integration (a channel joined to a hub)."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from connectors.canonical import System
from connectors.ports import Account, Side
from connectors.registry import Vendor, vendor
from portal.connections.addresses import check_base_url
from portal.connections.sealing import seal, unseal


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Choose a name such as Europe/London.")


class Health(models.TextChoices):
    UNKNOWN = "unknown", "not tried yet"
    OK = "ok", "working"
    DOWN = "down", "not answering"
    DENIED = "denied", "credential refused"


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def present(self) -> ConnectionQuerySet:
        return self.filter(removed_at=None)

    def working(self) -> ConnectionQuerySet:
        """Those that jobs may use: present, enabled and verified."""
        return self.present().filter(enabled=True, verified_at__isnull=False)


class Connection(models.Model):
    """One account at one vendor. Removing it keeps its history: the row stays, its credential goes."""

    name = models.CharField(max_length=80, help_text="What your team calls it, for example “commercetools UK live”.")
    system = models.CharField(max_length=20, choices=[(system.value, system.label) for system in System])
    environment = models.CharField(max_length=20, choices=[("live", "live"), ("test", "test")], default="live")
    base_url = models.CharField("API address", max_length=300, validators=[check_base_url])
    auth_url = models.CharField("sign-in address", max_length=300, blank=True, validators=[check_base_url])
    account = models.CharField(max_length=120, blank=True, help_text="The vendor's name of the account: project key, shop number …")
    credentials_sealed = models.TextField(blank=True, editable=False)
    options = models.JSONField(default=dict, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    rate_per_s = models.FloatField(
        "calls a second", null=True, blank=True, validators=[MinValueValidator(0.01)], help_text="Empty: the vendor's own limit."
    )
    intervals = models.JSONField("poll intervals", default=dict, blank=True, help_text="Seconds for each feed, where not the default.")
    enabled = models.BooleanField(default=False, help_text="On: scheduled jobs use it. It must be verified first.")
    verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    verified_note = models.TextField(blank=True, editable=False)
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.UNKNOWN, editable=False)
    health_since = models.DateTimeField(null=True, blank=True, editable=False)
    health_note = models.TextField(blank=True, editable=False)
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)
    last_ok_at = models.DateTimeField(null=True, blank=True, editable=False)
    probe_at = models.DateTimeField(null=True, blank=True, editable=False)  # while down: nobody calls before this
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(removed_at=None), name="connection_name_once"),
            models.CheckConstraint(condition=Q(enabled=False) | Q(verified_at__isnull=False), name="connection_verified_before_enabled"),
            models.CheckConstraint(condition=Q(removed_at=None) | Q(enabled=False), name="connection_removed_is_off"),
        ]

    def __str__(self) -> str:
        return self.name if self.removed_at is None else f"{self.name} (removed)"

    @property
    def vendor(self) -> Vendor:
        return vendor(self.system)

    @property
    def system_label(self) -> str:
        return System(self.system).label

    def set_credentials(self, values: dict[str, str]) -> None:
        """Seal new credentials; what was verified is verified no more."""
        self.credentials_sealed = seal(values)
        self.forget_verification()

    def forget_verification(self) -> None:
        self.verified_at, self.verified_note, self.enabled = None, "", False
        self.health, self.health_since, self.health_note = Health.UNKNOWN, None, ""

    @property
    def has_credentials(self) -> bool:
        return bool(self.credentials_sealed)

    def as_account(self, *, opened: bool = True) -> Account:
        """What the connector needs, with its credentials `opened`. SealBroken when the key is gone."""
        return Account(
            key=f"connection-{self.pk}",
            base_url=self.base_url,
            auth_url=self.auth_url,
            account=self.account,
            credentials=unseal(self.credentials_sealed) if opened else {},
            options={name: str(value) for name, value in self.options.items()},
            time_zone=self.time_zone,
        )

    def has_side(self, side: Side) -> bool:
        return side in self.vendor.sides

    def interval_s(self, feed: str) -> int:
        """Seconds between two polls of a feed; 0: it is not polled."""
        own = self.intervals.get(feed)
        return self.vendor.feed(feed).every_s if own is None else int(own)

    def clean(self) -> None:
        if self.enabled and self.verified_at is None:
            raise ValidationError({"enabled": "Verify the credential first: only a connection that has been verified can run by itself."})


class Mode(models.TextChoices):
    BOTH = "both", "orders out, dispatch back"
    EXPORT = "export", "export orders"
    FETCH = "fetch", "fetch order fulfilments"


class PaymentGate(models.TextChoices):
    SETTLED = "settled", "paid in full"
    AUTHORISED = "authorised", "authorised or paid"
    ANY = "any", "do not wait for payment"


class Master(models.TextChoices):
    CHANNEL = "channel", "the channel"
    HUB = "hub", "the warehouse hub"
    PORTAL = "external", "another system (PIM or ERP); neither side is written"


MINUTES = [MinValueValidator(1), MaxValueValidator(60 * 24 * 30)]


class IntegrationQuerySet(models.QuerySet["Integration"]):
    def present(self) -> IntegrationQuerySet:
        return self.filter(removed_at=None)

    def running(self) -> IntegrationQuerySet:
        return self.present().filter(enabled=True)


class Integration(models.Model):
    """A sales channel joined to a warehouse hub: what flows between them, and by which rules."""

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
        ]

    def __str__(self) -> str:
        return self.name if self.removed_at is None else f"{self.name} (removed)"

    @property
    def exports_orders(self) -> bool:
        return self.mode in (Mode.BOTH, Mode.EXPORT)

    @property
    def fetches_fulfilments(self) -> bool:
        return self.mode in (Mode.BOTH, Mode.FETCH)

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
        if self.enabled and not errors and self.channel_id and self.hub_id:
            waiting = [side.name for side in (self.channel, self.hub) if side.verified_at is None]
            if waiting:
                errors["enabled"] = f"Save and verify the credential of {' and '.join(waiting)} first."
        if errors:
            raise ValidationError(errors)


class Operator(models.TextChoices):
    EQUALS = "equals", "equals"
    NOT_EQUALS = "not_equals", "does not equal"
    CONTAINS = "contains", "contains"
    NOT_CONTAINS = "not_contains", "does not contain"
    STARTS = "starts", "starts with"
    ENDS = "ends", "ends with"
    ONE_OF = "one_of", "is one of (comma-separated)"
    GREATER = "greater", "is greater than"
    LESS = "less", "is less than"
    EMPTY = "empty", "is empty"
    NOT_EMPTY = "not_empty", "is not empty"


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


class CallBudget(models.Model):
    """The shared bucket of calls to one connection, filled at its rate; nobody calls before `paused_until`."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, primary_key=True, related_name="budget")
    level = models.FloatField(default=0)
    seen_at = models.DateTimeField(default=timezone.now)
    paused_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"budget of {self.connection_id}"


class AccessToken(models.Model):
    """A short-lived token, sealed, shared by all workers of a connection."""

    name = models.CharField(max_length=200, primary_key=True)
    sealed = models.TextField(blank=True)
    good_until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
