"""Shopify → a flow → the portal → Veeqo and back over HTTP, with a real worker: flows fail, are done in part, and the worker is killed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import requests

from connectors.sandbox import patchworks, shopify
from connectors.sandbox.kit import ADMIN, Running, serve
from connectors.sandbox.patchworks.seed import ORDERS_IN, SHOP_OUT, STOCK_OUT
from exceptions.models import ExceptionCase
from mappings.models import ShipServiceMapping
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Stage
from portal.sync.flow_models import FlowRun
from tests.corridor import CREDENTIALS, control
from tests.flows import Flows, run_warehouse
from tests.journeys.test_orders import pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

ORDERS = 12
SKU = "TEE-BLK-S"
OFF = ("sweep", "snapshot", "catalogue", "returns", "products", "messages", "payments", "deduped")
QUICK = {"orders": 2, "stock": 5, **dict.fromkeys(OFF, 0)}
CREDENTIALS.setdefault("patchworks", {"api_key": patchworks.API_KEY})


@pytest.fixture(scope="module")
def warehouse():
    yield from run_warehouse()


@pytest.fixture(scope="module")
def platform():
    running = serve(patchworks.build(rate_scale=0, shape_retry_s=0.0))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shop():
    running = serve(shopify.build(rate_scale=0))
    yield running
    running.stop()


class Joined(Flows):
    """A shop, its flows, the portal and a warehouse."""

    def __init__(self, warehouse: Running, platform: Running, shop: Running, portal: str) -> None:
        control(warehouse, "reset")
        super().__init__(warehouse, url=f"{platform.url}/core/api/v1")
        self.platform, self.storefront = platform, shop
        goods = [{"sku": SKU, "title": SKU, "price": "10.00", "stock": {"Leeds Main": 500}}]
        self.made = control(warehouse, "seed-demo", skus=goods)
        self.remap()
        control(shop, "seed-demo")
        where = {"portal": {"url": portal, "token": self.secret}, "shopify": {"url": shop.url, "token": shopify.ACCESS_TOKEN}}
        self.flows = control(platform, "seed-demo", **where)["flows"]
        watched = f"{self.flows[ORDERS_IN]}:orders_in,{self.flows[SHOP_OUT]}:despatch_out,{self.flows[STOCK_OUT]}:stock_out"
        self.channel.options = {"flows": watched, "overlap_min": "10"}
        self.channel.set_credentials({"api_key": patchworks.API_KEY})
        self.channel.verified_at, self.channel.enabled = self.hub.verified_at, True
        self.channel.intervals = {"runs": 2, "flows": 5, "deduped": 0}
        self.channel.save()
        Connection.objects.filter(pk=self.hub.pk).update(intervals=QUICK, options={"settle_s": "1"})

    def remap(self) -> None:
        """The warehouse was seeded anew, so its codes are others."""
        for table in (ShipServiceMapping,):
            table.objects.all().delete()
        from mappings.models import CarrierMapping, StoreMapping, WarehouseMapping

        for table in (CarrierMapping, StoreMapping, WarehouseMapping):
            table._default_manager.all().delete()
        self.map_codes()
        hub_code = str(self.made["delivery_methods"]["Standard"])
        ShipServiceMapping.objects.create(integration=self.integration, channel_code="Standard", hub_code=hub_code, hub_label="Standard")

    def run_flow(self, name: str) -> int:
        """Run it to its end; the status it had then."""
        return int(control(self.platform, f"flows/{self.flows[name]}/run", wait_s=30)["status"])

    def sabotage(self, name: str, **plan: Any) -> None:
        control(self.platform, f"flows/{self.flows[name]}/sabotage", **plan)

    def sales(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.storefront.url}{ADMIN}/summary", timeout=10).json()
        return found

    def there(self) -> Counter[str]:
        state = self.warehouse.server.app.extensions["state"]
        return Counter({number: len(ids) for number, ids in state.by_number.items() if ids})


@pytest.fixture
def corridor(transactional_db, live_server, warehouse, platform, shop) -> Joined:
    return Joined(warehouse, platform, shop, live_server.url)


def at(stage: Stage) -> int:
    return SalesOrder.objects.filter(stage=stage).count()


class TestAShopBehindFlows:
    def test_loses_nothing_and_tells_nothing_twice(self, corridor, worker):  # R29, R35, R41, R64
        before = corridor.sales()["orders"]
        control(corridor.storefront, "orders", count=ORDERS, lines=[{"sku": SKU, "quantity": 2}])
        placed = corridor.sales()["orders"] - before
        assert placed == ORDERS
        worker.start()
        corridor.sabotage(ORDERS_IN, step=3, manner="done_but_failed", message="[504] no answer")
        assert corridor.run_flow(ORDERS_IN) == 3
        wait_for(lambda: ExceptionCase.objects.filter(kind="E04", cause__contains="504").exists(), seconds=60, what="the failed run is a case")
        assert corridor.run_flow(ORDERS_IN) == 2  # the same orders again
        worker.kill()
        worker.start()
        wait_for(lambda: at(Stage.WITH_HUB) >= ORDERS, seconds=90, what="every order is in the warehouse")
        mine = list(SalesOrder.objects.filter(stage=Stage.WITH_HUB).values_list("number", flat=True))
        arrived = corridor.there()

        control(corridor.warehouse, "ship", numbers=[f"PW-{number}" for number in mine], carrier_id=1)
        wait_for(lambda: len(corridor.pending()) == len(mine), seconds=60, what="every dispatch is offered")
        corridor.sabotage(SHOP_OUT, step=2, manner="done_but_failed", message="[502] shop")
        assert corridor.run_flow(SHOP_OUT) == 3
        assert corridor.run_flow(SHOP_OUT) == 2
        wait_for(lambda: at(Stage.DONE) == len(mine), seconds=60, what="every dispatch is acknowledged")
        wait_for(lambda: FlowRun.objects.filter(state="failed").count() == 2, seconds=30, what="both failed runs are known")

        assert {arrived[f"PW-{number}"] for number in mine} == {1}
        assert corridor.sales()["fulfilled_twice"] == {}
        assert corridor.sales()["fulfillments"] == len(mine)
        assert not corridor.pending()
