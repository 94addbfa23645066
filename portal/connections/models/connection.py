"""Connection: an account at a vendor, and how well it works."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from connectors.canonical import System
from connectors.ports import Account, Side
from connectors.registry import Vendor, vendor
from portal.connections.addresses import check_base_url
from portal.connections.sealing import seal, unseal


def shop_named(told: str) -> str:
    """A shop's name as everybody writes it: a domain without scheme, path and capitals."""
    plain = told.strip().lower()
    return (urlsplit(plain).netloc if "://" in plain else plain.partition("/")[0])[:200]


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Choose a name such as Europe/London.")


OWNED = {"owns_dispatch": "dispatches", "owns_stock": "stock"}  # what one account alone writes to a shop (R1)
SHOP_SYSTEMS = frozenset({System.SHOPIFY, System.BIGCOMMERCE})  # an account of these is one shop
SECOND_WRITER = "{other} writes the {what} of {shop} already, and two would undo each other. Switch it off there first, or here."


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

    def automatic(self) -> ConnectionQuerySet:
        """Those that run by themselves: working, and not all of their integrations switched off or removed (R120)."""
        joined, on = Q(), Q()
        for side in ("channel_integrations", "hub_integrations"):
            joined |= Q(**{f"{side}__isnull": False})
            on |= Q(**{f"{side}__enabled": True})
        off = self.model.objects.filter(joined).exclude(pk__in=self.model.objects.filter(on).values("pk"))
        return self.working().exclude(pk__in=off.values("pk"))


class Connection(models.Model):
    """One account at one vendor. Removing it keeps its history: the row stays, its credential goes."""

    name = models.CharField(max_length=80, help_text="What your team calls it, for example “commercetools UK live”.")
    system = models.CharField(max_length=20, choices=[(system.value, system.label) for system in System])
    environment = models.CharField(max_length=20, choices=[("live", "live"), ("test", "test")], default="live")
    base_url = models.CharField("API address", max_length=300, validators=[check_base_url])
    auth_url = models.CharField("sign-in address", max_length=300, blank=True, validators=[check_base_url])
    account = models.CharField(max_length=120, blank=True, help_text="The vendor's name of the account: project key, shop number …")
    shop = models.CharField(
        "shop behind it",
        max_length=200,
        blank=True,
        help_text="The shop this account reaches, for example its domain. Give the same for a direct account and for one through flows.",
    )
    owns_dispatch = models.BooleanField(
        "tells the shop dispatches", default=True, help_text="One account alone tells a shop what was sent; off where another one does."
    )
    owns_stock = models.BooleanField(
        "tells the shop stock", default=True, help_text="One account alone writes a shop's stock; off where another one does."
    )
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
            *(
                models.UniqueConstraint(fields=["shop"], condition=Q(removed_at=None, **{owns: True}) & ~Q(shop=""), name=f"connection_one_{owns}")
                for owns in OWNED
            ),
            models.CheckConstraint(condition=Q(enabled=False) | Q(verified_at__isnull=False), name="connection_verified_before_enabled"),
            models.CheckConstraint(condition=Q(removed_at=None) | Q(enabled=False), name="connection_removed_is_off"),
        ]

    def __str__(self) -> str:
        return self.name if self.removed_at is None else f"{self.name} (removed)"

    def save(self, *args: Any, **options: Any) -> None:
        if not self.shop and self.system in SHOP_SYSTEMS:
            self.shop = self.account or urlsplit(self.base_url).netloc
        self.shop = shop_named(self.shop)
        super().save(*args, **options)

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

    def other_writer(self, owns: str) -> Connection | None:
        """Who writes this to the same shop; None where nobody else does."""
        shop = shop_named(self.shop)
        if not shop or not getattr(self, owns) or self.removed_at is not None:
            return None
        return Connection.objects.present().filter(shop=shop, **{owns: True}).exclude(pk=self.pk).first()

    def clean(self) -> None:
        for owns, what in OWNED.items():
            if (other := self.other_writer(owns)) is not None:
                raise ValidationError({owns: SECOND_WRITER.format(other=other, what=what, shop=shop_named(self.shop))})
        if self.enabled and self.verified_at is None:
            raise ValidationError({"enabled": "Verify the credential first: only a connection that has been verified can run by itself."})
