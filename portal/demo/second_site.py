"""The demo's second site: the shop's orders for Europe go to a Deposco tenant in Berlin, beside the Veeqo one that has the rest (R2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.sandbox.deposco import CLIENT_ID, CLIENT_SECRET, COMPANY, ENV, LEGACY_PASSWORD, LEGACY_USER
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.models import Connection, Integration
from portal.connections.verify import verify
from portal.demo.traffic import post, summary
from portal.ledger.models import Buffer
from portal.sandbox_ports import url_of

NAME, INTEGRATION = "Berlin site (Deposco)", "Shop orders to the Berlin site"
LOGIN = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "legacy_user": LEGACY_USER, "legacy_password": LEGACY_PASSWORD}
OPTIONS = {"env": ENV, "settle_s": "5", "overlap_s": "60", "currency": "EUR"}
FAST = {"orders": 15, "stock": 60, "snapshot": 900, "catalogue": 3600, "returns": 300}
STORE, SERVICES = "eu", {"standard": "DHL|DHL Paket", "eu-standard": "DHL|DHL Parcel Connect", "collect": "DHL|DHL Packstation"}
# The second facility has opened and nobody has mapped it: somebody has something to fix.
FACILITIES = {"BER1": "Berlin", "HAM2": "Hamburg"}
MAPPED = {"BER1": "wh-berlin"}
STOCK = {"BER1": 60, "HAM2": 15}
# A warehouse that waves a new order after a while, then picks, packs into two packages and ships it.
PACE = {"auto_wave_s": 30, "auto_ship_s": 60, "auto_ship_packages": 2, "carrier": "DHL", "service": "DHL Paket"}
BESTSELLERS, KEPT_BACK = "MUG-*", 5


def create_site() -> None:
    """Add the connection if it is missing; nothing is verified yet."""
    values = {"system": "deposco", "environment": "test", "base_url": url_of("deposco"), "account": COMPANY, "intervals": FAST, "options": OPTIONS}
    connection, created = Connection.objects.get_or_create(name=NAME, removed_at=None, defaults=values)
    if created:
        connection.set_credentials(LOGIN)
        connection.save()


def open_site(channel: Connection, first: Connection, goods: Sequence[dict[str, Any]], *, at: datetime) -> None:
    """Seed the tenant where it is new, verify it, and give it the shop's European store; `first` keeps the others."""
    if not summary("deposco").get("items"):
        post("deposco", "seed-demo", {"skus": []})
        for number, name in FACILITIES.items():
            post("deposco", "facilities", {"number": number, "name": name})
        post("deposco", "skus", {"skus": [{**row, "stock": STOCK} for row in goods]})
    post("deposco", "settings", PACE)
    share(channel, first)
    join(channel, switched_on(at=at))


def switched_on(*, at: datetime) -> Connection:
    connection = Connection.objects.present().get(name=NAME)
    if connection.verified_at is None:
        finding = verify(connection, by="demo", at=at)
        if not finding.works:
            raise RuntimeError(f"{connection}: {finding.sentence}")
        Connection.objects.filter(pk=connection.pk).update(enabled=True)
        connection.refresh_from_db()
    return connection


def share(channel: Connection, first: Connection) -> None:
    """The Veeqo site has the British stores and their warehouse; two sites must not tell stock of one place."""
    for integration in Integration.objects.present().filter(channel=channel, hub=first, store_codes=[]):
        leeds = WarehouseMapping.objects.filter(integration=integration, channel_code="wh-leeds").values_list("hub_code", flat=True)
        integration.store_codes, integration.warehouse_codes = ["uk", "outlet"], list(leeds)
        integration.save()


def join(channel: Connection, hub: Connection) -> Integration:
    integration, created = Integration.objects.get_or_create(
        name=INTEGRATION,
        removed_at=None,
        defaults={
            "channel": channel, "hub": hub, "enabled": True, "number_prefix": "CT-", "store_codes": [STORE], "transfer_limit_min": 10,
            "hold_limit_min": 15, "dispatch_window_min": 15, "time_zone": "Europe/Berlin",
        },
    )  # fmt: skip
    if created:
        map_codes(integration)
        Buffer.objects.create(integration=integration, pattern=BESTSELLERS, units=KEPT_BACK)
    return integration


def map_codes(integration: Integration) -> None:
    scope = {"integration": integration}
    StoreMapping.objects.create(**scope, channel_code=STORE, hub_code=COMPANY, hub_label="Acme")
    for service, code in SERVICES.items():
        ShipServiceMapping.objects.create(**scope, channel_code=service, hub_code=code, hub_label=code.partition("|")[2])
    CarrierMapping.objects.create(**scope, hub_carrier="DHL", hub_label="DHL", channel_code="dhl", channel_label="DHL")
    for facility, place in MAPPED.items():
        WarehouseMapping.objects.create(**scope, hub_code=facility, hub_label=FACILITIES[facility], channel_code=place)
