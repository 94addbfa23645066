"""The Mirakl simulator's orders: read, accepted in time or refused by the clock, tracked, shipped."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.sandbox.mirakl.models import STATES
from tests.sandbox.mirakl_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestReading:
    def test_shows_a_waiting_order_whole(self, shop):
        order_id = shop.control("place", lines={"MUG-BLU": 2, "TEE-RED": 1})["order_ids"][0]

        order = shop.order(order_id)

        assert order["order_state"] == "WAITING_ACCEPTANCE"
        assert [(line["offer_sku"], line["quantity"], line["price"]) for line in order["order_lines"]] == [("MUG-BLU", 2, 50), ("TEE-RED", 1, 18.5)]
        assert (order["price"], order["shipping_price"], order["total_price"]) == (68.5, 3.9, 72.4)
        assert order["total_commission"] == sum(line["total_commission"] for line in order["order_lines"])
        assert order["order_lines"][0]["taxes"] == [{"code": "VAT20", "amount": 8.33, "rate": 20, "tax_calculation_rule": "PROPORTIONAL_TO_AMOUNT"}]

    def test_pages_ten_at_a_time_with_links(self, shop):
        shop.control("place", sku="MUG-BLU", count=25)

        answer = shop.call("GET", "/orders", query={"offset": 10})

        assert (len(answer.json["orders"]), answer.json["total_count"]) == (10, 25)
        assert 'offset=20&shop_id=2310&max=10>; rel="next"' in answer.headers["Link"]
        assert 'rel="previous"' in answer.headers["Link"]

    def test_refuses_pages_over_a_hundred_or_clamps_them(self, shop):
        answer = shop.call("GET", "/orders", query={"max": 101})
        shop.control("settings", max_over_100="clamp")

        assert (answer.status_code, answer.json["message"]) == (400, "The limit of 100 is exceeded for the parameter : max")
        assert shop.call("GET", "/orders", query={"max": 101}).status_code == 200

    def test_filters_by_state_and_by_ids_in_comma_lists(self, shop):
        waiting, going = shop.place(), shop.to_ship()

        found = shop.get("/orders", order_state_codes="SHIPPING,SHIPPED")["orders"]

        assert [order["order_id"] for order in found] == [going]
        assert shop.get("/orders", order_ids=f"{waiting},{going},W-0-A")["total_count"] == 2

    def test_refuses_more_than_a_hundred_ids(self, shop):
        answer = shop.call("GET", "/orders", query={"order_ids": ",".join(str(at) for at in range(101))})

        assert answer.json == {"status": 400, "message": "The limit of 100 is exceeded for the parameter : order_ids"}

    def test_moves_the_update_window_back_a_little(self, shop):
        order_id = shop.place()
        changed = datetime.fromisoformat(shop.order(order_id)["last_updated_date"])

        within = (changed + timedelta(seconds=50)).isoformat()
        after = (changed + timedelta(seconds=70)).isoformat()

        assert shop.get("/orders", start_update_date=within)["total_count"] == 1
        assert shop.get("/orders", start_update_date=after)["total_count"] == 0

    @pytest.mark.parametrize("written", ["2026-08-01", "yesterday", "2026-08-01T00:00:00"])
    def test_refuses_what_is_no_date_time(self, shop, written):
        assert shop.call("GET", "/orders", query={"start_update_date": written}).status_code == 400

    @pytest.mark.parametrize("query", [{"order_state_codes": "OPEN"}, {"has_incident": "True"}, {"order_tax_mode": "NET"}, {"max": "many"}])
    def test_refuses_values_that_it_does_not_know(self, shop, query):
        assert shop.call("GET", "/orders", query=query).status_code == 400

    def test_finds_an_order_by_the_reference_that_we_set(self, shop):
        order_id = shop.place()
        item = {"order_id": order_id, "references": {"order_reference_for_seller": "VQ-1"}}

        answer = shop.call("PUT", "/orders", json={"orders": [item, {**item, "order_id": "W-0-A"}]})

        assert [len(each["errors"]) for each in answer.json["updated_orders"]] == [0, 1]
        assert shop.get("/orders", order_references_for_seller="VQ-1")["orders"][0]["order_id"] == order_id

    def test_takes_taxes_out_of_prices_where_asked(self, shop):
        shop.place(shipping_price=0, price=12)

        order = shop.get("/orders", order_tax_mode="TAX_EXCLUDED")["orders"][0]

        assert (order["order_tax_mode"], order["total_price"]) == ("TAX_EXCLUDED", 10)


class TestTheCustomer:
    @pytest.mark.parametrize(("form", "seen"), [("nulls", {"city": None}), ("null", None), ("missing", "gone")])
    def test_has_no_address_before_acceptance(self, form, seen):
        shop = Shop(hidden_address=form)
        customer = shop.order(shop.place())["customer"]

        address = customer.get("shipping_address", "gone")

        assert (address if form != "nulls" else {"city": address["city"]}) == seen

    @pytest.mark.parametrize(("setting", "shown"), [("created", [True] * 3), ("acceptance", [False, True, True]), ("shipping", [False, False, True])])
    def test_has_an_address_from_the_operators_moment_on(self, setting, shown):
        shop = Shop(address_available_at=setting, debit_delay_s=None)
        order_id = shop.place()
        seen = [shop.order(order_id)["customer"]["shipping_address"]["city"] is not None]

        shop.decide(order_id, True)
        seen.append(shop.order(order_id)["customer"]["shipping_address"]["city"] is not None)
        shop.control("debit", order_ids=[order_id])
        seen.append(shop.order(order_id)["customer"]["shipping_address"]["city"] is not None)

        assert seen == shown

    def test_is_never_named_by_a_real_email(self):
        repeated, fresh = Shop(emails="customer"), Shop()

        same = {repeated.order(repeated.place(customer=1))["customer_notification_email"] for _ in range(2)}
        different = {fresh.order(fresh.place(customer=1))["customer_notification_email"] for _ in range(2)}

        assert (len(same), len(different)) == (1, 2)
        assert all(each.endswith("@notification.mirakl.net") for each in same | different)

    def test_lives_in_a_country_of_three_letters(self, shop):
        assert shop.order(shop.to_ship())["customer"]["shipping_address"]["country_iso_code"] == "GBR"


class TestAcceptance:
    def test_waits_for_the_debit_before_shipping(self):
        shop = Shop(debit_delay_s=60)
        order_id = shop.place()
        states = []

        assert shop.decide(order_id, True).status_code == 204
        for seconds in (0, 31, 30):
            shop.wait(seconds)
            states.append(shop.order(order_id)["order_state"])

        assert states == ["WAITING_DEBIT", "WAITING_DEBIT_PAYMENT", "SHIPPING"]
        assert shop.order(order_id)["customer_debited_date"]

    def test_goes_straight_to_shipping_where_payment_comes_later(self, shop):
        assert shop.order(shop.to_ship(payment_workflow="PAY_ON_DELIVERY"))["order_state"] == "SHIPPING"

    def test_needs_every_line(self, shop):
        order_id = shop.control("place", lines={"MUG-BLU": 1, "TEE-RED": 1})["order_ids"][0]

        answer = shop.decide(order_id, True)

        assert answer.status_code == 400
        assert answer.json["errors"][0]["code"] == "ORDER_LINE_ACCEPTANCE_DECISION_MISSING"
        assert shop.order(order_id)["order_state"] == "WAITING_ACCEPTANCE"

    def test_may_be_mixed_and_the_sums_follow(self, shop):
        order_id = shop.control("place", lines={"MUG-BLU": 1, "TEE-RED": 1})["order_ids"][0]

        shop.decide(order_id, True, False)

        order = shop.order(order_id)
        assert [line["order_line_state"] for line in order["order_lines"]] == ["SHIPPING", "REFUSED"]
        assert (order["order_state"], order["price"], order["total_price"]) == ("SHIPPING", 25, 28.9)

    def test_may_not_be_mixed_where_the_operator_forbids_it(self):
        shop = Shop(partial_acceptance=False)
        order_id = shop.control("place", lines={"MUG-BLU": 1, "TEE-RED": 1})["order_ids"][0]

        answer = shop.decide(order_id, True, False)

        assert answer.json["errors"][0]["code"] == "ORDER_PARTIAL_ACCEPTANCE_DISABLED"
        assert shop.decide(order_id, False, False).status_code == 204

    def test_refuses_the_order_when_no_line_is_left(self, shop):
        order_id = shop.place()

        shop.decide(order_id, False)

        order = shop.order(order_id)
        assert (order["order_state"], order["total_price"]) == ("REFUSED", 0)
        assert order["acceptance_decision_date"]

    @pytest.mark.parametrize(
        ("lines", "code"),
        [
            ([{"id": "{0}-1", "accepted": True}, {"id": "{0}-9", "accepted": True}], "ORDER_LINE_NOT_FOUND"),
            ([{"id": "{0}-1", "accepted": True}] * 2, "ORDER_LINE_DUPLICATE_ID"),
            ([None], "ORDER_LINE_NULL_ELEMENT"),
            ([{"id": "{0}-1"}], "VALIDATION_ERROR"),
            ([{"id": "{0}-1", "accepted": "yes"}], "VALIDATION_ERROR"),
            ([], "VALIDATION_ERROR"),
        ],
    )
    def test_names_what_is_wrong_with_a_decision(self, shop, lines, code):
        order_id = shop.place()
        written = [line and {**line, "id": line["id"].format(order_id)} for line in lines]

        answer = shop.call("PUT", f"/orders/{order_id}/accept", json={"order_lines": written})

        assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, code)

    def test_happens_once(self, shop):
        order_id = shop.to_ship()

        again = shop.decide(order_id, True)

        assert (again.status_code, again.json["errors"][0]["code"]) == (400, "ORDER_INVALID_STATE")
        assert shop.summary()["accepted_twice"] == [order_id]

    def test_may_tell_its_errors_as_one_message(self):
        shop = Shop(coded_errors="message")

        assert shop.decide("W-0-A", True).json == {"status": 404, "message": "Order not found"}

    def test_can_be_the_operators_own(self):
        shop = Shop(order_acceptance="AUTOMATIC")

        order = shop.order(shop.place())

        assert (order["order_state"], order["acceptance_decision_date"]) == ("SHIPPING", None)


class TestTheWindow:
    def test_refuses_by_itself_without_a_decision_date(self):
        shop = Shop(acceptance_window_s=3600)
        order_id = shop.place()
        shop.wait(3590)
        before = shop.order(order_id)["order_state"]

        shop.wait(20)

        order = shop.order(order_id)
        assert (before, order["order_state"], order["acceptance_decision_date"]) == ("WAITING_ACCEPTANCE", "REFUSED", None)
        assert shop.summary()["auto_refused"] == [order_id]
        assert shop.decide(order_id, True).status_code == 400

    def test_shrinks_with_the_time_scale(self):
        shop = Shop(acceptance_window_s=24 * 3600, time_scale=1 / 3600)
        order_id = shop.place()

        shop.wait(25)

        assert shop.order(order_id)["order_state"] == "REFUSED"

    def test_leaves_an_accepted_order_alone(self):
        shop = Shop(acceptance_window_s=3600, debit_delay_s=None)
        order_id = shop.to_ship()

        shop.wait(7200)

        assert shop.order(order_id)["order_state"] == "WAITING_DEBIT"

    def test_may_cost_the_stock_of_what_was_not_answered(self):
        shop = Shop(acceptance_window_s=60, auto_refusal_zeroes_stock=True)
        shop.place()

        shop.wait(61)

        assert shop.offer()["quantity"] == 0
        assert shop.offer()["inactivity_reasons"] == ["ZERO_QUANTITY"]

    def test_opens_when_the_fraud_check_is_over(self):
        shop = Shop()
        order_id = shop.place(staging_s=60)
        before = shop.order(order_id)["order_state"]

        shop.wait(61)

        assert (before, shop.order(order_id)["order_state"]) == ("STAGING", "WAITING_ACCEPTANCE")


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

    def test_shows_odd_orders_on_demand(self, shop):
        shop.place()
        shop.control("oddities", name="unknown_state")
        odd, plain = (shop.get("/orders")["orders"][0]["order_state"] for _ in range(2))

        assert odd not in STATES
        assert plain == "WAITING_ACCEPTANCE"

    def test_repeats_an_order_on_the_next_page(self, shop):
        ids = shop.control("place", sku="MUG-BLU", count=4)["order_ids"]
        shop.control("oddities", name="repeated_order")

        pages = [[order["order_id"] for order in shop.get("/orders", max=2, offset=at)["orders"]] for at in (0, 2)]

        assert pages == [ids[:2], ids[1:3]]
