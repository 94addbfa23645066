"""A shop and a warehouse on loopback, joined by an integration: what most tests of the corridor stand on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import requests
from django.utils import timezone

from connectors.sandbox import commercetools, mirakl, veeqo
from connectors.sandbox.kit import ADMIN, Running, serve
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.models import Connection, Integration
from portal.connections.verify import verify
from portal.ledger.models import SalesOrder
from portal.sync.deliver import deliver_batch
from portal.sync.interpret import interpret_batch
from portal.sync.models import OutboundMessage, State
from portal.sync.poll import poll
from portal.sync.sweep import sweep_clock

SKUS = ["MUG-1", "TEE-1", "CAP-1"]
STORES = {"uk": "Commercetools UK", "eu": "Mirakl FR", "outlet": "Trade Orders"}
SERVICES = {"standard": "Standard", "collect": "Click and Collect"}
STREET = {"streetName": "High Street", "streetNumber": "1"}
ADDRESS = {"firstName": "Ana", "lastName": "Lee", **STREET, "city": "Leeds", "postalCode": "LS1 1AA", "country": "GB"}
CREDENTIALS = {
    "commercetools": {"client_id": commercetools.CLIENT_ID, "client_secret": commercetools.CLIENT_SECRET},
    "veeqo": {"api_key": veeqo.API_KEY},
    "mirakl": {"api_key": mirakl.API_KEY},
}


def run_simulators() -> Iterator[tuple[Running, Running]]:
    shop, warehouse = serve(commercetools.build(rate_scale=0)), serve(veeqo.build(rate_scale=0))
    yield shop, warehouse
    shop.stop()
    warehouse.stop()


def control(running: Running, path: str, /, **body: Any) -> Any:
    answer = requests.post(f"{running.url}{ADMIN}/{path}", json=body, timeout=20)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


class Corridor:
    """Both sides as new, the connections verified and on, everything mapped but the express service."""

    def __init__(self, shop: Running, warehouse: Running) -> None:
        self.shop, self.warehouse = shop, warehouse
        for running in (shop, warehouse):
            requests.delete(f"{running.url}{ADMIN}/faults", timeout=5)
            control(running, "reset")
            requests.delete(f"{running.url}{ADMIN}/calls", timeout=5)
        control(shop, "seed-demo", products=1)
        for sku in SKUS:
            control(shop, "products", sku=sku, price=1200, stock=100)
        self.made = control(warehouse, "seed-demo", skus=[{"sku": sku, "title": sku, "price": "10.00", "stock": {"Leeds Main": 50}} for sku in SKUS])
        self.channel = self.connection("Shop", "commercetools", shop.url, account=commercetools.PROJECT, options={"overlap_s": "5"})
        self.hub = self.connection("Warehouse", "veeqo", warehouse.url, account="Lockstep", options={"settle_s": "0"})
        self.integration = Integration.objects.create(
            name="Shop to warehouse", channel=self.channel, hub=self.hub, enabled=True, number_prefix="CT-", transfer_limit_min=30
        )
        self.map_codes()

    def connection(self, name: str, system: str, url: str, *, account: str, options: dict[str, str]) -> Connection:
        made = Connection(name=name, system=system, base_url=url, auth_url=url if system == "commercetools" else "", account=account, options=options)
        made.set_credentials(CREDENTIALS[system])
        made.rate_per_s = 1000
        made.save()
        assert verify(made, by="test", at=timezone.now()).works
        Connection.objects.filter(pk=made.pk).update(enabled=True)
        made.refresh_from_db()
        return made

    def map_codes(self) -> None:
        scope = {"integration": self.integration}
        for code, name in STORES.items():
            StoreMapping.objects.create(**scope, channel_code=code, hub_code=str(self.made["channels"][name]), hub_label=name)
        for code, name in SERVICES.items():
            self.map_service(code, name)
        for name, channel in {"Leeds Main": "wh-leeds", "Venlo EU": "wh-berlin"}.items():
            WarehouseMapping.objects.create(**scope, hub_code=str(self.made["warehouses"][name]), hub_label=name, channel_code=channel)
        CarrierMapping.objects.create(**scope, hub_carrier="1", hub_label="Royal Mail", channel_code="royal-mail", channel_label="Royal Mail")

    def map_service(self, code: str, name: str) -> ShipServiceMapping:
        hub_code = str(self.made["delivery_methods"][name])
        return ShipServiceMapping.objects.create(integration=self.integration, channel_code=code, hub_code=hub_code, hub_label=name)

    # What people do in the shop and in the warehouse

    def place(self, **wish: Any) -> list[dict[str, Any]]:
        """Orders as the shop's customers place them; each a dict with `id` and `orderNumber`."""
        wanted = {"count": 1, "lines": [{"sku": "MUG-1", "quantity": 2}], "store": "uk", "shipping_method": "standard", "address": ADDRESS}
        answer = control(self.shop, "orders", **{**wanted, **wish})
        assert not answer["refused"], answer["refused"]
        orders: list[dict[str, Any]] = answer["orders"]
        return orders

    def at_warehouse(self, number: str, *, prefix: str = "CT-") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(f"{self.warehouse.url}{ADMIN}/orders/{prefix}{number}", timeout=5).json()
        return found

    def in_shop(self, identity: str) -> dict[str, Any]:
        body, _ = self.connector_fetch(identity)
        return body

    def connector_fetch(self, identity: str) -> tuple[dict[str, Any], str]:
        import json

        from portal.connections.connect import connect

        received = connect(self.channel).fetch_order(identity)
        assert received is not None
        return json.loads(received.body), received.event_id

    def read_shop(self, skus: list[str]) -> list[Any]:
        """The levels the shop shows now."""
        from portal.connections.connect import connect

        return list(connect(self.channel).read_stock(skus))

    def ship(self, number: str, **wish: Any) -> Any:
        return control(self.warehouse, "ship", numbers=[f"CT-{number}"], **{"carrier_id": 1, **wish})

    def fault(self, running: Running, fault: str, **rule: Any) -> None:
        control(running, "faults", fault=fault, **rule)

    def mend(self) -> None:
        """No fault is left on either side."""
        for running in (self.shop, self.warehouse):
            requests.delete(f"{running.url}{ADMIN}/faults", timeout=5)

    def calls(self, running: Running, *, method: str = "", path: str = "") -> list[dict[str, Any]]:
        every = requests.get(f"{running.url}{ADMIN}/calls", timeout=5).json()
        return [call for call in every if (not method or call["method"] == method) and path in call["path"]]

    # What the worker does

    def read(self, connection: Connection, *feeds: str) -> None:
        for feed in feeds:
            poll(connection, feed, at=timezone.now())
        while interpret_batch(connection, at=timezone.now()):
            pass

    def read_orders(self) -> None:
        self.read(self.channel, "orders")

    def read_warehouse(self) -> None:
        self.read(self.hub, "orders")

    def send(self, connection: Connection | None = None, *, at: datetime | None = None) -> None:
        """Deliver everything that is due (with `at`, due by then)."""
        if at is not None:
            OutboundMessage.objects.filter(state=State.QUEUED, not_before__lte=at).update(not_before=timezone.now() - timedelta(seconds=1))
        for target in [connection] if connection else [self.hub, self.channel]:
            for _ in range(50):
                if not deliver_batch(target, at=timezone.now(), threads=1):
                    break

    def run(self) -> None:
        """From the shop to the warehouse, once."""
        self.read_orders()
        self.send()

    def later(self, **span: float) -> datetime:
        """The clock strikes: what is overdue by then is raised."""
        at = timezone.now() + timedelta(**span)
        sweep_clock(at=at)
        return at

    def order(self, placed: dict[str, Any]) -> SalesOrder:
        return SalesOrder.objects.get(connection=self.channel, reference=placed["id"])
