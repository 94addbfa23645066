"""The Veeqo simulator's transport and orders, as the vendor's documentation and live captures describe them."""

from __future__ import annotations

import pytest

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.veeqo import API_KEY, BEARER_TOKEN, OTHER_API_KEY
from tests.sandbox.veeqo_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestTransport:
    def test_turns_away_a_wrong_key(self, shop):
        answer = shop.call("GET", "/orders", key="wrong")

        assert (answer.status_code, answer.json) == (401, {"error_messages": "You're not authorized"})

    def test_takes_a_bearer_token(self, shop):
        answer = shop.client.get("/current_user", headers={"Authorization": f"Bearer {BEARER_TOKEN}"})

        assert answer.json["login"] == "Ops Portal"

    def test_overflows_with_an_empty_429(self):
        shop = Shop(rate_scale=1.0, capacity=3)

        *before, last = [shop.call("GET", "/current_user") for _ in range(4)]

        assert [each.status_code for each in before] == [200, 200, 200]
        assert (last.status_code, last.data, last.headers["Content-Length"]) == (429, b"", "0")
        assert "Content-Type" not in last.headers
        assert "Retry-After" not in last.headers

    def test_keeps_a_bucket_for_each_key(self):
        shop = Shop(rate_scale=1.0, capacity=1)
        shop.call("GET", "/current_user")

        assert shop.call("GET", "/current_user").status_code == 429
        assert shop.call("GET", "/current_user", key=OTHER_API_KEY).status_code == 200

    def test_knows_four_shapes_of_error(self, shop):
        assert shop.call("GET", "/orders/1").json == {"error_messages": "Not found"}
        assert shop.call("GET", "/orders?page_size=abc").json == {"error_messages": ["Infinity"]}
        assert shop.call("GET", "/shipments").data == b'{"status":404,"error":"Not Found"}'
        assert shop.call("GET", "/suppliers").json == {"error_messages": "Feature not available on your current plan"}

    def test_answers_an_injected_429_like_its_own(self, shop):
        shop.control("faults", fault="429")

        assert shop.call("GET", "/orders").data == b""

    def test_stops_at_once_when_the_key_is_revoked(self, shop):
        shop.control("keys", revoke=API_KEY)

        assert shop.call("GET", "/current_user").status_code == 401


class TestPaging:
    def test_counts_in_headers_only(self, shop):
        for number in range(3):
            shop.place(f"CT-{number}")

        answer = shop.call("GET", "/orders?page=2&page_size=2")

        assert [each["number"] for each in answer.json] == ["CT-0"]
        names = ("X-Total-Count", "X-Total-Pages-Count", "X-Page-Index", "X-Per-Page")
        assert [answer.headers[name] for name in names] == ["3", "2", "2", "2"]

    @pytest.mark.parametrize(("path", "default"), [("/products", 12), ("/delivery_methods", 1)])
    def test_starts_with_a_small_page(self, path, default):
        shop = Shop()
        shop.control("skus", skus=[{"sku": f"S{at}", "title": f"S{at}", "price": 1} for at in range(20)])

        assert len(shop.call("GET", path).json) == default

    @pytest.mark.parametrize("path", ["/channels", "/delivery_methods", "/tags"])
    def test_sends_no_headers_for_small_lists(self, shop, path):
        assert "X-Total-Count" not in shop.call("GET", path).headers

    def test_sends_warehouses_the_totals_alone(self, shop):
        headers = shop.call("GET", "/warehouses").headers

        assert headers["X-Total-Count"] == "2"
        assert "X-Per-Page" not in headers

    def test_is_empty_past_the_end(self, shop):
        assert shop.call("GET", "/orders?page=9").json == []

    def test_clamps_the_size_to_a_hundred(self, shop):
        assert shop.call("GET", "/orders?page_size=500").headers["X-Per-Page"] == "100"

    def test_may_lie_about_its_pages(self, shop):
        for number in range(3):
            shop.place(f"CT-{number}")
        for name in ("wrong_page_headers", "repeated_page"):
            shop.control("oddities", name=name)

        answers = [shop.call("GET", f"/orders?page={page}&page_size=1") for page in (1, 2, 3)]

        assert [each.headers["X-Total-Pages-Count"] for each in answers] == ["1", "3", "3"]
        assert [each.json[0]["number"] for each in answers] == ["CT-2", "CT-2", "CT-0"]


class TestFilters:
    def test_ignore_a_date_they_cannot_read(self, shop):
        shop.place()

        assert shop.numbers("updated_at_min=yesterday") == ["CT-1"]
        assert shop.numbers("updated_at_min=2999-01-01T00:00:00+00:00") == ["CT-1"]  # the plus arrived as a blank
        assert shop.numbers("updated_at_min=2999-01-01 00:00:00") == []

    def test_find_nothing_for_an_unknown_status(self, shop):
        shop.place()

        assert shop.numbers("status=half_done") == []

    def test_hide_cancelled_orders(self, shop):
        order = shop.place()
        shop.call("PUT", f"/orders/{order['id']}/cancel", json={"id": order["id"]})

        assert shop.numbers() == []
        assert shop.numbers("status=cancelled") == ["CT-1"]

    def test_find_what_changed_since(self, shop):
        first = shop.place("CT-1")
        shop.place("CT-2")
        shop.client.post(f"{ADMIN}/clock", json={"skew_s": 3600})
        bound = shop.place("CT-3")["created_at"]
        shop.call("POST", f"/orders/{first['id']}/notes", json={"text": "late"})

        assert shop.numbers(f"updated_at_min={bound[:19]}Z") == ["CT-3", "CT-1"]

    def test_search_is_fuzzy(self, shop):
        for number in ("CT-1", "CT-10", "MK-1"):
            shop.place(number)

        assert shop.numbers("query=ct-1") == ["CT-10", "CT-1"]

    def test_search_may_lag(self):
        shop = Shop(search_lag_s=60)
        shop.place()

        assert shop.numbers("query=CT-1") == []
        shop.client.post(f"{ADMIN}/clock", json={"skew_s": 61})
        assert shop.numbers("query=CT-1") == ["CT-1"]

    def test_narrow_to_channels(self, shop):
        other = shop.made["channels"]["Mirakl FR"]
        shop.place("CT-1")
        shop.place("MK-1", channel_id=other)

        assert shop.numbers(f"channel_ids[]={other}") == ["MK-1"]
        assert shop.numbers(f"channel_ids={other}") == ["MK-1"]


class TestCreatingAnOrder:
    def test_adds_up_net_prices(self, shop):
        order = shop.place(delivery_cost="3.95")

        assert (order["subtotal_price"], order["total_tax"], order["total_price"]) == (50.0, 10.0, 63.95)

    def test_twice_makes_two(self, shop):
        assert shop.place()["id"] != shop.place(customer_attributes={"email": "b@example.com"})["id"]
        assert shop.client.get(f"{ADMIN}/summary").json["duplicates"] == {"CT-1": 2}

    def test_twice_is_refused_where_numbers_are_unique(self):
        shop = Shop(duplicate_numbers="refuse")
        shop.place()

        answer = shop.call("POST", "/orders", json=shop.body())

        assert (answer.status_code, answer.json) == (400, {"error_messages": ["Number has already been taken"]})

    @pytest.mark.parametrize("name", ["channel_id", "delivery_method_id", "customer_id", "deliver_to_id"])
    def test_answers_404_for_an_unknown_reference(self, shop, name):
        body = shop.body(**{name: 1})
        body["order"].pop("deliver_to_attributes" if name == "deliver_to_id" else "due_date", None)

        answer = shop.call("POST", "/orders", json=body)

        assert (answer.status_code, answer.json) == (404, {"error_messages": "Not found"})

    @pytest.mark.parametrize("change", [{"line_items_attributes": []}, {"customer_attributes": None}, {"deliver_to_attributes": None}])
    def test_needs_lines_customer_and_address(self, shop, change):
        answer = shop.call("POST", "/orders", json=shop.body(**change))

        assert answer.status_code == 400
        assert isinstance(answer.json["error_messages"], list)

    def test_leaves_nothing_behind_when_refused(self, shop):
        shop.call("POST", "/orders", json=shop.body(quantity=0))

        assert shop.client.get(f"{ADMIN}/summary").json["customers"] == 0

    def test_needs_a_fresh_email(self, shop):  # R49
        shop.place("CT-1", customer_attributes={"email": "relay@example.com"})

        answer = shop.call("POST", "/orders", json=shop.body("CT-2", customer_attributes={"email": "Relay@example.com"}))

        assert answer.json == {"error_messages": ["Email has already been taken"]}

    def test_names_itself_without_a_number(self, shop):
        order = shop.call("POST", "/orders", json=shop.body(number=None)).json

        assert order["number"] == f"#P-{order['id']}"

    def test_reads_british_due_dates(self, shop):
        assert shop.place(due_date="31/01/2018")["due_date"] == "2018-01-31T00:00:00.000Z"

    def test_takes_the_body_without_its_root(self, shop):
        assert shop.call("POST", "/orders", json=shop.body()["order"]).status_code == 201

    def test_may_be_done_though_the_answer_is_a_gateway_timeout(self, shop):
        shop.control("oddities", name="timeout_after_write")

        assert shop.call("POST", "/orders", json=shop.body()).status_code == 504
        assert shop.numbers() == ["CT-1"]


class TestStatus:
    def test_waits_for_payment_even_when_allocated(self, shop):
        order = shop.place(payment_attributes=None)

        assert (order["status"], order["allocated_completely"]) == ("awaiting_payment", True)

    def test_waits_for_stock(self, shop):
        assert shop.place(quantity=500)["status"] == "awaiting_stock"

    def test_waits_for_fulfilment(self, shop):
        assert shop.place()["status"] == "awaiting_fulfillment"

    def test_moves_on_when_paid_later(self, shop):
        order = shop.place(payment_attributes=None)

        paid = shop.call("PUT", f"/orders/{order['id']}", json={"order": {"payment_attributes": {"payment_type": "cash"}}})

        assert paid.json["status"] == "awaiting_fulfillment"


class TestEditingAnOrder:
    def test_matches_lines_by_variant(self, shop):
        order = shop.place()
        rows = [{"sellable_id": shop.made["sellables"]["MUG-RED"], "quantity": 1, "price_per_unit": "9.00"}]

        lines = shop.call("PUT", f"/orders/{order['id']}", json={"order": {"line_items_attributes": rows}}).json["line_items"]

        assert [(line["sellable"]["sku_code"], line["quantity"]) for line in lines] == [("MUG-BLU", 2), ("MUG-RED", 1)]

    def test_may_replace_all_lines(self):
        shop = Shop(put_lines="replace")
        order = shop.place()
        rows = [{"sellable_id": shop.made["sellables"]["MUG-RED"], "quantity": 1, "price_per_unit": "9.00"}]

        after = shop.call("PUT", f"/orders/{order['id']}", json={"order": {"line_items_attributes": rows}}).json

        assert [line["sellable"]["sku_code"] for line in after["line_items"]] == ["MUG-RED"]
        assert after["status"] == "awaiting_fulfillment"
        assert shop.client.get(f"{ADMIN}/summary").json["allocated"] == 1

    def test_ignores_number_and_status(self, shop):
        order = shop.place()

        after = shop.call("PUT", f"/orders/{order['id']}", json={"order": {"number": "X", "status": "shipped", "tag_list": "a"}}).json

        assert (after["number"], after["status"], after["tags"]) == ("CT-1", "awaiting_fulfillment", [])


class TestCancelling:
    def test_answers_with_nothing_and_frees_the_stock(self, shop):
        order = shop.place()

        answer = shop.call("PUT", f"/orders/{order['id']}/cancel", json={"id": order["id"], "cancel_reason": "Customer request"})
        after = shop.call("GET", f"/orders/{order['id']}").json

        assert (answer.status_code, answer.data) == (204, b"")
        assert "X-Request-Id" in answer.headers
        assert (after["status"], after["cancel_reason"], after["cancelled_by"]["login"]) == ("cancelled", "Customer request", "Ops Portal")
        assert shop.client.get(f"{ADMIN}/summary").json["allocated"] == 0

    def test_is_refused_once_a_parcel_left(self, shop):
        order = shop.place()
        shop.control("ship", numbers=["CT-1"], units={"MUG-BLU": 1})

        answer = shop.call("PUT", f"/orders/{order['id']}/cancel", json={})

        assert (answer.status_code, answer.json) == (400, {"error_messages": ["Order has shipped items"]})

    def test_twice_changes_nothing(self, shop):
        order = shop.place()
        answers = [shop.call("PUT", f"/orders/{order['id']}/cancel", json={"cancel_reason": reason}) for reason in ("first", "second")]

        assert [each.status_code for each in answers] == [204, 204]
        assert shop.call("GET", f"/orders/{order['id']}").json["cancel_reason"] == "first"


class TestNotesAndTags:
    @pytest.mark.parametrize("body", [{"note": {"text": "hello"}}, {"text": "hello"}])
    def test_note_comes_back_with_its_author(self, shop, body):
        order = shop.place()

        note = shop.call("POST", f"/orders/{order['id']}/notes", json=body)

        assert (note.status_code, note.json["text"], note.json["created_by"]["id"]) == (201, "hello", 77)

    def test_bulk_tagging_adds_and_takes_away(self, shop):
        order = shop.place()
        tag = shop.call("GET", "/tags").json[0]
        body = {"order_ids": [order["id"]], "tag_ids": [tag["id"]]}

        assert shop.call("POST", "/bulk_tagging", json=body).status_code == 200
        assert shop.numbers(f"tags={tag['name']}") == ["CT-1"]
        shop.call("DELETE", "/bulk_tagging", json=body)
        assert shop.numbers(f"tags={tag['name']}") == []
