"""A Deposco site beside the Veeqo one of a corridor, for the same shop."""

from __future__ import annotations

from typing import Any

import requests
from django.utils import timezone

from connectors.sandbox import deposco
from connectors.sandbox.kit import ADMIN, Running
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.models import Connection, Integration
from portal.connections.verify import verify
from portal.ledger.models import HubOrder
from tests.corridor import SKUS, Corridor, control

LOGIN = {
    "client_id": deposco.CLIENT_ID,
    "client_secret": deposco.CLIENT_SECRET,
    "legacy_user": deposco.LEGACY_USER,
    "legacy_password": deposco.LEGACY_PASSWORD,
}
OPTIONS = {"env": deposco.ENV, "legacy_per_s": "1000", "settle_s": "0", "currency": "EUR"}


class Site:
    """The Deposco side of a corridor: store `eu` is sent there, and store `uk` stays with Veeqo."""

    def __init__(self, corridor: Corridor, running: Running) -> None:
        self.corridor, self.running = corridor, running
        requests.delete(f"{running.url}{ADMIN}/faults", timeout=5)
        skus = [{"sku": sku, "title": sku, "price": 10, "stock": {"ATL1": 30, "RNO2": 12}} for sku in SKUS]
        control(running, "seed-demo", skus=skus)
        requests.delete(f"{running.url}{ADMIN}/calls", timeout=5)
        made = Connection(name="Deposco", system="deposco", base_url=running.url, account=deposco.COMPANY, options=OPTIONS, rate_per_s=1000)
        made.set_credentials(LOGIN)
        made.save()
        assert verify(made, by="test", at=timezone.now()).works
        Connection.objects.filter(pk=made.pk).update(enabled=True)
        made.refresh_from_db()
        self.hub = made
        self.share()

    def share(self) -> None:
        """Each site has its store and its warehouse."""
        shop = self.corridor.channel
        leeds = str(self.corridor.made["warehouses"]["Leeds Main"])
        Integration.objects.update(store_codes=["uk"], warehouse_codes=[leeds])
        self.integration = Integration.objects.create(
            name="Shop to Deposco", channel=shop, hub=self.hub, enabled=True, number_prefix="CT-", transfer_limit_min=30, store_codes=["eu"]
        )
        scope = {"integration": self.integration}
        StoreMapping.objects.create(**scope, channel_code="eu", hub_code=deposco.COMPANY, hub_label="Acme")
        ShipServiceMapping.objects.create(**scope, channel_code="standard", hub_code="UPS|UPS Ground", hub_label="UPS Ground")
        CarrierMapping.objects.create(**scope, hub_carrier="UPS", hub_label="UPS", channel_code="ups", channel_label="UPS")
        self.map_facility("ATL1", "wh-berlin")

    def map_facility(self, facility: str, channel: str) -> None:
        WarehouseMapping.objects.create(integration=self.integration, hub_code=facility, hub_label=facility, channel_code=channel)

    def place(self, **wish: Any) -> dict[str, Any]:
        """An order of the store `eu`, brought as far as Deposco."""
        [placed] = self.corridor.place(**{"store": "eu", **wish})
        self.run()
        return placed

    def cancel(self, placed: dict[str, Any]) -> None:
        control(self.corridor.shop, f"orders/{placed['orderNumber']}/cancel")
        self.run()

    def run(self) -> None:
        """From the shop to Deposco, once."""
        self.corridor.read_orders()
        self.corridor.send(self.hub)

    def floor(self, action: str, placed: dict[str, Any], **wish: Any) -> Any:
        answer = control(self.running, action, numbers=[f"CT-{placed['orderNumber']}"], **wish)
        assert answer["refused"] == {}, answer
        return answer["done"]

    def there(self, placed: dict[str, Any]) -> dict[str, Any] | None:
        answer = requests.get(f"{self.running.url}{ADMIN}/orders/CT-{placed['orderNumber']}", timeout=5)
        return answer.json() if answer.ok else None

    def shop_says(self, placed: dict[str, Any], shipment_state: str) -> None:
        """Somebody changes the order's state in the shop."""
        control(self.corridor.shop, f"orders/{placed['id']}/act", actions=[{"action": "changeShipmentState", "shipmentState": shipment_state}])
        self.corridor.read_orders()

    def edit(self, placed: dict[str, Any], **wish: Any) -> None:
        """Somebody edits the placed order in the shop."""
        control(self.corridor.shop, f"orders/{placed['id']}/edit", **wish)
        self.run()

    def mend(self) -> None:
        requests.delete(f"{self.running.url}{ADMIN}/faults", timeout=5)
        self.corridor.mend()

    def read(self, *feeds: str) -> None:
        self.corridor.read(self.hub, *(feeds or ("orders",)))

    def tell(self) -> None:
        """What the warehouse did goes to the shop."""
        self.read()
        self.corridor.send(self.corridor.channel)

    def deliveries(self, placed: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.corridor.in_shop(placed["id"])["shippingInfo"]["deliveries"]
        return found

    def hub_order(self) -> HubOrder:
        return HubOrder.objects.get(connection=self.hub)
