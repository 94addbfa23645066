"""The Deposco simulator's floor: waves, picking in part, packages, shortages, splits over facilities, and what REST shows of it."""

from __future__ import annotations

import pytest

from tests.sandbox.deposco_tenant import Tenant


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


def shipments(tenant: Tenant, **query) -> list[dict]:
    return tenant.get("/shipments/outboundShipments", **query)["data"]


class TestFloor:
    def test_takes_an_order_through_its_states(self, tenant):  # R68
        tenant.place(tenant.line(packs=3))
        seen = []
        for action, more in (
            ("ready", {}),
            ("wave", {"release": False}),
            ("release", {}),
            ("pick", {"units": {}}),
            ("pick", {"units": {"MUG-BLU": 2}}),
            ("pick", {}),
            ("pack", {"units": {"MUG-BLU": 1}}),
            ("pack", {}),
            ("load", {"units": {"MUG-BLU": 1}}),
            ("load", {}),
            ("ship", {}),
        ):
            tenant.floor(action, **more)
            seen.append(tenant.status())

        assert seen == [
            *("Ready for Fulfillment", "Wave Built", "Released", "Picking", "Picking", "Pick Complete"),
            *("Partially Staged", "Staged", "Partially Loaded", "Loaded", "Ship Complete"),
        ]

    def test_puts_many_orders_on_one_wave(self, tenant):
        tenant.control("place", count=3, sku="MUG-BLU")

        done = tenant.control("wave", status="New")["done"]

        assert (len(done), len(set(done.values()))) == (3, 1)
        assert tenant.summary()["by_status"] == {"Released": 3}

    def test_back_orders_what_it_does_not_have(self, tenant):
        tenant.place(tenant.line(1, sku="APR-YEL"), number="WEB-1")
        tenant.place(tenant.line(1, sku="APR-YEL"), tenant.line(2), number="WEB-2")

        tenant.floor("wave", "WEB-1")
        tenant.floor("wave", "WEB-2")

        lines = tenant.order("WEB-2")["orderLines"]["data"]
        assert [tenant.status("WEB-1"), tenant.status("WEB-2")] == ["Back Ordered", "Partially Released"]
        assert [(line["orderLineStatus"], line["isBackOrdered"]) for line in lines] == [
            ("Back Ordered", "Back Ordered"),
            ("Released", "Not Back Ordered"),
        ]

    def test_gives_back_what_the_picker_did_not_find(self, tenant):
        tenant.place(tenant.line(packs=3))
        tenant.floor("wave")
        tenant.floor("short", units={"MUG-BLU": 1})
        tenant.floor("ship")

        line = tenant.order()["orderLines"]["data"][0]

        assert (tenant.status(), line["shippedPackQuantity"], line["isBackOrdered"]) == ("Partially Shipped", 2, "Exception Pick")
        assert shipments(tenant)[0]["shipmentLines"]["data"][0]["shortagePackQuantity"] == 1

    def test_ships_the_rest_in_another_wave(self, tenant):
        tenant.place(tenant.line(packs=3))

        tenant.floor("ship", units={"MUG-BLU": 1})
        partly = tenant.status()
        tenant.floor("ship")

        assert (partly, tenant.status()) == ("Partially Shipped", "Ship Complete")
        assert [row["shipmentLines"]["data"][0]["shippedPackQuantity"] for row in shipments(tenant)] == [2, 1]

    def test_closes_an_order_whose_rest_is_cancelled(self, tenant):
        tenant.place(tenant.line(packs=3))
        tenant.floor("ship", units={"MUG-BLU": 1})

        tenant.floor("cancel")

        line = tenant.order()["orderLines"]["data"][0]
        assert (tenant.status(), line["shippedPackQuantity"], line["canceledPackQuantity"]) == ("Ship Complete", 1, 2)

    def test_will_not_wave_what_is_on_hold(self, tenant):
        tenant.place(orderStatus="Hold")

        assert "cannot be waved" in tenant.control("wave", numbers=["WEB-1"])["refused"]["WEB-1"]

    def test_moves_stock_as_it_goes(self, tenant):
        before = tenant.stock()["ATL1"]
        tenant.place(tenant.line(packs=2))
        placed = tenant.stock()["ATL1"]
        tenant.floor("wave")
        waved = tenant.stock()["ATL1"]
        tenant.floor("ship")
        shipped = tenant.stock()["ATL1"]

        total = before["total"]
        assert [row["total"] for row in (placed, waved, shipped)] == [total, total, total - 2]
        assert [row["allocated"] for row in (placed, waved, shipped)] == [0, 2, 0]
        assert [row["availableToPromise"] for row in (placed, waved, shipped)] == [total - 2] * 3


class TestPackages:
    def test_have_a_tracking_number_each(self, tenant):
        tenant.place(tenant.line(packs=2))

        tenant.floor("ship", packages=2, tracking=["1Z-A", "1Z-B"])

        shipment = shipments(tenant)[0]
        boxes = shipment["shippedContainers"]["data"]
        assert [(box["trackingNumber"], box["sequence"], box["sequenceTotal"]) for box in boxes] == [("1Z-A", 1, 2), ("1Z-B", 2, 2)]
        assert [box["shippedContainerLines"][0]["shippedPackQuantity"] for box in boxes] == [1, 1]
        assert (shipment["trackingNumber"], shipment["totalPackages"], shipment["status"]) == ("1Z-A", 2, "Shipped")

    def test_hold_what_they_are_told(self, tenant):
        tenant.place(tenant.line(1, packs=2), tenant.line(2, sku="CAP-RED", packs=1))

        tenant.floor("ship", packages=[{"MUG-BLU": 2}, {"CAP-RED": 1}])

        boxes = shipments(tenant)[0]["shippedContainers"]["data"]
        assert [[row["item"]["businessKey"]["number"] for row in box["shippedContainerLines"]] for box in boxes] == [["MUG-BLU"], ["CAP-RED"]]

    def test_leave_one_by_one(self, tenant):
        tenant.place(tenant.line(packs=2))
        tenant.floor("pack", packages=2)
        first, second = (box["number"] for box in shipments(tenant)[0]["shippedContainers"]["data"])

        tenant.floor("ship", containers=[first])
        partly = shipments(tenant)[0]
        tenant.floor("ship", containers=[second])

        assert (partly["status"], partly["shipmentLines"]["data"][0]["shippedPackQuantity"]) == ("Shipping", 1)
        assert (shipments(tenant)[0]["status"], tenant.status()) == ("Shipped", "Ship Complete")

    @pytest.mark.parametrize(("how", "seen"), [("mixed", ["7001", ""]), ("filled", ["7001", "7001"]), ("blank", ["", ""])])
    def test_often_forget_the_channels_line_number(self, how, seen):
        tenant = Tenant(external_line_numbers=how)
        tenant.place(tenant.line(packs=2))
        tenant.floor("ship", packages=2)

        boxes = shipments(tenant)[0]["shippedContainers"]["data"]

        assert [box["shippedContainerLines"][0]["externalLineNumber"] for box in boxes] == seen

    def test_may_be_a_label_that_nobody_used(self, tenant):
        tenant.place()

        tenant.floor("label", tracking="1Z-UNUSED")

        shipment = shipments(tenant)[0]
        assert (shipment["trackingNumber"], shipment["shipmentLines"]["data"][0]["shippedPackQuantity"]) == ("1Z-UNUSED", 0)
        assert tenant.status() == "New"

    def test_can_be_rolled_back(self, tenant):
        tenant.place()
        before = tenant.stock()["ATL1"]["total"]
        tenant.floor("ship")

        tenant.floor("roll-back")

        assert (shipments(tenant)[0]["status"], tenant.status()) == ("Rolled Back", "Picking")
        assert tenant.stock()["ATL1"]["total"] == before
        assert tenant.order()["orderLines"]["data"][0]["shippedPackQuantity"] == 0

    def test_may_carry_any_carrier_or_no_number(self, tenant):
        tenant.place()

        tenant.floor("ship", carrier="Snail Post", service="Overland", tracking=[])

        shipment = shipments(tenant)[0]
        assert (shipment["shipVendor"], shipment["shipVia"], shipment["trackingNumber"]) == ("Snail Post", "Overland", None)


class TestShipmentList:
    @pytest.fixture
    def tenant(self) -> Tenant:
        tenant = Tenant()
        for number in ("WEB-1", "WEB-2"):
            tenant.place(number=number)
            tenant.floor("ship", number)
        return tenant

    def test_ignores_the_order_number(self, tenant):
        found = shipments(tenant, orderNumber="WEB-1")

        assert [row["orderHeaders"]["data"][0]["businessKey"]["number"] for row in found] == ["WEB-2", "WEB-1"]

    def test_can_be_told_to_heed_it(self, tenant):
        tenant.control("settings", ignored_filters=[])

        assert len(shipments(tenant, orderNumber="WEB-1")) == 1
        assert len(shipments(tenant, customerOrderNumber="#WEB-2")) == 1

    def test_finds_what_left_or_changed_since(self, tenant):
        moment = tenant.wait(600)
        tenant.place(number="WEB-3")
        tenant.floor("ship", "WEB-3")
        tenant.floor("roll-back", "WEB-1")

        def orders(**query: str) -> list[str]:
            return [row["orderHeaders"]["data"][0]["businessKey"]["number"] for row in shipments(tenant, **query)]

        assert orders(shippedAfter=moment) == orders(createdAfter=moment) == ["WEB-3"]
        assert orders(updatedAfter=moment) == ["WEB-3", "WEB-1"]
        assert orders(shipmentStatus="Rolled Back") == ["WEB-1"]

    def test_has_all_lines_below_the_shipment(self, tenant):
        tenant.place(*[tenant.line(at, packs=1) for at in range(1, 13)], number="WEB-4")
        tenant.floor("ship", "WEB-4")
        shipment = shipments(tenant)[0]

        lines = tenant.get(f"/shipments/outboundShipments/{shipment['self']['id']}/shipmentLines")["data"]

        assert (len(shipment["shipmentLines"]["data"]), len(lines)) == (10, 12)

    def test_does_not_know_every_id(self, tenant):
        assert tenant.rest("GET", "/shipments/outboundShipments/1").status_code == 404


class TestFacilities:
    def test_take_over_packs_before_release(self, tenant):
        tenant.place(tenant.line(packs=3))

        tenant.floor("split", over={"RNO2": {"MUG-BLU": 1}})
        tenant.floor("ship")

        found = {
            row["shipFromFacility"]["businessKey"]["number"]: row["shipmentLines"]["data"][0]["shippedPackQuantity"] for row in shipments(tenant)
        }
        assert found == {"ATL1": 2, "RNO2": 1}
        assert tenant.status() == "Ship Complete"

    def test_do_not_take_over_what_is_released(self, tenant):
        tenant.place()
        tenant.floor("wave")

        assert tenant.control("split", numbers=["WEB-1"], over={"RNO2": {"MUG-BLU": 1}})["refused"]

    def test_may_ship_from_one_and_cancel_in_another(self, tenant):
        tenant.place(tenant.line(packs=3))
        tenant.floor("split", over={"RNO2": {"MUG-BLU": 1}})

        tenant.floor("ship", facility="ATL1")
        partly = tenant.status()
        tenant.floor("cancel", facility="RNO2")

        line = tenant.order()["orderLines"]["data"][0]
        assert (partly, tenant.status()) == ("Partially Shipped", "Ship Complete")
        assert (line["shippedPackQuantity"], line["canceledPackQuantity"]) == (2, 1)
        assert tenant.summary()["allocated"] == tenant.summary()["demand"] == 0

    def test_can_be_opened_without_telling_anybody(self, tenant):
        tenant.control("facilities", number="NYC9")
        tenant.control("stock", changes=[{"sku": "MUG-BLU", "facility": "NYC9", "on_hand": 5}])

        assert tenant.stock()["NYC9"]["total"] == 5
        assert [row["number"] for row in tenant.get("/facilities")["data"]] == ["NYC9", "RNO2", "ATL1"]

    def test_are_chosen_by_the_order_or_by_stock(self, tenant):
        tenant.control("stock", changes=[{"sku": "MUG-BLU", "facility": "ATL1", "on_hand": 1}])

        tenant.place(tenant.line(packs=2), number="WEB-1")
        tenant.place(number="WEB-2", shipFromFacility={"businessKey": {"number": "ATL1"}})

        chosen = [next(iter(tenant.order(number)["parts"][0].values()))[0]["facility"] for number in ("WEB-1", "WEB-2")]
        assert chosen == ["RNO2", "ATL1"]


class TestAutoShip:
    def test_ships_by_itself_when_its_time_has_come(self):
        tenant = Tenant(auto_wave_s=60, auto_ship_s=120, auto_ship_packages=2)
        tenant.place()
        seen = [tenant.status()]

        for seconds in (61, 121):
            tenant.wait(seconds)
            seen.append(tenant.status())

        assert seen == ["New", "Released", "Ship Complete"]
        assert tenant.summary()["packages"] == 2

    def test_leaves_what_is_on_hold_or_cancelled(self):
        tenant = Tenant(auto_ship_s=60)
        tenant.place(orderStatus="Hold")
        tenant.place(number="WEB-2")
        tenant.floor("cancel", "WEB-2")

        tenant.wait(61)

        assert tenant.summary()["by_status"] == {"Hold": 1, "Canceled": 1}

    def test_takes_up_an_order_that_comes_off_hold(self):
        tenant = Tenant(auto_ship_s=60)
        tenant.place(orderStatus="Hold")
        tenant.wait(61)
        tenant.rest("POST", f"{tenant.path()}/status?value=New")

        tenant.wait(122)

        assert tenant.status() == "Ship Complete"

    def test_can_be_switched_on_for_orders_that_wait(self, tenant):
        tenant.control("place", count=500, sku="MUG-BLU")
        tenant.control("stock", changes=[{"sku": "MUG-BLU", "facility": "ATL1", "on_hand": 1000}])

        tenant.control("settings", auto_ship_s=0)

        assert tenant.summary()["by_status"] == {"Ship Complete": 500}

    def test_serves_short_orders_when_stock_arrives(self):
        tenant = Tenant(auto_ship_s=0)
        tenant.place(tenant.line(sku="APR-YEL"))
        short = tenant.status()

        tenant.control("stock", changes=[{"sku": "APR-YEL", "facility": "ATL1", "delta": 10}])

        assert (short, tenant.status()) == ("Back Ordered", "Ship Complete")
