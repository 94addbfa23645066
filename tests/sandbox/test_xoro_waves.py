"""The Xoro simulator's waves: what goes on them, what a confirmed shipment does, and what voiding gives back."""

from __future__ import annotations

import pytest

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.xoro import PROPOSED_PATHS
from tests.sandbox.xoro_tenant import Tenant

CONFIRM = PROPOSED_PATHS["ship_confirm"]


def tenant_with(**settings: object) -> Tenant:
    tenant = Tenant(**settings)
    tenant.control("seed-demo", write_paths=True)
    return tenant


@pytest.fixture
def tenant() -> Tenant:
    return tenant_with()


def confirmation(order: dict, units: dict[str, int], **more: object) -> dict:
    items = [{"ItemNumber": item, "Qty": count} for item, count in units.items()]
    body = {"WaveNumber": order["waves"][-1]["number"], "OrderNumber": order["number"], "ShipDate": "06/02/2026 04:15:00 PM", "CarrierName": "UPS"}
    return body | {"ShipServiceName": "Ground", "Packages": [{"TrackingNumber": "1Z1", "Weight": 1.0, "Items": items}]} | more


class TestAWave:
    def test_is_read_by_status_and_by_number_as_parallel_lists(self, tenant):
        number = tenant.place(wave=True)

        by_status = tenant.read("wave/getwave", status="released", page=1)
        wave = by_status["Data"]["WaveData"][0]

        assert by_status["Data"]["OrderData"] == [{"OrderNumber": number}]
        assert wave == {"WaveNumber": "DMO-W007006", "StatusName": "Released", "StoreName": "Main Warehouse"}
        assert tenant.read("wave/getwave", wave_number="DMO-W007006")["Data"] == by_status["Data"]
        assert tenant.read("wave/getwave", status="void")["Data"] == {"WaveData": [], "OrderData": []}

    def test_may_hold_several_orders_of_one_store(self, tenant):
        for ref in "ABC":
            tenant.place(ref)
        made = tenant.control("waves", size=2)

        data = tenant.read("wave/getwave", status="released")["Data"]

        assert [len(orders) for orders in made.values()] == [2, 1]
        assert [each["WaveNumber"] for each in data["WaveData"]] == [wave for wave, orders in made.items() for _ in orders]

    def test_takes_no_order_that_is_not_released(self, tenant):
        number = tenant.place(released=False)

        assert tenant.control("waves", numbers=[number]) == {}

    @pytest.mark.parametrize(
        ("mode", "taken"),
        [
            ("full_orders", []),
            ("full_lines", [("CAP-BLK-S", 1)]),
            ("available", [("BELT-NVY-M", 2), ("CAP-BLK-S", 1)]),
        ],
    )
    def test_allocates_as_its_mode_says(self, tenant, mode, taken):
        tenant.control("stock", changes=[{"item": "BELT-NVY-M", "on_hand": 2}])
        number = tenant.place(lines={"BELT-NVY-M": 3, "CAP-BLK-S": 1})

        tenant.control("waves", mode=mode)

        assert [(line["item"], line["qty"]) for wave in tenant.order(number)["waves"] for line in wave["lines"]] == taken

    def test_is_followed_by_another_one_when_stock_arrives(self, tenant):
        tenant.control("stock", changes=[{"item": "BELT-NVY-M", "on_hand": 2}])
        number = tenant.place(lines={"BELT-NVY-M": 3}, wave=True)
        tenant.control("stock", changes=[{"item": "BELT-NVY-M", "delta": 5}])

        tenant.control("waves")

        assert [wave["lines"][0]["qty"] for wave in tenant.order(number)["waves"]] == [2, 1]

    def test_may_be_read_with_lists_that_do_not_match(self, tenant):
        tenant.place(wave=True)
        tenant.control("oddities", name="uneven_wave_lists")

        data = tenant.read("wave/getwave", status="released")["Data"]

        assert (len(data["WaveData"]), len(data["OrderData"])) == (1, 0)

    def test_may_tell_less_than_hoped(self):
        tenant = tenant_with(wave_fields=["WaveNumber"])
        tenant.place(wave=True)

        assert tenant.read("wave/getwave", status="released")["Data"]["WaveData"] == [{"WaveNumber": "DMO-W007006"}]

    def test_is_picked_then_packed(self, tenant):
        wave = tenant.order(tenant.place(wave=True))["waves"][0]["number"]

        tenant.control("waves/pack", waves=[wave])

        assert wave in tenant.control("waves/pick", waves=[wave])["refused"]
        assert tenant.shown(f"waves/{wave}")["status"] == "Packed"


class TestVoiding:
    def void(self, tenant: Tenant, number: str) -> dict:
        return tenant.write("wave/voidwave", {"WaveNumber": tenant.order(number)["waves"][0]["number"]})

    def test_frees_the_units_and_lets_the_order_wait(self, tenant):
        number = tenant.place(wave=True)

        answer = self.void(tenant, number)

        assert answer["Data"]["StatusName"] == "Void"
        assert (tenant.order(number)["status"], tenant.row()["AllocatedQty"], tenant.row()["QtyOnSO"]) == ("Released", 0, 2)
        assert tenant.read("wave/getwave", status="void")["Data"]["OrderData"] == [{"OrderNumber": number}]

    @pytest.mark.parametrize(("forced", "works"), [(False, False), (True, True)])
    def test_of_a_locked_wave_needs_force(self, forced, works):
        tenant = tenant_with(create_locked_wave=True, force_void_wave=forced)

        assert self.void(tenant, tenant.place(wave=True))["Result"] is works

    def test_twice_or_after_shipping_is_refused(self, tenant):
        voided, shipped = tenant.place("A", wave=True), tenant.place("B", wave=True)
        self.void(tenant, voided)
        tenant.control("ship", numbers=[shipped], units={"TEE-BLK-S": 1})

        assert [self.void(tenant, number)["Result"] for number in (voided, shipped)] == [False, False]

    def test_by_cancelling_one_order_keeps_the_others(self, tenant):
        first, second = tenant.place("A"), tenant.place("B")
        tenant.control("waves", size=2)

        tenant.control("cancel", numbers=[first])

        data = tenant.read("wave/getwave", status="released")["Data"]
        assert data["OrderData"] == [{"OrderNumber": second}]
        assert tenant.row()["AllocatedQty"] == 2


class TestConfirming:
    def test_all_of_it_ships_order_and_wave_then_invoices(self, tenant):
        number = tenant.place(wave=True)
        before = tenant.row()["OnHandQty"]

        answer = tenant.write(CONFIRM, confirmation(tenant.order(number), {"TEE-BLK-S": 2}))
        order = tenant.order(number)

        assert (answer["Data"]["WaveStatusName"], answer["Data"]["OrderStatusName"]) == ("Shipped", "Shipped")
        assert order["lines"][0]["shipped"] == order["waves"][0]["lines"][0]["shipped"] == 2
        assert (tenant.row()["OnHandQty"], tenant.row()["AllocatedQty"], tenant.row()["QtyOnSO"]) == (before - 2, 0, 0)
        tenant.wait(31)
        assert (tenant.order(number)["status"], tenant.order(number)["invoices"]) == ("Invoiced", ["DMO-I000300"])

    def test_part_of_it_leaves_the_rest_allocated_for_another(self, tenant):
        number = tenant.place(wave=True)

        tenant.write(CONFIRM, confirmation(tenant.order(number), {"TEE-BLK-S": 1}))
        between = tenant.order(number)
        tenant.write(CONFIRM, confirmation(between, {"TEE-BLK-S": 1}))

        assert (between["status"], between["waves"][0]["status"], between["lines"][0]["allocated"]) == ("Partially Shipped", "Released", 1)
        assert tenant.order(number)["status"] == "Shipped"

    @pytest.mark.parametrize(("settings", "more"), [({"disable_multishipment": True}, {}), ({}, {"FinalShipment": True})])
    def test_the_last_time_closes_the_wave_and_unallocates_the_rest(self, settings, more):
        tenant = tenant_with(**settings)
        number = tenant.place(wave=True)

        tenant.write(CONFIRM, confirmation(tenant.order(number), {"TEE-BLK-S": 1}, **more))
        order = tenant.order(number)

        assert order["waves"][0]["status"] == "Closed"
        assert (order["waves"][0]["lines"][0]["released"], order["lines"][0]["open"], tenant.row()["AllocatedQty"]) == (1, 1, 0)
        assert order["status"] == "Partially Shipped"
        assert tenant.write(CONFIRM, confirmation(order, {"TEE-BLK-S": 1}))["Result"] is False

    def test_the_last_time_may_close_the_order_too(self):
        tenant = tenant_with(disable_multishipment=True, short_close="order")
        number = tenant.place(wave=True)

        tenant.write(CONFIRM, confirmation(tenant.order(number), {"TEE-BLK-S": 1}))

        line = tenant.read("salesorder/getsalesorder", order_number=number)["Data"][0]["SoEstimateItemLineArr"][0]
        assert tenant.order(number)["status"] == "Closed"
        assert (line["QtyShipped"], line["CancelQty"], line["QtyRemainingToShip"]) == (1, 1, 0)

    @pytest.mark.parametrize(
        ("units", "more", "message"),
        [
            ({"TEE-BLK-S": 3}, {}, "exceeds the open wave quantity 2"),
            ({"CAP-BLK-S": 1}, {}, "exceeds the open wave quantity 0"),
            ({"NO": 1}, {}, "Item NO not found."),
            ({"TEE-BLK-S": 2}, {"CarrierName": "Pigeon"}, "Carrier Pigeon not found."),
            ({"TEE-BLK-S": 2}, {"WaveNumber": "W"}, "Wave W not found."),
            ({"TEE-BLK-S": 2}, {"OrderNumber": "S"}, "Sales order S not found."),
            ({"TEE-BLK-S": 2}, {"Packages": []}, "Shipment has no packages."),
            ({}, {}, "Package has no items."),
        ],
    )
    def test_is_refused_whole_when_something_is_wrong(self, tenant, units, more, message):
        number = tenant.place(wave=True)

        answer = tenant.write(CONFIRM, confirmation(tenant.order(number), units, **more))

        assert (answer["Result"], message in answer["Message"]) == (False, True)
        assert tenant.order(number)["lines"][0]["shipped"] == 0

    def test_forgives_a_service_it_does_not_know(self, tenant):
        number = tenant.place(wave=True)

        assert tenant.write(CONFIRM, confirmation(tenant.order(number), {"TEE-BLK-S": 2}, ShipServiceName="By hand"))["Result"] is True

    def test_of_an_order_on_another_wave_is_refused(self, tenant):
        first, second = tenant.place("A", wave=True), tenant.place("B", wave=True)

        body = confirmation(tenant.order(first), {"TEE-BLK-S": 2}) | {"OrderNumber": second}

        assert "is not on wave" in tenant.write(CONFIRM, body)["Message"]

    def test_twice_ships_twice_and_shows(self, tenant):
        number = tenant.place(wave=True)

        for _ in range(2):
            tenant.write(CONFIRM, confirmation(tenant.order(number), {"TEE-BLK-S": 1}))

        assert tenant.order(number)["lines"][0]["shipped"] == 2
        assert tenant.shown("summary")["confirmed_twice"] == {f"{number} 1Z1": 2}

    def test_is_remembered_with_parcels_and_tracking(self, tenant):
        number = tenant.place(wave=True, lines={"TEE-BLK-S": 1, "CAP-BLK-S": 1})
        parcels = [{"TrackingNumber": f"1Z{at}", "Items": [{"ItemNumber": item, "Qty": 1}]} for at, item in enumerate(("TEE-BLK-S", "CAP-BLK-S"))]

        tenant.write(CONFIRM, confirmation(tenant.order(number), {}, Packages=parcels, ShippingCost=11.4))
        (told,) = tenant.shown("confirmations")

        assert (told["order"], told["carrier"], told["cost"], told["tracking"]) == (number, "UPS", 11.4, ["1Z0", "1Z1"])
        assert [parcel["units"] for parcel in told["packages"]] == [{"TEE-BLK-S": 1}, {"CAP-BLK-S": 1}]

    def test_fills_the_lines_of_one_item_in_turn(self, tenant):
        lines = [{"item": "TEE-BLK-S", "qty": 2}, {"item": "TEE-BLK-S", "qty": 2}]
        number = tenant.control("orders", ref="A", lines=lines, wave=True)["A"]

        tenant.write(CONFIRM, confirmation(tenant.order(number), {"TEE-BLK-S": 3}))

        assert [line["shipped"] for line in tenant.order(number)["lines"]] == [2, 1]


class TestTheTenantsPeople:
    def test_ship_by_the_vendors_own_connection(self, tenant):
        number = tenant.place(wave=True)

        done = tenant.control("ship", refs=["5551"], tracking="T-1", carrier="FedEx")["done"]

        assert done[number][0]["tracking"] == ["T-1"]
        assert tenant.order(number)["status"] == "Shipped"

    def test_quick_ship_and_close(self, tenant):
        quick, closed = tenant.place("A"), tenant.place("B", wave=True)

        tenant.control("quick-ship", numbers=[quick])
        tenant.control("close", numbers=[closed])

        assert [tenant.order(number)["status"] for number in (quick, closed)] == ["Shipped", "Closed"]
        assert tenant.row()["AllocatedQty"] == 0

    def test_place_and_wave_five_hundred_at_once(self, tenant):
        tenant.control("stock", changes=[{"item": "TEE-BLK-S", "on_hand": 1000}])
        made = tenant.control("orders", count=500, lines={"TEE-BLK-S": 1})

        waves = tenant.control("waves", size=50)

        assert (len(made), len(waves)) == (500, 10)
        assert tenant.row()["AllocatedQty"] == 500

    def test_learn_why_something_was_refused(self, tenant):
        number = tenant.place(wave=True)
        tenant.control("ship", numbers=[number])

        answer = tenant.control("cancel", numbers=[number])

        assert answer["refused"] == {number: f"Sales order {number} is Shipped and cannot be cancelled."}
        assert tenant.client.post(f"{ADMIN}/cancel", json={"numbers": ["DMO-S1"]}).status_code == 400


class TestInvoices:
    def test_prove_the_shipment(self, tenant):
        number = tenant.place(wave=True)
        tenant.control("ship", numbers=[number])
        before = tenant.read("invoice/getinvoice", so_number=number, has_shipment="true")["Data"]
        tenant.wait(31)

        (invoice,) = tenant.read("invoice/getinvoice", so_number=number, has_shipment="true")["Data"]

        assert before == []
        assert (invoice["InvoiceHeader"]["SoNumber"], invoice["InvoiceItemLineArr"][0]["Qty"]) == (number, 2)
        assert tenant.read("invoice/getinvoice", third_party_ref_no="5551", header_only="true")["Data"] == [
            {"InvoiceHeader": invoice["InvoiceHeader"]}
        ]

    def test_of_a_part_leave_the_order_partially_shipped(self, tenant):
        number = tenant.place(wave=True)
        tenant.control("ship", numbers=[number], units={"TEE-BLK-S": 1})

        tenant.wait(31)

        assert (tenant.order(number)["status"], len(tenant.order(number)["invoices"])) == ("Partially Shipped", 1)
