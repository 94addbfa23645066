"""The BigCommerce simulator's door, its v2 orders and its shipments."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from connectors.sandbox.bigcommerce import READ_TOKEN
from tests.sandbox.bigcommerce_shop import Store


@pytest.fixture
def store() -> Store:
    return Store()


class TestTheDoor:
    @pytest.mark.parametrize("path", ["v2/orders", "v3/catalog/variants"])
    def test_refuses_a_wrong_token(self, store, path):
        assert store.call("GET", path, token="other").status_code == 401

    def test_refuses_another_store(self, store):
        assert store.client.get("/stores/zzz/v2/orders", headers={"X-Auth-Token": "bc-sandbox-portal"}).status_code == 401

    def test_lets_a_reader_read_and_not_write(self, store):
        id = store.place()

        assert store.call("GET", f"v2/orders/{id}", token=READ_TOKEN).status_code == 200
        assert store.call("PUT", f"v2/orders/{id}", token=READ_TOKEN, json={"status_id": 2}).status_code == 403
        assert store.call("PUT", "v3/inventory/adjustments/absolute", token=READ_TOKEN, json={}).status_code == 403

    def test_tells_the_quota_that_all_apps_share(self):
        store = Store(rate_scale=1)
        answers = [store.call("GET", "v2/time") for _ in range(151)]

        assert answers[0].headers["X-Rate-Limit-Requests-Quota"] == "150"
        assert answers[0].headers["X-Rate-Limit-Requests-Left"] == "149"
        assert answers[0].headers["X-Rate-Limit-Time-Window-Ms"] == "30000"
        assert answers[-1].status_code == 429
        assert 0 < int(answers[-1].headers["X-Rate-Limit-Time-Reset-Ms"]) <= 30000

    def test_under_load_refuses_without_the_headers(self, store):
        store.control("load", times=1)
        refused = store.call("GET", "v2/time")

        assert refused.status_code == 429
        assert "X-Rate-Limit-Time-Reset-Ms" not in refused.headers
        assert store.call("GET", "v2/time").status_code == 200

    def test_tells_errors_as_an_array_in_v2_and_an_object_in_v3(self, store):
        assert store.call("GET", "v2/orders/9").get_json() == [{"status": 404, "message": "The requested resource was not found."}]
        assert store.call("GET", "v3/hooks/9").get_json()["title"] == "The requested resource was not found."

    def test_answers_xml_in_v2_to_whoever_does_not_ask_for_json(self, store):
        answer = store.call("GET", f"v2/orders/{store.place()}", accept="*/*")

        assert answer.mimetype == "application/xml"
        assert "<status_id>11</status_id>" in answer.text


class TestOrders:
    def test_none_are_a_204_without_a_body(self, store):
        answer = store.call("GET", "v2/orders")

        assert (answer.status_code, answer.get_data()) == (204, b"")

    def test_are_a_bare_array_with_money_as_text_and_links(self, store):
        id = store.place()
        order = store.read("v2/orders")[0]

        assert (order["id"], order["status_id"], order["status"], order["total_inc_tax"]) == (id, 11, "Awaiting Fulfillment", "39.0000")
        assert order["products"]["resource"] == f"/orders/{id}/products"
        assert order["date_created"].endswith(" +0000")
        assert order["date_shipped"] == ""

    def test_are_paged_until_a_204(self, store):
        store.control("orders", count=5)

        assert [len(store.read("v2/orders", page=page, limit=2)) for page in (1, 2, 3)] == [2, 2, 1]
        assert store.call("GET", "v2/orders?page=4&limit=2").status_code == 204

    @pytest.mark.parametrize("since", ["{iso}", "{rfc}", "{epoch}"])
    def test_since_a_moment_are_read_with_any_kind_of_date(self, store, since):
        store.control("orders", count=2, spread_s=7200)
        last = store.read("v2/orders")[1]
        moment = parsedate_to_datetime(last["date_modified"])
        asked = since.format(iso=moment.isoformat(), rfc=last["date_modified"], epoch=int(moment.timestamp()))

        assert [each["id"] for each in store.read("v2/orders", min_date_modified=asked)] == [last["id"]]

    def test_refuse_a_date_that_is_none(self, store):
        answer = store.call("GET", "v2/orders?min_date_modified=soon")

        assert answer.status_code == 400
        assert answer.get_json()[0]["message"] == "The field 'min_date_modified' is invalid."

    def test_changed_come_last_when_sorted_by_change(self, store):
        first, _ = (each["id"] for each in store.control("orders", count=2, spread_s=3600))
        store.wait(5)
        store.call("PUT", f"v2/orders/{first}", json={"staff_notes": "x"})

        assert store.read("v2/orders", sort="date_modified:asc")[-1]["id"] == first
        assert store.read("v2/orders", sort="date_modified:desc")[0]["id"] == first

    def test_are_filtered_by_status_and_number(self, store):
        ids = [store.place(status_id=status) for status in (11, 0, 9)]

        assert [each["id"] for each in store.read("v2/orders", status_id=0)] == [ids[1]]
        assert [each["id"] for each in store.read("v2/orders", min_id=ids[2])] == [ids[2]]
        assert store.read("v2/orders/count")["count"] == 3

    def test_move_to_another_status(self, store):
        id = store.place()

        assert store.call("PUT", f"v2/orders/{id}", json={"status_id": 2}).get_json()["status"] == "Shipped"
        assert store.call("PUT", f"v2/orders/{id}", json={"status_id": 77}).status_code == 400

    def test_archived_are_in_no_list(self, store):
        id = store.place()
        assert store.call("DELETE", f"v2/orders/{id}").status_code == 204

        assert store.call("GET", "v2/orders").status_code == 204
        assert store.read("v2/orders", is_deleted="true")[0]["id"] == id

    def test_have_products_that_may_lack_a_sku_or_never_ship(self, store):
        lines = [{"sku": "TEE-BLK-M"}, {"custom": True, "name": "Voucher", "type": "giftcertificate"}]
        id = store.place(lines=lines, missing_sku=True)
        products = store.read(f"v2/orders/{id}/products")

        assert (products[0]["sku"], products[0]["type"], products[0]["price_ex_tax"]) == ("", "physical", "19.5000")
        assert products[1]["type"] == "giftcertificate"

    def test_may_have_several_addresses_with_full_names_of_states(self, store):
        id = store.place(lines=[{"sku": "TEE-BLK-M"}, {"sku": "CAP-BLK-S"}], addresses=2)
        addresses = store.read(f"v2/orders/{id}/shipping_addresses")

        assert len(addresses) == 2
        assert addresses == store.read(f"v2/orders/{id}/shippingaddresses")
        assert addresses[0]["state"] in ("Texas", "Oregon", "Florida")
        assert {each["order_address_id"] for each in store.read(f"v2/orders/{id}/products")} == {each["id"] for each in addresses}

    def test_edited_and_cancelled_by_staff_change_stock_too(self, store):
        before = store.level()["available_to_sell"]
        id = store.place()
        assert store.level()["available_to_sell"] == before - 2
        store.control(f"orders/{id}/edit", quantity=1)
        assert store.level()["available_to_sell"] == before - 1
        store.control(f"orders/{id}/cancel")

        assert (store.read(f"v2/orders/{id}")["status_id"], store.level()["available_to_sell"]) == (5, before)

    def test_refunded_in_part_say_so(self, store):
        id = store.place()
        store.control(f"orders/{id}/refund", quantity=1)
        refund = store.read("v3/orders/payment_actions/refunds", order_id__in=id)["data"][0]

        assert store.read(f"v2/orders/{id}")["status_id"] == 14
        assert refund["items"][0]["item_type"] == "PRODUCT"
        assert refund["items"][0]["item_id"] == store.read(f"v2/orders/{id}/products")[0]["id"]
        assert (refund["total_amount"], store.read(f"v2/orders/{id}/products")[0]["quantity_refunded"]) == (19.5, 1)
        assert store.read(f"v3/orders/{id}/payment_actions/refunds")["meta"]["pagination"]["total"] == 1


class TestShipments:
    def test_none_are_a_204(self, store):
        assert store.call("GET", f"v2/orders/{store.place()}/shipments").status_code == 204

    def test_move_the_order_by_themselves(self, store):
        id = store.place()
        first = store.ship(id)
        assert (first.status_code, store.read(f"v2/orders/{id}")["status_id"]) == (201, 3)
        store.ship(id, number="1Z2")
        order = store.read(f"v2/orders/{id}")

        assert (order["status_id"], order["items_shipped"]) == (2, 2)
        assert order["date_shipped"]
        assert [each["tracking_number"] for each in store.read(f"v2/orders/{id}/shipments")] == ["1Z1", "1Z2"]

    def test_tell_what_was_sent_and_more(self, store):
        told = store.ship(store.place()).get_json()

        assert told["items"][0]["quantity"] == 1
        assert (told["shipping_provider"], told["shipping_provider_display_name"]) == ("ups", "UPS")
        assert told["generated_tracking_link"]
        assert told["date_created"].endswith("+0000")

    def test_may_have_a_carrier_of_any_name(self, store):
        assert store.ship(store.place(), shipping_provider="Evri").get_json()["shipping_provider_display_name"] == "Evri"

    def test_are_not_idempotent(self, store):
        id = store.place()
        store.ship(id)
        store.ship(id)

        assert store.shown("summary")["shipped_twice"] == {f"{id} 1Z1": 2}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"tracking_number": "1" * 51},
            {"tracking_link": "h" * 501},
            {"items": []},
            {"items": [{"order_product_id": 1, "quantity": 1}]},
            {"items": [{"quantity": 1}]},
            {"order_address_id": 999},
        ],
    )
    def test_that_are_wrong_are_refused_as_an_array(self, store, wrong):
        answer = store.ship(store.place(), **wrong)

        assert answer.status_code == 400
        assert answer.get_json()[0]["status"] == 400

    @pytest.mark.parametrize("units", [0, -1, 3, "1"])
    def test_of_units_that_are_not_there_are_refused(self, store, units):
        assert store.ship(store.place(), units).status_code == 400

    def test_of_what_is_not_physical_are_refused(self, store):
        id = store.place(lines=[{"sku": "TEE-BLK-M", "type": "digital"}])

        assert store.ship(id).status_code == 400

    def test_deleted_leave_the_status_where_it_is(self, store):
        id = store.place()
        made = store.ship(id, 2).get_json()["id"]
        assert store.call("DELETE", f"v2/orders/{id}/shipments/{made}").status_code == 204

        assert store.read(f"v2/orders/{id}")["status_id"] == 2
        assert store.read(f"v2/orders/{id}/products")[0]["quantity_shipped"] == 0

    def test_get_another_number(self, store):
        id = store.place()
        made = store.ship(id).get_json()["id"]
        store.call("PUT", f"v2/orders/{id}/shipments/{made}", json={"tracking_number": "NEW"})

        assert store.read(f"v2/orders/{id}/shipments/{made}")["tracking_number"] == "NEW"
