"""A Xoro tenant and a warehouse on loopback, joined by integrations: what tests of the ERP's settings stand on."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import requests

from connectors.canonical import Address, WarehouseLine, WarehouseOrder
from connectors.sandbox import veeqo, xoro
from connectors.sandbox.kit import ADMIN, Running, serve
from connectors.sandbox.xoro.settings import Settings
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.connect import connect
from portal.connections.models import Connection, Integration, Mode
from portal.connections.tokens import KEPT_HERE
from portal.ledger.models import SalesOrder
from tests.corridor import CREDENTIALS, Corridor, control

SKUS = ["MUG-1", "TEE-1", "CAP-1", "MISC"]
STOCK = 500
CREDENTIALS |= {"xoro": {"api_key": xoro.API_KEY, "api_secret": xoro.API_SECRET}}
OPTIONS = {
    "path_ship_confirm": xoro.PROPOSED_PATHS["ship_confirm"],
    "path_so_cancel": xoro.PROPOSED_PATHS["so_cancel"],
    "sale_stores": "Shopify US, Wholesale US",
    "stores": "Main Warehouse",
    "overlap_s": "5",
}


def run_tenants() -> Iterator[tuple[Running, Running]]:
    tenant, warehouse = serve(xoro.build()), serve(veeqo.build(rate_scale=0))
    yield tenant, warehouse
    tenant.stop()
    warehouse.stop()


class Erp(Corridor):
    """Both sides as new, the connections verified and on; one integration that exports, everything mapped but the service “Next Day”."""

    def __init__(self, tenant: Running, warehouse: Running, **settings: Any) -> None:
        self.shop, self.warehouse = tenant, warehouse
        KEPT_HERE.clear()
        control(tenant, "settings", **{**vars(Settings()), "rate_scale": 0, "invoice_delay_s": None, **settings})
        for running in (tenant, warehouse):
            requests.delete(f"{running.url}{ADMIN}/faults", timeout=5)
        requests.delete(f"{tenant.url}{ADMIN}/oddities", timeout=5)
        goods = [{"sku": sku, "title": sku, "price": "10.00", "barcode": f"08123460000{place}"} for place, sku in enumerate(SKUS)]
        control(tenant, "seed-demo", skus=[{**row, "stock": {"Main Warehouse": STOCK}} for row in goods], write_paths=True)
        self.made = control(warehouse, "seed-demo", skus=[{**row, "stock": {"Leeds Main": STOCK}} for row in goods])
        for running in (tenant, warehouse):
            requests.delete(f"{running.url}{ADMIN}/calls", timeout=5)
        self.channel = self.connection("Xoro US", "xoro", tenant.url, account="DMO", options=dict(OPTIONS))
        self.hub = self.connection("Warehouse", "veeqo", warehouse.url, account="Lockstep", options={"settle_s": "0"})
        self.integration = Integration.objects.create(
            name="Xoro to warehouse", channel=self.channel, hub=self.hub, enabled=True, mode=Mode.EXPORT, number_prefix="XO-", payment_gate="any"
        )
        self.map_codes()

    def map_codes(self) -> None:
        scope = {"integration": self.integration}
        StoreMapping.objects.create(**scope, channel_code="Shopify US", hub_code=str(self.made["channels"]["Trade Orders"]), hub_label="Trade Orders")
        self.map_service("Ground", "Standard")
        hub_code = str(self.made["warehouses"]["Leeds Main"])
        WarehouseMapping.objects.create(**scope, hub_code=hub_code, hub_label="Leeds Main", channel_code="Main Warehouse")
        CarrierMapping.objects.create(**scope, hub_carrier="1", hub_label="Royal Mail", channel_code="UPS", channel_label="UPS")

    def map_service(self, code: str, name: str) -> ShipServiceMapping:
        hub_code = str(self.made["delivery_methods"][name])
        return ShipServiceMapping.objects.create(integration=self.integration, channel_code=code, hub_code=hub_code, hub_label=name)

    def change(self, **settings: Any) -> Integration:
        """Change the integration's settings as they are stored."""
        Integration.objects.filter(pk=self.integration.pk).update(**settings)
        self.integration.refresh_from_db()
        return self.integration

    def fetching_profile(self) -> Integration:
        """A second profile of the same two accounts, which brings the fulfilments back."""
        made = Integration.objects.create(
            name="Warehouse to Xoro", channel=self.channel, hub=self.hub, enabled=True, mode=Mode.FETCH, payment_gate="any"
        )
        CarrierMapping.objects.create(integration=made, hub_carrier="1", hub_label="Royal Mail", channel_code="UPS", channel_label="UPS")
        return made

    # What the tenant's people and shops do

    def place(self, ref: str = "1", *, wave: bool = True, lines: dict[str, int] | None = None, **wish: Any) -> str:  # type: ignore[override]
        """An order as a shop brings it in, on a wave; its number."""
        made = control(self.shop, "orders", ref=ref, lines=lines or {"MUG-1": 2}, wave=wave, **wish)
        return str(made[ref])

    def place_many(self, count: int, **wish: Any) -> list[str]:
        return list(control(self.shop, "orders", **{"count": count, "lines": {"MUG-1": 2}, "wave": True, **wish}).values())

    def there(self, number: str) -> dict[str, Any]:
        """The order as the tenant itself holds it, with its waves and confirmations."""
        found: dict[str, Any] = requests.get(f"{self.shop.url}{ADMIN}/orders/{number}", timeout=5).json()
        return found

    def at_hub(self, number: str) -> list[dict[str, Any]]:
        return self.at_warehouse(number, prefix="XO-")

    def ship(self, number: str, **wish: Any) -> Any:
        return control(self.warehouse, "ship", numbers=[f"XO-{number}"], **{"carrier_id": 1, **wish})

    def known(self, number: str) -> SalesOrder:
        return SalesOrder.objects.select_related("integration", "connection").get(connection=self.channel, reference=number)

    def create_at_hub(self, number: str, lines: dict[str, int]) -> None:
        """An order that reaches the warehouse by another way than ours."""
        address = Address(first_name="Ada", last_name="Quill", line1="1 Test St", city="Austin", region="TX", postcode="78701", country="US")
        row = WarehouseOrder(
            number=number,
            store_code=str(self.made["channels"]["Trade Orders"]),
            ship_service_code=str(self.made["delivery_methods"]["Standard"]),
            currency="USD",
            lines=tuple(WarehouseLine(sku, units, Decimal(10)) for sku, units in lines.items()),
            shipping_address=address,
            email="ada@example.test",
        )
        connect(self.hub).create_order(row)

    def exported(self, **wish: Any) -> str:
        """An order that is in the warehouse; then the profile is switched to fetching."""
        number = self.place(**wish)
        self.run()
        assert len(self.at_hub(number)) == 1
        self.change(mode=Mode.FETCH)
        return number

    def fetch(self) -> None:
        """From the warehouse back to the ERP, once."""
        self.read_warehouse()
        self.send()

    def set_options(self, **options: str) -> None:
        self.channel.options = {**self.channel.options, **options}
        Connection.objects.filter(pk=self.channel.pk).update(options=self.channel.options)
