"""A marketplace operator and a warehouse on loopback, joined by an integration: what tests of acceptance, dispatch and stock stand on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import requests
from django.utils import timezone

from connectors.sandbox import commercetools, mirakl, veeqo
from connectors.sandbox.kit import ADMIN, Running, serve
from connectors.sandbox.mirakl.settings import Settings
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.connect import connect
from portal.connections.models import Connection, Integration
from portal.connections.tokens import KEPT_HERE
from portal.ledger.models import SalesOrder
from portal.sync.models import Cursor
from portal.sync.stock_turns import TURN
from tests.corridor import Corridor, control

SKUS = ["MUG-1", "TEE-1", "CAP-1"]
STOCK = 50
QUICK = {"rate_scale": 0, "import_wait_s": 0, "debit_delay_s": 0}
OPTIONS = {"overlap_s": "5", "status_every_s": "1", "import_wait_s": "20"}
SHOPS = (mirakl.SHOP_ID, mirakl.SHOP_ID + 1)


def run_operators() -> Iterator[tuple[Running, Running]]:
    operator, warehouse = serve(mirakl.build()), serve(veeqo.build(rate_scale=0))
    yield operator, warehouse
    operator.stop()
    warehouse.stop()


class Marketplace(Corridor):
    """Both sides as new, the connections verified and on; Royal Mail is mapped, DPD and the express service are not."""

    def __init__(self, operator: Running, warehouse: Running, **settings: Any) -> None:
        self.shop, self.warehouse = operator, warehouse
        KEPT_HERE.clear()  # what this process remembers of the operator of another test
        control(operator, "settings", **{**vars(Settings()), **QUICK, **settings})
        control(operator, "clock", skew_s=0)
        for running in (operator, warehouse):
            requests.delete(f"{running.url}{ADMIN}/faults", timeout=5)
            requests.delete(f"{running.url}{ADMIN}/oddities", timeout=5)
        goods = [{"sku": sku, "title": sku, "price": "10.00"} for sku in SKUS]
        control(operator, "seed-demo", skus=[{**row, "stock": 5} for row in goods])
        self.made = control(warehouse, "seed-demo", skus=[{**row, "stock": {"Leeds Main": STOCK}} for row in goods])
        for running in (operator, warehouse):
            requests.delete(f"{running.url}{ADMIN}/calls", timeout=5)
        self.channel = self.connection("Harbour & Home", "mirakl", operator.url, account=str(mirakl.SHOP_ID), options=dict(OPTIONS))
        self.hub = self.connection("Warehouse", "veeqo", warehouse.url, account="Lockstep", options={"settle_s": "0"})
        self.integration = Integration.objects.create(
            name="Marketplace to warehouse", channel=self.channel, hub=self.hub, enabled=True, number_prefix="MK-", transfer_limit_min=30
        )
        self.map_codes()

    def map_codes(self) -> None:
        scope = {"integration": self.integration}
        StoreMapping.objects.create(**scope, channel_code="UK", hub_code=str(self.made["channels"]["Trade Orders"]), hub_label="Trade Orders")
        self.map_service("STD", "Standard")
        for name in ("Leeds Main", "Venlo EU"):  # an operator has one stock for everything
            WarehouseMapping.objects.create(**scope, hub_code=str(self.made["warehouses"][name]), hub_label=name, channel_code="")
        self.map_carrier("1", "Royal Mail", "RM")

    def map_service(self, code: str, name: str) -> ShipServiceMapping:
        hub_code = str(self.made["delivery_methods"][name])
        return ShipServiceMapping.objects.create(integration=self.integration, channel_code=code, hub_code=hub_code, hub_label=name)

    def map_carrier(self, code: str, label: str, channel_code: str) -> CarrierMapping:
        return CarrierMapping.objects.create(integration=self.integration, hub_carrier=code, hub_label=label, channel_code=channel_code)

    def set_options(self, **options: str) -> None:
        """Change what the connection knows of its operator."""
        self.channel.options = {**self.channel.options, **options}
        Connection.objects.filter(pk=self.channel.pk).update(options=self.channel.options)

    def shop_settings(self, **settings: Any) -> None:
        """Change how the operator works."""
        control(self.shop, "settings", **settings)

    # What the operator's customers do

    def place(self, **wish: Any) -> list[str]:  # type: ignore[override]
        """Orders as customers place them; their ids."""
        ids: list[str] = control(self.shop, "place", **{"lines": {"MUG-1": 2}, **wish})["order_ids"]
        return ids

    def there(self, reference: str) -> dict[str, Any]:
        """The order as the operator itself holds it, nothing hidden."""
        found: dict[str, Any] = requests.get(f"{self.shop.url}{ADMIN}/orders/{reference}", timeout=5).json()
        return found

    def state(self, reference: str) -> str:
        return str(self.there(reference)["order_state"])

    def debit(self, reference: str) -> None:
        """The customer's payment goes through."""
        control(self.shop, "debit", order_ids=[reference])

    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.shop.url}{ADMIN}/summary", timeout=5).json()
        return found

    def shown(self) -> dict[str, int]:
        """What customers see of each SKU."""
        found: dict[str, int] = self.summary()["published"]
        return found

    # What the worker does

    def known(self, reference: str) -> SalesOrder:
        return SalesOrder.objects.get(connection=self.channel, reference=reference)

    def at_hub(self, reference: str) -> list[dict[str, Any]]:
        return self.at_warehouse(reference, prefix="MK-")

    def hub_states(self, reference: str) -> list[str]:
        return [one["status"] for one in self.at_hub(reference)]

    def ship_parcel(self, reference: str, **wish: Any) -> Any:
        return control(self.warehouse, "ship", numbers=[f"MK-{reference}"], **{"carrier_id": 1, **wish})

    def round(self) -> None:
        """The worker's rounds until nothing moves any more: read, send, read what became of it."""
        for _ in range(3):
            self.read_orders()
            self.send()
        self.read_warehouse()
        self.send()

    def later_send(self, **span: float) -> None:
        """What is due so much later goes now."""
        Connection.objects.update(probe_at=None)
        self.send(at=timezone.now() + timedelta(**span))

    def operator_later(self, **span: float) -> None:
        """Time passes at the operator, and what falls due there happens."""
        control(self.shop, "advance", seconds=timedelta(**span).total_seconds())

    def clock(self, **span: float) -> datetime:
        """The portal's clock strikes, `span` after now."""
        return self.later(**span)


class Everywhere(Marketplace):
    """The same stock sold in three places: two shops at the operator, and a shop of our own."""

    def __init__(self, operator: Running, warehouse: Running, own: Running) -> None:
        super().__init__(operator, warehouse, orders_lower_stock=False)
        self.own = own
        control(own, "reset")
        control(own, "seed-demo", products=1)
        for sku in SKUS:
            control(own, "products", sku=sku, price=1200, stock=5)
        goods = [{"sku": sku, "title": sku, "stock": 5} for sku in SKUS]
        control(operator, "offers", shop_id=mirakl.SHOP_ID + 1, add=goods)
        self.second = self.connection("Second shop", "mirakl", operator.url, account=str(mirakl.SHOP_ID + 1), options=dict(OPTIONS))
        self.web = self.connection("Our shop", "commercetools", own.url, account=commercetools.PROJECT, options={"overlap_s": "5"})
        leeds, united = str(self.made["warehouses"]["Leeds Main"]), {self.second: "", self.web: "wh-leeds"}
        for channel, place in united.items():
            joined = Integration.objects.create(name=f"{channel} to warehouse", channel=channel, hub=self.hub, enabled=True, number_prefix="X-")
            WarehouseMapping.objects.create(integration=joined, hub_code=leeds, channel_code=place)

    def place_in_shop(self, **lines: int) -> None:
        """An order in our own shop."""
        wanted = [{"sku": sku.replace("_", "-"), "quantity": units} for sku, units in lines.items()]
        control(self.own, "orders", count=1, lines=wanted, store="uk", shipping_method="standard")
        self.read(self.web, "orders")

    def publish_everywhere(self) -> None:
        Cursor.objects.filter(feed=TURN).update(started_at=None)
        for channel in (self.channel, self.second, self.web):
            self.send(channel)

    def shown_everywhere(self, sku: str) -> list[int]:
        """What customers see: at the operator's first and second shop, and in our own."""
        published = [requests.get(f"{self.shop.url}{ADMIN}/summary", params={"shop_id": shop}, timeout=5).json()["published"] for shop in SHOPS]
        own = [level for level in connect(self.web).read_stock([sku]) if level.warehouse_code == "wh-leeds"]
        return [*(each[sku] for each in published), own[0].available]
