"""The Veeqo simulator's warehouse: allocations, shipments, returns, and what its staff do beyond the API."""

from __future__ import annotations

import pytest

from connectors.sandbox.veeqo import build
from tests.sandbox.veeqo_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


def units(order: dict) -> list[list[int]]:
    return [[line["quantity"] for line in allocation["line_items"]] for allocation in order["allocations"]]


class TestAutoAllocation:
    def test_splits_over_ranked_warehouses(self, shop):
        shop.control("stock", changes=[{"sku": "MUG-BLU", "physical": 3}])

        order = shop.place(quantity=5)

        assert [each["warehouse"]["name"] for each in order["allocations"]] == ["Leeds Main", "Venlo EU"]
        assert units(order) == [[3], [2]]

    def test_comes_after_its_delay(self):
        shop = Shop(alloc_delay_s=3)

        before = shop.place()
        shop.wait(4)
        after = shop.order()

        assert (before["allocations"], before["status"]) == ([], "awaiting_stock")
        assert (units(after), after["status"]) == ([[2]], "awaiting_fulfillment")
        assert after["updated_at"] > before["updated_at"]

    def test_serves_the_oldest_order_when_stock_arrives(self, shop):
        shop.place("CT-1", sku="APR-YEL", quantity=2)
        shop.place("CT-2", sku="APR-YEL", quantity=2)

        shop.control("stock", changes=[{"sku": "APR-YEL", "delta": 2}])

        assert [shop.order(number)["status"] for number in ("CT-1", "CT-2")] == ["awaiting_fulfillment", "awaiting_stock"]

    def test_can_be_switched_off(self):
        shop = Shop(auto_allocate=False)

        assert shop.place()["allocations"] == []
        assert shop.call("GET", "/current_company").json["settings"]["auto_allocation_enabled"] is False


class TestAllocating:
    @pytest.fixture
    def shop(self) -> Shop:
        return Shop(auto_allocate=False)

    def body(self, shop: Shop, quantity: int) -> dict:
        rows = [{"sellable_id": shop.made["sellables"]["MUG-BLU"], "quantity": quantity}]
        return {"warehouse_id": shop.made["warehouses"]["Venlo EU"], "line_items_attributes": rows}

    def test_answers_post_with_the_order_put_with_the_allocation_delete_with_the_order(self, shop):
        order = shop.place()
        path = f"/orders/{order['id']}/allocations"

        created = shop.call("POST", path, json={"allocation": self.body(shop, 1)})
        allocation = created.json["allocations"][0]
        edited = shop.call("PUT", f"{path}/{allocation['id']}", json=self.body(shop, 2))
        deleted = shop.call("DELETE", f"{path}/{allocation['id']}")

        assert (created.status_code, created.json["number"], created.json["status"]) == (201, "CT-1", "awaiting_stock")
        assert (edited.json["id"], edited.json["line_items"][0]["quantity"]) == (allocation["id"], 2)
        assert (deleted.json["number"], deleted.json["allocations"]) == ("CT-1", [])

    def test_names_no_order_line(self, shop):
        order = shop.place()
        created = shop.call("POST", f"/orders/{order['id']}/allocations", json={"allocation": self.body(shop, 1)}).json

        line = created["allocations"][0]["line_items"][0]

        assert "sellable_id" not in line
        assert line["sellable"]["sku_code"] == "MUG-BLU"

    def test_refuses_more_than_the_order_asks_for(self, shop):
        order = shop.place()

        assert shop.call("POST", f"/orders/{order['id']}/allocations", json=self.body(shop, 3)).status_code == 400

    def test_may_reserve_more_than_there_is(self, shop):
        order = shop.place(quantity=500)

        shop.call("POST", f"/orders/{order['id']}/allocations", json=self.body(shop, 500))

        assert shop.entry("MUG-BLU", "Venlo EU")["available_stock_level"] < 0

    def test_keeps_parcel_measures(self, shop):
        order = shop.place()
        shop.call("POST", f"/orders/{order['id']}/allocations", json=self.body(shop, 2))
        path = f"/allocations/{shop.order()['allocations'][0]['id']}/allocation_package"

        good = shop.call("PUT", path, json={"allocation_package": {"weight": 500, "weight_unit": "g"}})
        bad = shop.call("PUT", path, json={"allocation_package": {"weight": "heavy"}})

        assert (good.json["type"], good.json["attributes"]["weight"], type(good.json["id"])) == ("allocation_package", 500.0, str)
        assert bad.status_code == 422


class TestShipping:
    def ship(self, shop: Shop, **more) -> object:
        order = shop.order()
        body = {"carrier_id": 1, "notify_customer": False, "update_remote_order": False, **more}
        return shop.call("POST", "/shipments", json={"shipment": body, "allocation_id": order["allocations"][0]["id"], "order_id": order["id"]})

    def test_has_no_tracking_unless_given(self, shop):
        shop.place()

        answer = self.ship(shop)

        assert (answer.status_code, answer.json["tracking_number"]) == (201, None)
        assert shop.order()["allocations"][0]["shipment"]["tracking_number"] is None
        assert shop.order()["status"] == "shipped"

    def test_wraps_the_tracking_number(self, shop):
        shop.place()

        self.ship(shop, tracking_number_attributes={"tracking_number": "AB1"})

        assert shop.order()["allocations"][0]["shipment"]["tracking_number"]["tracking_number"] == "AB1"

    def test_takes_reserved_and_physical_stock_together(self, shop):
        before = shop.entry("MUG-BLU")
        shop.place()

        self.ship(shop)

        after = shop.entry("MUG-BLU")
        assert after["physical_stock_level"] == before["physical_stock_level"] - 2
        assert after["allocated_stock_level"] == 0

    def test_is_refused_twice(self, shop):
        shop.place()
        self.ship(shop)

        answer = self.ship(shop)

        assert (answer.status_code, answer.json) == (400, {"error_messages": "This allocation is already shipped"})

    def test_needs_its_flags(self, shop):
        shop.place()

        assert self.ship(shop, notify_customer=None).status_code == 400
        assert self.ship(shop, carrier_id=999).status_code == 404

    def test_can_be_undone(self, shop):
        shop.place()
        shipment = self.ship(shop).json

        answer = shop.call("DELETE", f"/shipments/{shipment['id']}")

        assert (answer.status_code, answer.data) == (204, b"")
        assert (shop.order()["status"], shop.order()["shipped_at"]) == ("awaiting_fulfillment", None)
        assert shop.entry("MUG-BLU")["allocated_stock_level"] == 2

    def test_says_little_about_the_carrier_other(self, shop):
        shop.place()
        self.ship(shop, carrier_id=3, tracking_number_attributes={"tracking_number": "AB1"})

        shipment = shop.order()["allocations"][0]["shipment"]

        assert (shipment["carrier"]["slug"], shipment["tracking_url"], shipment["service_name"]) == (None, None, None)


class TestStaff:
    def test_ship_a_part(self, shop):
        shop.place(quantity=3)

        shop.control("ship", numbers=["CT-1"], units={"MUG-BLU": 2}, carrier_id=4)

        order = shop.order()
        shipped = [each for each in order["allocations"] if each["shipment"]]
        assert (order["status"], order["shipped_at"]) == ("awaiting_fulfillment", None)
        assert [each["line_items"][0]["quantity"] for each in shipped] == [2]

    def test_ship_several_parcels(self, shop):
        shop.place(quantity=3)

        shop.control("ship", numbers=["CT-1"], parcels=2)

        order = shop.order()
        assert order["status"] == "shipped"
        assert sorted(units(order)) == [[1], [2]]
        assert len({each["shipment"]["tracking_number"]["tracking_number"] for each in order["allocations"]}) == 2

    def test_track_later(self, shop):
        shop.place()
        shop.control("ship", numbers=["CT-1"], tracking="late")
        assert shop.summary()["shipments_without_tracking"] == 1

        shop.control("track", numbers=["CT-1"])

        assert shop.summary()["shipments_without_tracking"] == 0

    def test_unship(self, shop):
        shop.place()
        shop.control("ship", numbers=["CT-1"])

        shop.control("unship", numbers=["CT-1"])

        assert shop.order()["allocations"][0]["shipment"] is None

    def test_hold_and_release(self, shop):
        shop.place()

        shop.control("hold", numbers=["CT-1"])
        held = shop.order()["status"]
        shop.control("hold", numbers=["CT-1"], on=False)

        assert (held, shop.order()["status"]) == ("on_hold", "awaiting_fulfillment")

    def test_pick_and_pack(self, shop):
        shop.place()

        shop.control("pick", numbers=["CT-1"])
        shop.control("pack", numbers=["CT-1"])

        assert (shop.order()["picked_status"], shop.order()["allocations"][0]["packed_completely"]) == ("picked", True)

    def test_merge_two_orders(self, shop):
        survivor = shop.place("CT-1")
        shop.place("CT-2", quantity=3)

        shop.control("merge", numbers=["CT-2"], into="CT-1")

        assert (shop.order("CT-2")["merged_to_id"], shop.order("CT-2")["allocations"]) == (survivor["id"], [])
        assert shop.order("CT-1")["line_items"][0]["quantity"] == 5
        assert shop.order("CT-1")["allocated_completely"] is True

    def test_reallocate_under_new_ids(self, shop):
        before = shop.place()["allocations"][0]["id"]

        shop.control("reallocate", numbers=["CT-1"])

        assert shop.order()["allocations"][0]["id"] > before

    def test_cancel_reports_what_was_refused(self, shop):
        shop.place("CT-1")
        shipped = shop.place("CT-2")
        shop.control("ship", numbers=["CT-2"])

        answer = shop.control("cancel", numbers=["CT-1", "CT-2"], reason="Damaged")

        assert shop.order("CT-1")["cancel_reason"] == "Damaged"
        assert answer["refused"] == {str(shipped["id"]): ["Order has shipped items"]}

    def test_do_not_guess_an_unknown_order(self, shop):
        assert "no such orders" in shop.control("ship", numbers=["nope"])["error"]


class TestAutoShip:
    def test_ships_what_is_ready_and_tracks_it_later(self):
        shop = Shop(auto_ship_s=10, tracking_delay_s=5)
        shop.place("CT-1")
        shop.place("CT-2", payment_attributes=None)

        shop.wait(11)
        untracked = shop.order()["allocations"][0]["shipment"]["tracking_number"]
        shop.wait(16)

        assert untracked is None
        assert shop.order()["allocations"][0]["shipment"]["tracking_number"]["tracking_number"]
        assert shop.order("CT-2")["status"] == "awaiting_payment"

    def test_takes_up_the_backlog_when_switched_on(self, shop):
        shop.place()

        shop.control("settings", auto_ship_s=0)

        assert shop.order()["status"] == "shipped"

    def test_leaves_a_cancelled_order_alone(self):
        shop = Shop(auto_ship_s=10)
        shop.place()
        shop.control("cancel", numbers=["CT-1"])

        shop.wait(11)

        assert shop.order()["status"] == "cancelled"


class TestReturns:
    def test_of_shipped_goods_wait_for_their_parcel(self, shop):  # R84
        order = shop.place()
        shop.control("ship", numbers=["CT-1"])
        shop.control("return", numbers=["CT-1"], units={"MUG-BLU": 1}, reason="Too small")

        booked = shop.call("GET", f"/orders/{order['id']}/returns").json[0]

        assert (booked["type"], booked["status"]) == ("ShippedItemsReturn", "returning")
        assert (booked["line_items"][0]["quantity"], booked["line_items"][0]["received_quantity"]) == (1, None)
        assert booked["number"] == f"RN-{booked['id']}"

    def test_raise_stock_when_received(self, shop):
        shop.place()
        shop.control("ship", numbers=["CT-1"])
        before = shop.entry("MUG-BLU")["physical_stock_level"]
        shop.control("return", numbers=["CT-1"])

        shop.control("receive", numbers=["CT-1"], units={"MUG-BLU": 1})
        half = shop.order()["returns"][0]["status"]
        shop.control("receive", numbers=["CT-1"], restock=False)

        assert (half, shop.order()["returns"][0]["status"]) == ("returning", "returned")
        assert shop.entry("MUG-BLU")["physical_stock_level"] == before + 1

    def test_of_unshipped_goods_are_over_at_once(self, shop):
        shop.place()

        shop.control("return", numbers=["CT-1"], units={"MUG-BLU": 1})

        booked = shop.order()["returns"][0]
        assert (booked["type"], booked["status"]) == ("AllocatedItemsReturn", "returned")
        assert shop.entry("MUG-BLU")["allocated_stock_level"] == 1

    def test_are_an_empty_list_when_there_are_none(self, shop):
        assert shop.call("GET", f"/orders/{shop.place()['id']}/returns").json == []


class TestOddities:
    @pytest.mark.parametrize(
        ("name", "key", "shown"),
        [("no_allocations", "allocations", []), ("unknown_status", "status", "awaiting_amazon_stock"), ("no_people", "customer", None)],
    )
    def test_strike_so_many_times(self, shop, name, key, shown):
        path = f"/orders/{shop.place()['id']}"
        shop.control("oddities", name=name, times=1)

        first, second = (shop.call("GET", path).json for _ in range(2))

        assert first[key] == shown
        assert second[key] != shown

    def test_show_tracking_as_plain_text(self, shop):
        path = f"/orders/{shop.place()['id']}"
        shop.control("ship", numbers=["CT-1"], tracking="AB1")
        shop.control("oddities", name="plain_tracking")

        assert shop.call("GET", path).json["allocations"][0]["shipment"]["tracking_number"] == "AB1"


class TestSettings:
    def test_refuse_a_name_they_do_not_know(self, shop):
        assert "no such setting" in shop.control("settings", serch_lag_s=1)["error"]
        with pytest.raises(ValueError, match="no such setting"):
            build(serch_lag_s=1)

    def test_may_keep_a_change_silent(self):
        shop = Shop(silent_changes=["return"])
        shop.place()
        shop.control("ship", numbers=["CT-1"])
        before = shop.order()["updated_at"]
        shop.wait(60)

        shop.control("return", numbers=["CT-1"])

        assert shop.order()["updated_at"] == before
