"""The Mirakl simulator's door: keys, roles, shops, frequencies, statuses, and what seldom changes."""

from __future__ import annotations

import pytest

from connectors.sandbox.kit import serve
from connectors.sandbox.mirakl import ADMIN_KEY, API_KEY, OPERATORS, PARTNER_KEY, SHOP_ID, build
from tests.sandbox.mirakl_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestKeys:
    @pytest.mark.parametrize("key", ["", "wrong", f"Bearer {API_KEY}"])
    def test_are_compared_bare(self, shop, key):
        answer = shop.call("GET", "/account", key=key)

        assert (answer.status_code, answer.json) == (401, {"status": 401, "message": "Unauthorized"})

    def test_need_the_accountants_role_for_payouts_only(self, shop):
        path = "/sellerpayment/transactions_logs"

        assert [shop.call("GET", path, key=key).status_code for key in (API_KEY, ADMIN_KEY)] == [200, 403]
        assert shop.call("GET", "/orders", key=ADMIN_KEY).status_code == 200

    def test_show_the_platform_to_administrators_only(self, shop):
        assert [shop.call("GET", "/platform/configuration", key=key).status_code for key in (API_KEY, PARTNER_KEY)] == [200, 403]

    def test_belong_to_shops(self, shop):
        shop.place(shop_id=SHOP_ID + 1)

        assert shop.call("GET", "/orders", shop_id=SHOP_ID + 1).json["total_count"] == 1
        assert shop.call("GET", "/orders", shop_id=None).json["total_count"] == 0
        assert shop.call("GET", "/orders", shop_id=SHOP_ID + 1, key=ADMIN_KEY).status_code == 403
        assert shop.call("GET", "/orders", shop_id=99).status_code == 403

    def test_do_not_reach_another_shops_order(self, shop):
        order_id = shop.place(shop_id=SHOP_ID + 1)

        assert shop.decide(order_id, True).status_code == 404


class TestStatuses:
    def test_tell_unknown_paths_and_verbs_apart_in_json(self, shop):
        assert shop.call("GET", "/nothing").json == {"status": 404, "message": "Not Found"}
        assert shop.call("DELETE", "/orders").json["status"] == 405

    def test_refuse_what_is_no_json(self, shop):
        path = f"/orders/{shop.place()}/accept"

        assert shop.call("PUT", path, data="{}").status_code == 415
        assert shop.call("PUT", path, data="{", content_type="application/json").json == {"status": 400, "message": "Bad Request"}

    def test_refuse_an_answer_that_nobody_can_read(self, shop):
        assert shop.call("GET", "/orders", headers={"Accept": "application/xml"}).status_code == 406

    def test_can_have_no_body_at_all(self, shop):
        shop.control("oddities", name="empty_error")

        assert shop.call("GET", "/nothing").data == b""

    def test_survive_a_lost_answer_with_the_work_done(self, shop):
        order_id = shop.place()
        shop.control("faults", fault="lost_after", path="accept")

        assert shop.decide(order_id, True).status_code == 599
        assert shop.order(order_id)["order_state"] == "SHIPPING"


class TestFrequencies:
    def limited(self, **settings):
        return Shop(rate_scale=1, **settings)

    def test_let_orders_be_read_once_a_minute(self):
        shop = self.limited()

        first, second = (shop.call("GET", "/orders") for _ in range(2))
        shop.wait(61)

        assert (first.status_code, second.status_code) == (200, 429)
        assert second.json == {"status": 429, "message": "Too Many Requests"}
        assert 55 <= int(second.headers["Retry-After"]) <= 60
        assert shop.call("GET", "/orders").status_code == 200

    def test_do_not_count_further_pages_unless_told(self):
        free, counted = self.limited(), self.limited(pages_counted=True)

        statuses = [[each.call("GET", "/orders", query={"offset": at}).status_code for at in (0, 10, 20)] for each in (free, counted)]

        assert statuses == [[200, 200, 200], [200, 429, 429]]

    def test_are_slower_for_external_partners(self):
        shop = self.limited()
        shop.call("GET", "/orders", key=PARTNER_KEY)
        shop.wait(61)

        refused = shop.call("GET", "/orders", key=PARTNER_KEY)

        assert (refused.status_code, int(refused.headers["Retry-After"]) > 800) == (429, True)

    @pytest.mark.parametrize(("path", "seconds"), [("/shipping/carriers", 86400), ("/account", 86400), ("/offers/stock/imports/1/status", 15)])
    def test_differ_by_operation(self, path, seconds):
        shop = self.limited()
        shop.call("GET", path)

        assert shop.call("GET", path).status_code == 429
        shop.wait(seconds + 1)
        assert shop.call("GET", path).status_code != 429

    def test_count_each_key_and_operation_for_itself(self):
        shop = self.limited()
        shop.call("GET", "/orders")

        assert shop.call("GET", "/orders", key=ADMIN_KEY).status_code == 200
        assert shop.call("GET", "/shipping/carriers").status_code == 200

    def test_leave_decisions_alone(self):
        shop = self.limited()
        ids = shop.control("place", sku="MUG-BLU", count=30)["order_ids"]

        assert {shop.decide(order_id, True).status_code for order_id in ids} == {204}

    def test_hold_two_windows_for_payouts(self):
        shop = self.limited()
        path = "/sellerpayment/transactions_logs"
        burst = [shop.call("GET", path).status_code for _ in range(21)]
        for _ in range(2):
            shop.wait(61)
            burst += [shop.call("GET", path).status_code for _ in range(20)]
        shop.wait(61)

        last = shop.call("GET", path)

        assert (burst.count(200), burst[20], last.status_code) == (60, 429, 429)
        assert int(last.headers["Retry-After"]) > 3000

    def test_scale_with_the_setting(self):
        shop = Shop(rate_scale=120)
        shop.call("GET", "/orders")

        assert shop.call("GET", "/orders").headers["Retry-After"] == "1"
        shop.wait(0.6)
        assert shop.call("GET", "/orders").status_code == 200

    def test_can_be_injected_with_a_pause(self, shop):
        shop.control("faults", fault="429")

        answer = shop.call("GET", "/orders")

        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


class TestReference:
    def test_lists_this_operators_carriers_by_label(self, shop):
        shop.control("carriers", add={"code": "APC", "label": "APC Overnight"}, remove="EVRI")

        assert [each["code"] for each in shop.get("/shipping/carriers")["carriers"]] == ["APC", "DPD-UK", "RM"]

    def test_says_which_reasons_are_ours(self, shop):
        reasons = shop.get("/reasons")["reasons"]

        assert {"type": "CANCELATION", "code": "31", "label": "Out of stock", "is_shop_right": True} in reasons
        assert any(not each["is_shop_right"] for each in reasons)

    def test_tells_the_platforms_flags(self):
        shop = Shop(multi_shipment=True, alternative_carriers=False, address_available_at="created")

        features = shop.get("/platform/configuration")["features"]

        assert features["shipment"]["multi_shipment"] is True
        assert features["disable_seller_alternative_carrier"] is True
        assert features["order_workflows"]["shipping_and_billing_details_before_acceptance"] is True

    def test_shows_a_shop_that_is_not_open(self, shop):
        shop.control("shop", state="SUSPENDED")

        account = shop.get("/account")

        assert (account["shop_id"], account["shop_state"], account["suspension_type"]) == (SHOP_ID, "SUSPENDED", "MANUAL")
        assert "SHOP_NOT_OPEN" in shop.offer()["inactivity_reasons"]

    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("/shipping/zones", "shipping_zones"),
            ("/shipping/types", "shipping_types"),
            ("/shipping/logistic_classes", "logistic_classes"),
            ("/additional_fields", "additional_fields"),
            ("/documents", "documents"),
            ("/channels", "channels"),
            ("/currencies", "currencies"),
            ("/orders/taxes", "taxes"),
            ("/offers/states", "offer_states"),
        ],
    )
    def test_has_lists_that_seldom_change(self, shop, path, name):
        assert all("code" in each for each in shop.get(path)[name])

    def test_answers_the_version_to_anybody(self, shop):
        assert shop.client.get("/api/version").status_code == 200


class TestOperators:
    def test_differ_in_their_rules(self):
        shops = {name: Shop(**settings, name=name) for name, settings in OPERATORS.items()}

        codes = {name: {each["code"] for each in shop.get("/shipping/carriers")["carriers"]} for name, shop in shops.items()}

        assert len(codes) == 3
        assert not set.intersection(*codes.values())

    def test_have_keys_of_their_own(self):
        shop = Shop(api_key="maison-key")

        assert [shop.call("GET", "/account", key=key).status_code for key in ("maison-key", API_KEY)] == [200, 401]

    def test_refuse_a_setting_that_is_none(self):
        with pytest.raises(ValueError, match="acceptance_window_h"):
            build(acceptance_window_h=3)

    def test_listen_on_loopback(self):
        running = serve(build())
        try:
            assert running.url.startswith("http://127.0.0.1:")
        finally:
            running.stop()
