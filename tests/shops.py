"""A Shopify shop or BigCommerce store and a Veeqo warehouse on loopback, joined by an integration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from django.utils import timezone

from connectors.canonical import CodeKind
from connectors.sandbox import bigcommerce, shopify, veeqo
from connectors.sandbox.kit import ADMIN, Running, serve
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.connect import connect
from portal.connections.models import Connection, Integration
from portal.connections.verify import verify
from portal.ledger.models import SalesOrder
from portal.sync.deliver import deliver_batch
from portal.sync.interpret import interpret_batch
from portal.sync.poll import poll

HOOK_SECRET = "hook-secret"
ACCOUNTS = {"shopify": shopify.SHOP, "bigcommerce": bigcommerce.STORE_HASH, "veeqo": "Lockstep"}
STORES = {"shopify": shopify.SHOP, "bigcommerce": "1"}
CARRIERS = {"shopify": "Royal Mail", "bigcommerce": "royalmail"}
CREDENTIALS = {
    "shopify": {"access_token": shopify.ACCESS_TOKEN, "client_secret": shopify.CLIENT_SECRET},
    "bigcommerce": {"auth_token": bigcommerce.AUTH_TOKEN, "client_secret": bigcommerce.CLIENT_SECRET, "hook_secret": HOOK_SECRET},
    "veeqo": {"api_key": veeqo.API_KEY},
}
SKUS = ("MUG-1", "TEE-1")


def run_shops() -> Iterator[dict[str, Running]]:
    running = {
        "shopify": serve(shopify.build(rate_scale=0)),
        "bigcommerce": serve(bigcommerce.build(rate_scale=0, stock_delay_s=0)),
        "veeqo": serve(veeqo.build(rate_scale=0)),
    }
    yield running
    for each in running.values():
        each.stop()


def control(running: Running, path: str, /, **body: Any) -> Any:
    answer = requests.post(f"{running.url}{ADMIN}/{path}", json=body, timeout=20)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def connection(system: str, url: str, **options: str) -> Connection:
    """A verified account that is on."""
    made = Connection(name=system, system=system, base_url=url, account=ACCOUNTS[system], options=options)
    made.set_credentials(CREDENTIALS[system])
    made.rate_per_s = 1000
    made.save()
    assert verify(made, by="test", at=timezone.now()).works
    Connection.objects.filter(pk=made.pk).update(enabled=True)
    made.refresh_from_db()
    return made


class ShopCorridor:
    """Both sides as new, everything mapped."""

    def __init__(self, system: str, running: dict[str, Running]) -> None:
        self.system, self.shop, self.warehouse = system, running[system], running["veeqo"]
        for each in (self.shop, self.warehouse):
            requests.delete(f"{each.url}{ADMIN}/faults", timeout=5)
            control(each, "reset")
        control(self.shop, "seed-demo", skus=[{"sku": sku, "title": sku, "price": "12.00", "stock": 100} for sku in SKUS], locations=["Austin"])
        rows = [{"sku": sku, "title": sku, "price": "10.00", "stock": {"Leeds Main": 50}} for sku in SKUS]
        self.made = control(self.warehouse, "seed-demo", skus=rows)
        self.channel = connection(system, self.shop.url)
        self.hub = connection("veeqo", self.warehouse.url, settle_s="0")
        self.integration = Integration.objects.create(
            name="Shop to warehouse", channel=self.channel, hub=self.hub, enabled=True, number_prefix="S-", transfer_limit_min=30
        )
        self.map_codes()

    def map_codes(self) -> None:
        scope = {"integration": self.integration}
        store, service = str(self.made["channels"]["Commercetools UK"]), str(self.made["delivery_methods"]["Standard"])
        StoreMapping.objects.create(**scope, channel_code=STORES[self.system], hub_code=store, hub_label="Shop")
        placed = connect(self.channel).fetch_order(str(self.place()["id"]))
        assert placed is not None
        [order] = connect(self.channel).parse(placed.topic, placed.body)
        if order.ship_service_code:
            ShipServiceMapping.objects.create(**scope, channel_code=order.ship_service_code, hub_code=service, hub_label="Standard")
        [place] = [code.value for code in connect(self.channel).codes(CodeKind.WAREHOUSE)] or [""]
        WarehouseMapping.objects.create(**scope, hub_code=str(self.made["warehouses"]["Leeds Main"]), hub_label="Leeds", channel_code=place)
        CarrierMapping.objects.create(
            **scope, hub_carrier="1", hub_label="Royal Mail", channel_code=CARRIERS[self.system], channel_label="Royal Mail"
        )

    # What people do in the shop and in the warehouse

    def place(self, **wish: Any) -> dict[str, Any]:
        wanted = {"lines": [{"sku": "MUG-1", "quantity": 2}]} | wish
        [order] = control(self.shop, "orders", **wanted)
        found: dict[str, Any] = order
        return found

    def number(self, placed: dict[str, Any]) -> str:
        return f"S-{placed.get('name') or placed['id']}"

    def at_warehouse(self, placed: dict[str, Any]) -> list[dict[str, Any]]:
        number = requests.utils.quote(self.number(placed), safe="")
        found: list[dict[str, Any]] = requests.get(f"{self.warehouse.url}{ADMIN}/orders/{number}", timeout=5).json()
        return found

    def ship(self, placed: dict[str, Any], **wish: Any) -> Any:
        return control(self.warehouse, "ship", numbers=[self.number(placed)], **{"carrier_id": 1, **wish})

    def shown(self, placed: dict[str, Any]) -> Any:
        """The order as the shop tells it now."""
        received = connect(self.channel).fetch_order(str(placed["id"]))
        assert received is not None
        [order] = connect(self.channel).parse(received.topic, received.body)
        return order

    def level(self, sku: str) -> int:
        [level] = connect(self.channel).read_stock([sku])
        return int(level.available)

    def calls(self, running: Running, *, method: str, path: str = "") -> list[dict[str, Any]]:
        every = requests.get(f"{running.url}{ADMIN}/calls", timeout=5).json()
        return [call for call in every if call["method"] == method and path in call["path"]]

    # What the worker does

    def read(self, which: Connection, *feeds: str) -> None:
        for feed in feeds:
            poll(which, feed, at=timezone.now())
        while interpret_batch(which, at=timezone.now()):
            pass

    def send(self) -> None:
        for target in (self.hub, self.channel):
            for _ in range(50):
                if not deliver_batch(target, at=timezone.now(), threads=1):
                    break

    def run(self) -> None:
        """Once around: shop to warehouse, and what the warehouse did back to the shop."""
        self.read(self.channel, "orders")
        self.send()
        self.read(self.hub, "orders")
        self.send()

    def order(self, placed: dict[str, Any]) -> SalesOrder:
        return SalesOrder.objects.get(connection=self.channel, reference=str(placed["id"]))
