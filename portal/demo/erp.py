"""The demo's ERP: a XoroERP tenant whose waves go to the warehouse through one profile, and whose dispatches come back through another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.canonical import CodeKind
from connectors.sandbox.xoro import API_KEY, API_SECRET, PROPOSED_PATHS
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.connect import connect
from portal.connections.models import Connection, FilterRow, Integration, Mode
from portal.connections.verify import verify
from portal.demo.traffic import post, summary
from portal.sandbox_ports import url_of

NAME, TENANT = "Xoro US (XoroERP)", "DMO"
FAST = {"orders": 20, "sweep": 1800, "snapshot": 900, "catalogue": 3600}
OPTIONS = {
    "path_ship_confirm": PROPOSED_PATHS["ship_confirm"],  # calls nobody outside the vendor has seen: the simulator has them
    "path_so_cancel": PROPOSED_PATHS["so_cancel"],
    "sale_stores": "Shopify US, Wholesale US",
    "stores": "Main Warehouse",
    "carriers": "UPS, FedEx, USPS, DHL",
    "ship_services": "Ground, 2nd Day Air",
    "overlap_s": "60",
}
# An order's life in seconds, so that something moves while one looks.
PACE = {"auto_wave_s": 5, "invoice_delay_s": 90, "write_paths": PROPOSED_PATHS}
EXPORT, FETCH = "Xoro orders to the warehouse", "Warehouse dispatches to Xoro"
STORES = {"Shopify US": "Trade Orders"}  # “Wholesale US” is left out: somebody has something to fix
SERVICES = {"Ground": "Standard"}
CARRIERS = {"1": ("Royal Mail", "UPS"), "4": ("DPD", "FedEx"), "9": ("DHL", "DHL")}
STOCK = 4000
BEGINS_WITH = 8


def create_erp() -> None:
    """Add the connection if it is missing; nothing is verified yet."""
    values = {"system": "xoro", "environment": "test", "base_url": url_of("xoro"), "account": TENANT, "intervals": FAST, "options": OPTIONS}
    connection, created = Connection.objects.get_or_create(name=NAME, removed_at=None, defaults=values)
    if created:
        connection.set_credentials({"api_key": API_KEY, "api_secret": API_SECRET})
        connection.save()


def open_erp(hub: Connection, goods: Sequence[dict[str, Any]], *, at: datetime) -> None:
    """Seed the tenant where it is new, verify it, and join it to the warehouse in both directions."""
    fresh = not summary("xoro").get("items")
    if fresh:
        post("xoro", "seed-demo", {"skus": [{**row, "stock": {"Main Warehouse": STOCK}} for row in goods], "write_paths": True})
    post("xoro", "settings", PACE)
    channel = switched_on(at=at)
    for name, mode in ((EXPORT, Mode.EXPORT), (FETCH, Mode.FETCH)):
        join(channel, hub, name=name, mode=mode)
    if fresh:
        for turn in range(BEGINS_WITH):
            place(str(goods[turn % len(goods)]["sku"]), units=1 + turn % 2, store="Wholesale US" if turn == 0 else "Shopify US")


def switched_on(*, at: datetime) -> Connection:
    connection = Connection.objects.present().get(name=NAME)
    if connection.verified_at is None:
        finding = verify(connection, by="demo", at=at)
        if not finding.works:
            raise RuntimeError(f"{connection}: {finding.sentence}")
        Connection.objects.filter(pk=connection.pk).update(enabled=True)
        connection.refresh_from_db()
    return connection


def join(channel: Connection, hub: Connection, *, name: str, mode: Mode) -> Integration:
    """One direction at a time: a profile for each (R107)."""
    integration, created = Integration.objects.get_or_create(
        name=name,
        removed_at=None,
        defaults={
            "channel": channel, "hub": hub, "mode": mode, "enabled": True, "number_prefix": "XO-", "payment_gate": "any",
            "transfer_limit_min": 15, "dispatch_window_min": 15, "time_zone": "America/Los_Angeles", "product_master": "external",
        },
    )  # fmt: skip
    if created:
        FilterRow.objects.create(integration=integration, field="tag", operator="contains", value="web")
        map_codes(integration, hub)
    return integration


def map_codes(integration: Integration, hub: Connection) -> None:
    """By the warehouse's own lists, because its ids are known to nobody else."""
    live = connect(hub)
    stores, services, places = (
        {code.label: code.value for code in live.codes(kind)} for kind in (CodeKind.STORE, CodeKind.SHIP_SERVICE, CodeKind.WAREHOUSE)
    )
    scope = {"integration": integration}
    for code, name in STORES.items():
        StoreMapping.objects.create(**scope, channel_code=code, channel_label=code, hub_code=stores[name], hub_label=name)
    for code, name in SERVICES.items():
        ShipServiceMapping.objects.create(**scope, channel_code=code, channel_label=code, hub_code=services[name], hub_label=name)
    for name, value in places.items():
        WarehouseMapping.objects.create(**scope, hub_code=value, hub_label=name, channel_code="Main Warehouse")
    for hub_carrier, (label, code) in CARRIERS.items():
        CarrierMapping.objects.create(**scope, hub_carrier=hub_carrier, hub_label=label, channel_code=code, channel_label=code)


def place(sku: str, *, units: int = 1, store: str = "Shopify US") -> None:
    """An order as one of the tenant's shops brings it in; it comes on a wave by itself."""
    number = int(summary("xoro").get("orders") or 0) + 1
    post("xoro", "orders", {"ref": f"US-{number:05d}", "lines": {sku: units}, "header": {"SaleStoreName": store}})
