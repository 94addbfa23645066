"""The Mirakl simulator's orders: read, accepted in time or refused by the clock."""

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

    def test_is_not_counted_when_it_was_only_wrong(self, shop):
        order_id = shop.place()
        shop.decide(order_id, True, True)
        shop.decide(order_id, True)

        assert shop.summary()["accepted_twice"] == []

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


class TestOddities:
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
