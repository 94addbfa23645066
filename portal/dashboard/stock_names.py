"""What one SKU is called on each side: the channel's name and the hub's may differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mappings.resolve import skus_to_channel, skus_to_hub
from portal.connections.models import Connection, Integration
from portal.ledger.models import StockLevel


@dataclass(frozen=True)
class Named:
    """One integration's two names of the SKU."""

    integration: Integration
    hub_sku: str
    channel_sku: str

    @property
    def channel(self) -> Connection:
        return self.integration.channel

    @property
    def hub(self) -> Connection:
        return self.integration.hub

    @property
    def differ(self) -> bool:
        return self.hub_sku != self.channel_sku


def names_of(sku: str, *, at: datetime) -> list[Named]:
    """The SKU in each present integration: taken as the hub's where the hub has it, else as the channel's."""
    integrations = list(Integration.objects.present().select_related("channel", "hub"))
    hubs = set(StockLevel.objects.filter(sku=sku, connection__in={one.hub_id for one in integrations}).values_list("connection", flat=True))
    return [_named(one, sku, is_hubs=one.hub_id in hubs, at=at) for one in integrations]


def _named(one: Integration, sku: str, *, is_hubs: bool, at: datetime) -> Named:
    if is_hubs:
        found = skus_to_channel([sku], one, at).get(sku)
        return Named(one, sku, found.value if found else sku)
    found = skus_to_hub([sku], one, at).get(sku)
    return Named(one, found.value if found else sku, sku)
