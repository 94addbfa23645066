"""A Deposco site beside a Veeqo one for the same shop: orders out, packages back, stock by facility (R2)."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from django.utils import timezone

from connectors.sandbox import deposco
from connectors.sandbox.kit import ADMIN, Running, serve
from exceptions.models import ExceptionCase
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.models import Connection, Integration
from portal.connections.verify import verify
from portal.ledger.models import HubOrder, Stage, StockPublication
from portal.sync.models import OutboundMessage, State
from portal.sync.stock import replan_stock
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


@pytest.fixture(scope="session")
def tenant():
    running = serve(deposco.build(rate_scale=0))
    yield running
    running.stop()


@pytest.fixture
def site(corridor, tenant) -> Site:
    return Site(corridor, tenant)


class TestAnOrder:
    def test_arrives_in_deposco_once_and_in_one_call(self, site):  # R2, R35
        placed = site.place()
        site.run()
        site.read()

        there = site.there(placed)
        assert (there["orderStatus"], there["shipVia"], there["orderLines"]["data"][0]["orderPackQuantity"]) == ("New", "UPS Ground", 2)
        assert OutboundMessage.objects.get(kind="create_order").state == State.CONFIRMED
        assert len(site.corridor.calls(site.running, method="POST", path="/orders/salesOrders")) == 1

    def test_goes_to_the_site_of_its_store(self, site):  # R2
        mine, theirs = site.place(), site.place(store="uk")
        site.corridor.run()

        assert site.there(mine) is not None and site.there(theirs) is None
        assert len(site.corridor.at_warehouse(theirs["orderNumber"])) == 1 and site.corridor.at_warehouse(mine["orderNumber"]) == []

    def test_is_looked_for_after_a_lost_answer(self, site):  # R35, R41
        site.corridor.fault(site.running, "lost_after", method="POST", path="/orders/salesOrders$")
        placed = site.place()
        site.corridor.send(site.hub)

        assert site.corridor.order(placed).stage == Stage.WITH_HUB
        assert len(site.corridor.calls(site.running, method="POST", path="/orders/salesOrders")) == 1

    def test_with_an_item_deposco_lost_is_a_case(self, site):  # R47
        control(site.running, "seed-demo", skus=[{"sku": "TEE-1", "title": "Tee", "price": 1, "stock": 1}])
        site.place(lines=[{"sku": "MUG-1", "quantity": 1}])

        assert ExceptionCase.objects.filter(kind="E11").count() == 1

    def test_cancelled_in_the_shop_is_cancelled_there(self, site):
        placed = site.place()
        site.cancel(placed)

        assert site.there(placed)["orderStatus"] == "Canceled"

    def test_is_locked_once_released(self, site):  # R45
        placed = site.place()
        site.read()
        open_then = site.hub_order().locked_at
        site.floor("wave", placed)
        site.read()
        locked_at = site.hub_order().locked_at
        control(site.running, "clock", skew_s=3600)
        site.floor("pick", placed)
        site.read()
        control(site.running, "clock", skew_s=0)

        assert open_then is None and locked_at is not None
        assert (site.hub_order().locked_at, site.hub_order().vendor_state) == (locked_at, "Pick Complete")

    def test_cancelled_too_late_is_a_case(self, site):  # R44
        placed = site.place()
        site.floor("wave", placed)
        site.cancel(placed)

        [case] = ExceptionCase.objects.filter(kind="E04")
        assert "locked on wave" in case.cause and site.there(placed)["orderStatus"] == "Released"


class TestPackages:
    def test_come_back_with_a_tracking_number_each(self, site):  # R63
        placed = site.place()
        site.floor("ship", placed, packages=2, tracking=["1Z1", "1Z2"])
        site.tell()

        [delivery] = site.deliveries(placed)
        assert [(parcel["trackingData"]["trackingId"], parcel["trackingData"]["carrier"]) for parcel in delivery["parcels"]] == [
            ("1Z1", "ups"),
            ("1Z2", "ups"),
        ]
        assert site.corridor.in_shop(placed["id"])["shipmentState"] == "Shipped"

    def test_from_two_facilities_are_two_deliveries(self, site):  # R63, R64
        placed = site.place(lines=[{"sku": "MUG-1", "quantity": 3}])
        site.floor("split", placed, over={"RNO2": {"MUG-1": 1}})
        site.floor("ship", placed, facility="RNO2")
        site.tell()
        partly = site.corridor.in_shop(placed["id"])["shipmentState"]
        site.floor("ship", placed, facility="ATL1")
        site.tell()

        assert partly == "Partial" and site.corridor.order(placed).stage == Stage.DONE
        assert [sum(item["quantity"] for item in one["items"]) for one in site.deliveries(placed)] == [1, 2]

    def test_taken_back_are_a_case(self, site):
        placed = site.place()
        site.floor("ship", placed)
        site.tell()
        site.floor("roll-back", placed)
        site.tell()

        assert ExceptionCase.objects.filter(kind="E20").count() == 1 and len(site.deliveries(placed)) == 1


def shown(site: Site, sku: str = "MUG-1") -> dict[str, int]:
    """Channel place → what the shop has confirmed to show."""
    return {row.warehouse_code: row.confirmed for row in StockPublication.objects.filter(sku=sku)}


class TestStock:
    def test_of_both_sites_stands_side_by_side(self, site):  # R2, R18, R19
        site.read("snapshot")
        site.corridor.read(site.corridor.hub, "stock")
        site.corridor.send()

        assert shown(site) == {"wh-leeds": 50, "wh-berlin": 30}

    def test_of_an_unmapped_facility_is_a_case_and_never_summed(self, site):  # R19
        site.read("snapshot")
        site.corridor.send()
        before = shown(site)
        site.map_facility("RNO2", "wh-berlin")
        replan_stock(site.hub, SKUS, at=timezone.now())
        site.corridor.send()

        assert (before, shown(site)) == ({"wh-berlin": 30}, {"wh-berlin": 42})
        assert ExceptionCase.objects.filter(kind="E24", integration=site.integration).count() == 1

    def test_follows_changes_and_snapshots_correct_what_they_missed(self, site):  # R16
        site.read("snapshot", "stock")
        control(
            site.running, "stock", changes=[{"sku": "MUG-1", "facility": "ATL1", "on_hand": 9}, {"sku": "TEE-1", "facility": "ATL1", "on_hand": 8}]
        )
        site.read("stock")
        site.corridor.send()
        control(site.running, "stock", changes=[{"sku": "MUG-1", "facility": "ATL1", "on_hand": 4}])
        site.read("snapshot")
        site.corridor.send()

        assert (shown(site)["wh-berlin"], shown(site, "TEE-1")["wh-berlin"]) == (4, 8)
