"""The demo's mappings; the express service is left out, so that somebody has something to fix."""

from __future__ import annotations

from typing import Any

from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.models import Integration

LEFT_OUT = "express"
STORES = {"uk": "Commercetools UK", "eu": "Mirakl FR", "outlet": "Trade Orders"}
SERVICES = {"standard": "Standard", "eu-standard": "International", "collect": "Click and Collect"}
WAREHOUSES = {"Leeds Main": "wh-leeds", "Venlo EU": "wh-berlin"}
CARRIERS = {"1": ("Royal Mail", "royal-mail"), "4": ("DPD", "dpd"), "9": ("DHL", "dhl")}


def create_mappings(integration: Integration, seeded: dict[str, dict[str, Any]]) -> None:
    """`seeded` is what the hub's simulator made: ids by name."""
    scope = {"integration": integration}
    for store, name in STORES.items():
        StoreMapping.objects.get_or_create(**scope, channel_code=store, defaults={"hub_code": str(seeded["channels"][name]), "hub_label": name})
    for service, name in SERVICES.items():
        hub_code = str(seeded["delivery_methods"][name])
        ShipServiceMapping.objects.get_or_create(**scope, channel_code=service, defaults={"hub_code": hub_code, "hub_label": name})
    for name, channel in WAREHOUSES.items():
        hub_code = str(seeded["warehouses"][name])
        WarehouseMapping.objects.get_or_create(**scope, hub_code=hub_code, defaults={"hub_label": name, "channel_code": channel})
    for code, (label, carrier) in CARRIERS.items():
        CarrierMapping.objects.get_or_create(
            **scope, hub_carrier=code, defaults={"hub_label": label, "channel_code": carrier, "channel_label": label}
        )
