"""A Deposco site beside a Veeqo one for the same shop: orders out, packages back, stock by facility (R2)."""

from __future__ import annotations

from django.utils import timezone

from exceptions.models import ExceptionCase
from portal.ledger.models import Stage, StockPublication
from portal.sync.models import OutboundMessage, State
from portal.sync.stock import replan_stock
from tests.corridor import SKUS, control
from tests.deposco_site import Site


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
