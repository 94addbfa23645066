"""The six tables. Each row says which code of one side is which code of the other, for one integration."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from connectors.canonical import CodeKind
from mappings.catch_all import is_catch_all
from mappings.models.base import Mapping, code_field, indexes, label_field, no_overlap, period_in_order
from portal.connections.models import Connection, Integration

TWICE_BACK = "Another row is chosen for the way back of the same code at that time. Only one can be: take the choice off that row first."
WAY_BACK = "Only matters where several rows answer with the same code: this one is used to translate that code back."
ANY_CARRIER = (
    "In {} “{}” is any carrier without a name of its own. Add its service or the form of its tracking numbers, "
    "or confirm that all of them are this one carrier."
)
STORE_HELP = "Empty: all stores of the integration. A row for one store goes before a row for all."


class ScopedMapping(Mapping):
    """A mapping of one integration (one channel, one hub)."""

    CHANNEL: ClassVar[str] = "channel_code"
    HUB: ClassVar[str] = "hub_code"

    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, related_name="+")
    way_back = models.BooleanField("chosen for the way back", default=False, help_text=WAY_BACK)

    class Meta:
        abstract = True

    @property
    def left_label(self) -> str:
        return str(getattr(self, "channel_label" if self.LEFT == self.CHANNEL else "hub_label", ""))

    @property
    def right_label(self) -> str:
        return str(getattr(self, "hub_label" if self.LEFT == self.CHANNEL else "channel_label", ""))


class StoreMapping(ScopedMapping):
    """The channel's store ↔ the hub's store (R117, R147)."""

    channel_code = code_field("channel store", blank=True, help_text="Empty: the channel has one store without a code.")
    channel_label = label_field("name in the channel")
    hub_code = code_field("hub store")
    hub_label = label_field("name in the hub")
    history = HistoricalRecords()

    kind = CodeKind.STORE
    LEFT, RIGHT = "channel_code", "hub_code"
    KEY = ("integration", "channel_code")

    class Meta:
        verbose_name = "store mapping"
        constraints = [
            no_overlap("store_mapping_once", "integration", "channel_code"),
            no_overlap("store_mapping_back_once", "integration", "hub_code", condition=Q(way_back=True), message=TWICE_BACK),
            period_in_order("store_mapping_period"),
        ]
        indexes = indexes("store", scope="integration", left="channel_code", right="hub_code")


class WarehouseMapping(ScopedMapping):
    """The hub's warehouse or facility ↔ the channel's supply channel (R19). Several may feed one; the channel's one global stock is ""."""

    hub_code = code_field("hub warehouse")
    hub_label = label_field("name in the hub")
    channel_code = code_field("supply channel", blank=True, help_text="Empty: the channel's one global stock.")
    channel_label = label_field("name in the channel")
    history = HistoricalRecords()

    kind = CodeKind.WAREHOUSE
    LEFT, RIGHT = "hub_code", "channel_code"
    KEY = ("integration", "hub_code")

    class Meta:
        verbose_name = "warehouse mapping"
        constraints = [
            no_overlap("warehouse_mapping_once", "integration", "hub_code"),
            no_overlap("warehouse_mapping_back_once", "integration", "channel_code", condition=Q(way_back=True), message=TWICE_BACK),
            period_in_order("warehouse_mapping_period"),
        ]
        indexes = indexes("warehouse", scope="integration", left="hub_code", right="channel_code")

    def __str__(self) -> str:
        return f"{self.hub_label or self.hub_code} → {self.channel_label or self.channel_code or 'global stock'}"


class ShipServiceMapping(ScopedMapping):
    """The channel's delivery method ↔ the hub's ship service (R116)."""

    store = code_field("store", blank=True, help_text=STORE_HELP)
    channel_code = code_field("channel delivery method")
    channel_label = label_field("name in the channel")
    hub_code = code_field("hub ship service")
    hub_label = label_field("name in the hub")
    history = HistoricalRecords()

    kind = CodeKind.SHIP_SERVICE
    LEFT, RIGHT = "channel_code", "hub_code"
    KEY = ("integration", "store", "channel_code")

    class Meta:
        verbose_name = "ship service mapping"
        constraints = [
            no_overlap("ship_service_mapping_once", "integration", "store", "channel_code"),
            no_overlap("ship_service_mapping_back_once", "integration", "store", "hub_code", condition=Q(way_back=True), message=TWICE_BACK),
            period_in_order("ship_service_mapping_period"),
        ]
        indexes = indexes("service", scope="integration", left="channel_code", right="hub_code")


class CarrierMapping(ScopedMapping):
    """The hub's carrier (with service and form of tracking number, where it takes them to tell) ↔ the channel's carrier (R59, R115, D11)."""

    store = code_field("store", blank=True, help_text=STORE_HELP)
    hub_carrier = code_field("hub carrier")
    hub_label = label_field("name in the hub")
    hub_service = code_field("hub service", blank=True, help_text="Empty: any service of this carrier.")
    tracking_pattern = code_field("tracking number looks like", blank=True, help_text="* for any letters, ? for one: JD* or ??123456789GB.")
    channel_code = code_field("channel carrier")
    channel_label = label_field("name in the channel")
    confirmed_catch_all = models.BooleanField(
        "whatever the hub files under this carrier",
        default=False,
        help_text="Needed for a carrier that only means “another one”, like Veeqo's Other.",
    )
    history = HistoricalRecords()

    kind = CodeKind.CARRIER
    HUB = "hub_carrier"
    LEFT, RIGHT = "hub_carrier", "channel_code"
    KEY = ("integration", "store", "hub_carrier", "hub_service", "tracking_pattern")

    class Meta:
        verbose_name = "carrier mapping"
        constraints = [
            no_overlap("carrier_mapping_once", "integration", "store", "hub_carrier", "hub_service", "tracking_pattern"),
            no_overlap("carrier_mapping_back_once", "integration", "store", "channel_code", condition=Q(way_back=True), message=TWICE_BACK),
            period_in_order("carrier_mapping_period"),
        ]
        indexes = indexes("carrier", scope="integration", left="hub_carrier", right="channel_code")

    def clean(self) -> None:
        super().clean()
        told_apart = self.hub_service or self.tracking_pattern or self.confirmed_catch_all
        if not told_apart and self.integration_id and is_catch_all(self.integration.hub.system, self.hub_carrier, self.hub_label):
            raise ValidationError({"confirmed_catch_all": ANY_CARRIER.format(self.integration.hub.system_label, self.hub_label or self.hub_carrier)})


class SkuMapping(ScopedMapping):
    """The channel's SKU ↔ the hub's, where the two differ. SKUs that are the same on both sides need no row."""

    channel_sku = code_field("channel SKU")
    hub_sku = code_field("hub SKU")
    hub_reference = models.CharField("hub's own id", max_length=160, blank=True, default="")
    history = HistoricalRecords()

    kind = CodeKind.SKU
    CHANNEL, HUB = "channel_sku", "hub_sku"
    LEFT, RIGHT = "channel_sku", "hub_sku"
    KEY = ("integration", "channel_sku")

    class Meta:
        verbose_name = "SKU mapping"
        verbose_name_plural = "SKU mappings"
        constraints = [
            no_overlap("sku_mapping_once", "integration", "channel_sku"),
            no_overlap("sku_mapping_back_once", "integration", "hub_sku", condition=Q(way_back=True), message=TWICE_BACK),
            period_in_order("sku_mapping_period"),
        ]
        indexes = indexes("sku", scope="integration", left="channel_sku", right="hub_sku")


class SkuAlias(Mapping):
    """In one system the SKU `old` is called `new` since a moment (D9, R74). Neither side of it is ever edited."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", help_text="Where the SKU changed.")
    old = code_field("old SKU")
    new = code_field("new SKU")
    history = HistoricalRecords()

    kind = CodeKind.SKU
    LEFT, RIGHT = "old", "new"
    KEY = ("connection", "old", "new", "effective_from")

    class Meta:
        verbose_name = "SKU alias"
        verbose_name_plural = "SKU aliases"
        constraints = [
            no_overlap("sku_alias_once", "connection", "old"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="sku_alias_changes", violation_error_message="Old and new SKU are the same."),
            period_in_order("sku_alias_period"),
        ]
        indexes = indexes("alias", scope="connection", left="old", right="new")
