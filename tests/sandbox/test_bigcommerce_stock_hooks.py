"""The BigCommerce simulator's stock, which changes late, its catalogue, and its thin webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest

from connectors.sandbox.bigcommerce import CLIENT_SECRET
from tests.sandbox.bigcommerce_shop import Store
from tests.sandbox.hook_receiver import Receiver


@pytest.fixture
def store() -> Store:
    return Store()


class TestStock:
    def test_is_set_a_while_later(self, store):
        before = store.level()["total_inventory_onhand"]
        answer = store.set_stock()
        assert answer.get_json()["transaction_id"]
        assert store.level()["total_inventory_onhand"] == before
        store.wait(30)

        assert store.level()["total_inventory_onhand"] == 81

    def test_to_sell_is_less_the_safety_stock(self, store):
        store.control("stock", changes=[{"sku": "TEE-BLK-M", "on_hand": 82, "safety_stock": 1}])
        level = store.level()

        assert (level["available_to_sell"], level["total_inventory_onhand"], level["settings"]["safety_stock"]) == (81, 82, 1)

    def test_is_changed_by_a_difference(self, store):
        before = store.level()["total_inventory_onhand"]
        rows = [{"location_id": 1, "variant_id": store.made["variants"]["TEE-BLK-M"], "quantity": -3}]
        store.call("POST", "v3/inventory/adjustments/relative", json={"reason": "x", "items": rows})
        store.wait(30)

        assert store.level()["total_inventory_onhand"] == before - 3

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ([{"sku": "NONE"}], "sku NONE was not found"),
            ([{"variant_id": 79}], "Exactly one of"),
            ([{"quantity": -1}], "quantity is invalid"),
            ([{"quantity": "5"}], "quantity is invalid"),
            ([{"location_id": 9}], "Location with id 9"),
            ([{"sku": "MUG-1"}], "is tracked by product, please update stock by product id]"),
            ([{}] * 2001, "At most 2000"),
        ],
    )
    def test_is_refused_whole(self, store, rows, words):
        answer = store.set_stock(*rows)

        assert answer.status_code == 422
        assert words in answer.get_json()["title"]
        assert store.shown("summary")["adjustments_on_their_way"] == 0

    def test_of_a_product_counted_as_one_is_set_by_the_product(self, store):
        product = store.read("v3/catalog/variants", sku="MUG-1")["data"][0]["product_id"]

        assert store.set_stock({"sku": None, "product_id": product}).status_code == 200

    def test_is_read_for_several_skus_and_paged(self, store):
        found = store.read("v3/inventory/items", sku__in="TEE-BLK-M,CAP-BLK-S,NONE")
        page = store.read("v3/inventory/items", limit=10, page=4)

        assert [each["identity"]["sku"] for each in found["data"]] == ["TEE-BLK-M", "CAP-BLK-S"]
        assert (page["meta"]["pagination"]["total_pages"], len(page["data"])) == (4, 8)
        assert "next" not in page["meta"]["pagination"]["links"]

    def test_is_read_for_one_place(self, store):
        rows = store.read("v3/inventory/locations/1/items", sku__in="TEE-BLK-M")["data"]

        assert (rows[0]["identity"]["sku"], rows[0]["location_id"]) == ("TEE-BLK-M", 1)
        assert store.call("GET", "v3/inventory/locations/9/items").status_code == 404

    def test_is_not_written_through_the_catalogue(self, store):
        assert store.call("PUT", "v3/catalog/variants", json=[]).status_code in (403, 422)


class TestTheCatalogue:
    def test_finds_a_variant_by_its_sku(self, store):
        found = store.read("v3/catalog/variants", sku="TEE-BLK-M")

        assert found["data"][0]["upc"] == "081234500001"
        assert found["meta"]["pagination"]["total"] == 1

    def test_shows_what_a_merchant_renamed(self, store):
        store.control("variants", sku="TEE-BLK-M", new_sku="TEE-BLACK-M")

        assert store.read("v3/catalog/variants", sku="TEE-BLK-M")["data"] == []
        assert store.read("v3/catalog/variants", sku="TEE-BLACK-M")["data"][0]["sku"] == "TEE-BLACK-M"

    def test_is_read_with_its_variants(self, store):
        products = store.read("v3/catalog/products", include="variants")["data"]

        assert [len(each["variants"]) for each in products] == [10, 9, 9, 9, 1]


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.running.stop()


def hooked(store: Store, url: str, scope: str = "store/order/*") -> int:
    body = {"scope": scope, "destination": url, "is_active": True, "headers": {"X-Portal-Secret": "s3cret"}}
    return store.call("POST", "v3/hooks", json=body).get_json()["data"]["id"]


class TestHooks:
    @pytest.mark.parametrize(
        "wrong", [{"scope": "store/everything"}, {"destination": "http://portal.example/x"}, {"destination": "https://portal.example:8443/x"}]
    )
    def test_that_are_wrong_are_refused(self, store, wrong):
        body = {"scope": "store/order/*", "destination": "https://portal.example/x", **wrong}

        assert store.call("POST", "v3/hooks", json=body).status_code == 422

    def test_are_ten_for_a_scope_and_one_for_a_destination(self, store):
        made = [
            store.call("POST", "v3/hooks", json={"scope": "store/order/*", "destination": f"https://p.example/{at}"}) for at in (1, 1, *range(2, 12))
        ]

        assert [answer.status_code for answer in made] == [200, 422, *[200] * 9, 422]

    def test_are_seen_by_the_token_that_made_them(self, store):
        id = hooked(store, "https://p.example/1")

        assert store.read(f"v3/hooks/{id}")["data"]["is_active"] is True
        assert store.call("GET", f"v3/hooks/{id}", token="bc-sandbox-reader").status_code == 404


class TestWebhooks:
    def test_are_thin_and_carry_the_hooks_own_header(self, store, receiver):
        hooked(store, receiver.url)
        id = store.place()
        receiver.wait(lambda: bool(receiver.got))
        headers, body = receiver.got[0]
        told = json.loads(body)

        assert headers["X-Portal-Secret"] == "s3cret"
        assert (told["scope"], told["data"], told["producer"]) == ("store/order/created", {"type": "order", "id": id}, "stores/abc123")
        assert len(told["hash"]) == 40

    def test_tell_from_where_to_where_an_order_moved(self, store, receiver):
        id = store.place()
        hooked(store, receiver.url, "store/order/statusUpdated")
        store.ship(id, 2)
        receiver.wait(lambda: bool(receiver.got))

        assert json.loads(receiver.got[0][1])["data"]["status"] == {"previous_status_id": 11, "new_status_id": 2}

    def test_of_shipments_and_stock_name_what_to_read(self, store, receiver):
        id = store.place()
        hooked(store, receiver.url, "store/shipment/*")
        hooked(store, receiver.url, "store/channel/*/inventory/product/stock_changed")
        made = store.ship(id).get_json()["id"]
        store.control("stock", changes=[{"sku": "TEE-BLK-M", "on_hand": 3}])
        receiver.wait(lambda: len(receiver.got) == 2)
        bodies = {each["scope"]: each["data"] for each in (json.loads(body) for _, body in receiver.got)}

        assert bodies["store/shipment/created"] == {"type": "shipment", "id": made, "orderId": id}
        assert bodies["store/channel/1/inventory/product/stock_changed"]["location_id"] == 1

    def test_come_twice_with_the_same_hash(self, store, receiver):
        store.control("webhooks", duplicate_rate=1)
        hooked(store, receiver.url, "store/order/created")
        store.place()
        receiver.wait(lambda: len(receiver.got) == 2)

        assert len({json.loads(body)["hash"] for _, body in receiver.got}) == 1

    def test_end_with_the_hook_switched_off(self, store, receiver):
        receiver.statuses = [500] * 20
        store.control("webhooks", retry_scale=0.000001)
        id = hooked(store, receiver.url, "store/order/created")
        store.place()
        receiver.wait(lambda: store.read(f"v3/hooks/{id}")["data"]["is_active"] is False)

        assert len(receiver.got) == 12
        assert store.read(f"v3/hooks/{id}")["data"]["is_active"] is False
        assert store.shown("summary")["mails"]

    def test_to_a_host_that_mostly_fails_pause_for_three_minutes(self, store):
        hooks = store.app.extensions["state"].hooks
        domain = hooks.domains["portal.example"]
        for turn in range(99):
            hooks.count(domain, ok=turn % 2 == 0)
        assert domain.blocked_until == 0.0
        hooks.count(domain, ok=False)

        assert 175 < domain.blocked_until - time.monotonic() <= 180

    def test_may_be_signed_by_the_standard(self, receiver):
        store = Store(signature="standard")
        hooked(store, receiver.url, "store/order/created")
        store.place()
        receiver.wait(lambda: bool(receiver.got))
        headers, body = receiver.got[0]
        text = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
        told = base64.b64encode(hmac.new(CLIENT_SECRET.encode(), text, hashlib.sha256).digest()).decode()

        assert headers["Webhook-Signature"] == f"v1,{told}"

    def test_may_be_signed_in_hex(self, receiver):
        store = Store(signature="xbc")
        hooked(store, receiver.url, "store/order/created")
        store.place()
        receiver.wait(lambda: bool(receiver.got))
        headers, body = receiver.got[0]

        assert headers["X-Bc-Webhook-Signature"] == "v1=" + hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).hexdigest()
