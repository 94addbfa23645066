"""The Mirakl simulator's orders once they may be shipped: tracked, sent, complained about, taken back."""

from __future__ import annotations

import pytest

from connectors.sandbox.mirakl import SHOP_ID
from tests.sandbox.mirakl_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestTracking:
    def test_names_a_registered_carrier(self, shop):
        order_id = shop.to_ship()

        answer = shop.call("PUT", f"/orders/{order_id}/tracking", json={"carrier_code": "DPD-UK", "tracking_number": "155"})

        order = shop.order(order_id)
        assert (answer.status_code, answer.data) == (204, b"")
        assert (order["shipping_carrier_code"], order["shipping_company"], order["shipping_tracking"]) == ("DPD-UK", "DPD (UK)", "155")
        assert order["shipping_tracking_url"] == "https://track.dpd.example/155"

    @pytest.mark.parametrize("code", ["XYZ", "dpd-uk", "DPD-UK ", "DPD (UK)"])
    def test_refuses_a_code_that_is_not_in_the_list(self, shop, code):
        order_id = shop.to_ship()

        answer = shop.call("PUT", f"/orders/{order_id}/tracking", json={"carrier_code": code, "tracking_number": "155"})

        assert answer.json == {"status": 400, "message": f"Carrier with code {code} does not exist"}
        assert shop.order(order_id)["shipping_carrier_code"] is None

    def test_needs_the_number_that_the_carriers_address_needs(self, shop):
        path = f"/orders/{shop.to_ship()}/tracking"

        assert shop.call("PUT", path, json={"carrier_code": "DPD-UK", "tracking_number": ""}).status_code == 400
        assert shop.call("PUT", path, json={"carrier_code": "RM"}).status_code == 204

    def test_takes_an_unregistered_carrier_unless_forbidden(self, shop):
        path = f"/orders/{shop.to_ship()}/tracking"
        body = {"carrier_code": "", "carrier_name": "Fast Van Ltd", "carrier_url": "https://fastvan.example/7", "tracking_number": "7"}

        allowed = shop.call("PUT", path, json=body)
        shop.control("settings", alternative_carriers=False)

        assert allowed.status_code == 204
        assert shop.call("PUT", path, json=body).status_code == 400

    @pytest.mark.parametrize(("late", "statuses"), [("missing", [204, 400]), ("always", [204, 204]), ("never", [400, 400])])
    def test_may_come_late(self, late, statuses):
        shop = Shop(late_tracking=late)
        path = f"/orders/{shop.shipped()}/tracking"

        assert [shop.call("PUT", path, json={"carrier_code": "RM"}).status_code for _ in range(2)] == statuses

    def test_is_refused_before_the_order_may_ship(self, shop):
        assert shop.call("PUT", f"/orders/{shop.place()}/tracking", json={"carrier_code": "RM"}).status_code == 400


class TestShipping:
    def test_moves_the_order_on_to_its_end(self):
        shop = Shop(receive_after_s=60, close_after_s=60)
        order_id = shop.shipped()
        states = []

        for _ in range(3):
            states.append(shop.order(order_id)["order_state"])
            shop.wait(61)

        assert states == ["SHIPPED", "RECEIVED", "CLOSED"]

    def test_happens_once(self, shop):
        order_id = shop.shipped()

        again = shop.call("PUT", f"/orders/{order_id}/ship")

        assert again.json == {"status": 400, "message": "The order status must be 'SHIPPING' but it is 'SHIPPED'."}
        assert shop.summary()["shipped_twice"] == [order_id]

    def test_needs_tracking_where_the_shipping_type_does(self, shop):
        order_id = shop.to_ship(shipping_type="EXP")

        refused = shop.call("PUT", f"/orders/{order_id}/ship")
        shop.call("PUT", f"/orders/{order_id}/tracking", json={"carrier_code": "DPD-UK", "tracking_number": "1"})

        assert refused.json["message"] == "Tracking details are mandatory for this shipping method"
        assert shop.call("PUT", f"/orders/{order_id}/ship").status_code == 204

    def test_is_not_the_shops_where_the_operator_delivers(self, shop):
        order_id = shop.to_ship(shipping_type="OPS")

        assert shop.order(order_id)["can_shop_ship"] is False
        assert shop.call("PUT", f"/orders/{order_id}/ship").status_code == 400

    def test_counts_the_carriers_of_what_has_left(self, shop):
        order_id = shop.to_ship()
        shop.call("PUT", f"/orders/{order_id}/tracking", json={"carrier_code": "RM"})
        shop.call("PUT", f"/orders/{order_id}/ship")
        shop.shipped()

        assert shop.summary()["carriers"] == {"RM": 1, "(none)": 1}

    def test_can_be_given_up_before_the_debit_only(self, shop):
        unpaid, paid = shop.to_ship(payment_workflow="PAY_ON_DELIVERY"), shop.to_ship()

        assert [shop.order(each)["can_cancel"] for each in (unpaid, paid)] == [True, False]
        assert [shop.call("PUT", f"/orders/{each}/cancel").status_code for each in (unpaid, paid)] == [204, 400]
        assert shop.order(unpaid)["order_state"] == "CANCELED"


class TestTheWorld:
    def test_takes_an_order_back(self, shop):
        order_id = shop.to_ship()

        shop.control("cancel", order_ids=[order_id], reason_code="32")

        order = shop.order(order_id)
        assert (order["order_state"], order["order_state_reason_code"], order["total_price"]) == ("CANCELED", "32", 0)

    def test_opens_an_incident_that_the_shop_resolves(self, shop):
        order_id = shop.shipped()
        shop.control("incident", order_ids=[order_id])
        open_now = shop.order(order_id)

        answer = shop.call("PUT", f"/orders/{order_id}/lines/{order_id}-1/resolve_incident", json={"reason_code": "8"})

        assert (open_now["has_incident"], open_now["order_lines"][0]["order_line_state"]) == (True, "INCIDENT_OPEN")
        assert (answer.status_code, shop.order(order_id)["order_lines"][0]["order_line_state"]) == (204, "SHIPPED")

    def test_may_fail_to_pay(self):
        shop = Shop(debit_delay_s=None)
        order_id = shop.to_ship()

        shop.control("debit", order_ids=[order_id], ok=False)

        assert shop.order(order_id)["order_state"] == "CANCELED"

    def test_collects_a_parcel_before_it_is_received(self, shop):
        order_id, states = shop.shipped(), []
        for state in ("TO_COLLECT", "RECEIVED"):
            shop.control("move", order_ids=[order_id], to=state)
            states.append(shop.order(order_id)["order_state"])

        assert states == ["TO_COLLECT", "RECEIVED"]

    def test_splits_a_basket_between_shops(self, shop):
        ids = [shop.place(commercial_id="W-7", shop_id=shop_id) for shop_id in (SHOP_ID, SHOP_ID + 1)]

        assert ids == ["W-7-A", "W-7-B"]
