"""An account of flows and a warehouse on loopback: what a flow hands in goes to the warehouse, and what comes back is for a flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from connectors.sandbox import veeqo
from connectors.sandbox.kit import Running, serve
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.api.models import ApiToken
from portal.api.scopes import Scope
from portal.api.tokens import mint
from portal.connections.models import Connection, Integration
from portal.ledger.models import SalesOrder
from tests.corridor import SKUS, Corridor, control
from tests.people import person

ADDRESS = {"firstName": "Ada", "lastName": "Quill", "address1": "1 Test St", "city": "Leeds", "zipCodeOrPostalCode": "LS1 1AA", "country": "GB"}


def run_warehouse() -> Iterator[Running]:
    warehouse = serve(veeqo.build(rate_scale=0))
    yield warehouse
    warehouse.stop()


class Flows(Corridor):
    """The warehouse as new, both accounts on, everything mapped. `url`: where Patchworks listens; nowhere unless a test says so."""

    def __init__(self, warehouse: Running, *, url: str = "http://127.0.0.1:1/core/api/v1", **options: str) -> None:
        self.warehouse = warehouse
        self.shop = warehouse  # nothing else to reset
        control(warehouse, "reset")
        self.mend()
        goods = [{"sku": sku, "title": sku, "price": "10.00", "stock": {"Leeds Main": 50}} for sku in SKUS]
        self.made = control(warehouse, "seed-demo", skus=goods)
        self.channel = Connection(name="Flows", system="patchworks", base_url=url, options=options, rate_per_s=1000)
        self.channel.set_credentials({"api_key": "pw-key"})
        self.channel.verified_at, self.channel.enabled = timezone.now(), True
        self.channel.save()
        self.hub = self.connection("Warehouse", "veeqo", warehouse.url, account="Lockstep", options={"settle_s": "0"})
        self.integration = Integration.objects.create(
            name="Flows to warehouse", channel=self.channel, hub=self.hub, enabled=True, number_prefix="PW-"
        )
        self.map_codes()
        self.caller, self.secret = self.token()

    def map_codes(self) -> None:
        scope = {"integration": self.integration}
        StoreMapping.objects.create(**scope, channel_code="shopify-us", hub_code=str(self.made["channels"]["Trade Orders"]), hub_label="Trade Orders")
        ShipServiceMapping.objects.create(
            **scope, channel_code="Ground", hub_code=str(self.made["delivery_methods"]["Standard"]), hub_label="Standard"
        )
        WarehouseMapping.objects.create(**scope, hub_code=str(self.made["warehouses"]["Leeds Main"]), hub_label="Leeds Main", channel_code="main")
        CarrierMapping.objects.create(**scope, hub_carrier="1", hub_label="Royal Mail", channel_code="UPS", channel_label="UPS")

    def token(self) -> tuple[APIClient, str]:
        """A caller that may do everything for the account, and its secret."""
        token = ApiToken(name=f"Flows {ApiToken.objects.count()}", connection=self.channel, scopes=[scope.value for scope in Scope])
        secret = mint(token, by=person("ada"))
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client, secret

    def body(self, reference: str = "5551", **wish: Any) -> dict[str, Any]:
        """An order as a flow hands it in."""
        line = {"id": "1", "sku": "MUG-1", "quantity": 2, "unitPrice": "12.00", "totalPrice": "24.00", "name": "Mug"}
        order = {
            "externalId": reference, "name": f"N{reference}", "source": "shopify-us", "status": "paid", "createdAt": "2026-11-20T10:00:00Z",
            "currency": "GBP", "totalPrice": "24.00", "customer": {"email": "ada@example.test"}, "shippingAddress": ADDRESS,
            "shippingMethod": "Ground", "lineItems": [line],
        }  # fmt: skip
        return {**order, **wish}

    def hand_in(self, what: str, body: Any) -> Any:
        answer = self.caller.post(f"/api/v1/{what}", body, format="json")
        assert answer.status_code in (200, 201, 207), answer.content
        self.read(self.channel)
        return answer.json()

    def sold(self, reference: str = "5551", **wish: Any) -> SalesOrder:
        """An order that was handed in and is in the warehouse."""
        self.hand_in("orders", self.body(reference, **wish))
        self.send(self.hub)
        self.read_warehouse()
        return SalesOrder.objects.get(connection=self.channel, reference=reference)

    def ship(self, reference: str = "5551", **wish: Any) -> Any:
        control(self.warehouse, "ship", numbers=[f"PW-N{reference}"], carrier_id=1, **wish)
        self.read_warehouse()
        self.send(self.channel)

    def pending(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.caller.get("/api/v1/shipments", {"pending": "true"}).json()["data"]
        return found

    def acknowledge(self, *ids: int) -> Any:
        return self.caller.post("/api/v1/shipments/ack", {"ids": list(ids), "run_id": "run-1"}, format="json").json()
