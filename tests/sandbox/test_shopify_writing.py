"""The Shopify simulator's writing: fulfilments, stock with its comparison and its keys, and the webhooks that tell of it."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from connectors.sandbox.keeping import load, save
from connectors.sandbox.shopify import CLIENT_SECRET
from tests.sandbox.hook_receiver import Receiver
from tests.sandbox.shopify_shop import FULFIL, SET, Shop, code_of

TRACK = """mutation($id:ID!,$t:FulfillmentTrackingInput!){ fulfillmentTrackingInfoUpdate(fulfillmentId:$id,trackingInfoInput:$t)
  { fulfillment{trackingInfo{number url}} userErrors{field message} } }"""
UNDO = "mutation($id:ID!){ fulfillmentCancel(id:$id){ fulfillment{status} userErrors{message} } }"


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestAFulfilment:
    def test_of_part_leaves_the_rest_open(self, shop):
        id = shop.place()["id"]
        assert shop.fulfil(id, 1) == {"fulfillment": {"id": "gid://shopify/Fulfillment/6601", "status": "SUCCESS"}, "userErrors": []}
        order = shop.order(id)

        assert order["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
        assert order["lineItems"]["nodes"][0]["unfulfilledQuantity"] == 1
        assert order["fulfillments"][0]["trackingInfo"] == [{"number": "1Z1", "company": "UPS", "url": "https://c.example/1"}]
        assert order["fulfillments"][0]["fulfillmentLineItems"]["nodes"][0]["quantity"] == 1

    def test_without_lines_sends_all_that_is_open(self, shop):
        id = shop.place()["id"]
        shop.fulfil(id)

        assert shop.order(id)["displayFulfillmentStatus"] == "FULFILLED"
        assert shop.order(id)["fulfillmentOrders"]["nodes"][0]["status"] == "CLOSED"

    def test_moves_committed_units_out(self, shop):
        before = shop.level()
        shop.fulfil(shop.place()["id"])
        after = shop.level()

        assert (after["on_hand"], after["committed"]) == (before["on_hand"] - 2, 0)
        assert after["available"] == before["available"] - 2

    def test_of_too_many_units_is_a_user_error(self, shop):
        answer = shop.fulfil(shop.place()["id"], 3)

        assert answer["fulfillment"] is None
        assert answer["userErrors"] == [{"field": ["fulfillment"], "message": "Invalid fulfillment order line item quantity requested."}]

    def test_twice_is_refused_only_because_nothing_remains(self, shop):
        id = shop.place()["id"]
        shop.fulfil(id, 1)
        assert shop.fulfil(id, 1, number="1Z1")["userErrors"] == []  # not idempotent: the same number again
        assert shop.shown("summary")["fulfilled_twice"] == {"#10021 1Z1": 2}
        assert "unfulfillable status= closed" in shop.fulfil(id)["userErrors"][0]["message"]

    def test_on_hold_is_refused(self, shop):
        id = shop.place()["id"]
        shop.control(f"orders/{id}/hold")

        assert shop.order(id)["displayFulfillmentStatus"] == "ON_HOLD"
        assert "on_hold" in shop.fulfil(id)["userErrors"][0]["message"]
        shop.control(f"orders/{id}/hold", reason="")
        assert shop.fulfil(id)["userErrors"] == []

    def test_of_two_orders_at_once_is_refused(self, shop):
        sources = [shop.order(shop.place()["id"])["fulfillmentOrders"]["nodes"][0]["id"] for _ in range(2)]
        answer = shop.ask(FULFIL, f={"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": one} for one in sources]})

        assert "same order" in answer["data"]["fulfillmentCreate"]["userErrors"][0]["message"]

    @pytest.mark.parametrize("body", [{}, {"lineItemsByFulfillmentOrder": [{"id": "x"}]}, {"lineItemsByFulfillmentOrder": [], "colour": 1}])
    def test_with_a_wrong_input_is_no_user_error_but_an_error(self, shop, body):
        assert code_of(shop.ask(FULFIL, f=body)) == "INVALID_VARIABLE"

    def test_may_have_several_numbers(self, shop):
        id = shop.place()["id"]
        shop.fulfil(id, trackingInfo={"numbers": ["A1", "A2"], "urls": ["https://c.example/A1"], "company": "DHL"})

        assert [each["number"] for each in shop.order(id)["fulfillments"][0]["trackingInfo"]] == ["A1", "A2"]

    def test_gets_another_number(self, shop):
        id = shop.place()["id"]
        made = shop.fulfil(id)["fulfillment"]["id"]
        answer = shop.ask(TRACK, id=made, t={"number": "NEW", "company": "UPS", "url": "https://c.example/NEW"})

        assert answer["data"]["fulfillmentTrackingInfoUpdate"]["fulfillment"]["trackingInfo"] == [{"number": "NEW", "url": "https://c.example/NEW"}]
        assert shop.ask(TRACK, id="gid://shopify/Fulfillment/1", t={})["data"]["fulfillmentTrackingInfoUpdate"]["userErrors"]

    def test_cancelled_is_open_again(self, shop):
        id, before = shop.place()["id"], shop.level()
        made = shop.fulfil(id)["fulfillment"]["id"]

        assert shop.ask(UNDO, id=made)["data"]["fulfillmentCancel"]["fulfillment"] == {"status": "CANCELLED"}
        assert shop.order(id)["displayFulfillmentStatus"] == "UNFULFILLED"
        assert shop.level() == before
        assert shop.fulfil(id)["userErrors"] == []

    def test_may_be_made_although_the_answer_is_an_error(self, shop):
        id = shop.place()["id"]
        source = shop.order(id)["fulfillmentOrders"]["nodes"][0]["id"]
        shop.control("oddities", name="lost_create")
        answer = shop.ask(FULFIL, f={"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": source}], "trackingInfo": {"number": "1Z"}})

        assert code_of(answer) == "INTERNAL_SERVER_ERROR"
        assert shop.order(id)["fulfillments"][0]["trackingInfo"][0]["number"] == "1Z"


class TestStock:
    def test_is_set_when_it_is_what_the_writer_thinks(self, shop):
        answer = shop.set_stock(81, compare=40)

        assert answer["userErrors"] == []
        assert answer["inventoryAdjustmentGroup"]["changes"] == [{"name": "available", "delta": 41}]
        assert (shop.level()["available"], shop.level()["on_hand"]) == (81, 81)

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            ({"compare": 39}, "COMPARE_QUANTITY_STALE"),
            ({}, "COMPARE_QUANTITY_REQUIRED"),
            ({"compare": 40, "name": "committed"}, "INVALID_NAME"),
            ({"compare": 40, "reason": "because"}, "INVALID_REASON"),
            ({"compare": 40, "referenceDocumentUri": "sync 1"}, "INVALID_REFERENCE_DOCUMENT"),
        ],
    )
    def test_is_left_alone_when(self, shop, wanted, code):
        answer = shop.set_stock(81, **wanted)

        assert answer["inventoryAdjustmentGroup"] is None
        assert answer["userErrors"][0]["code"] == code
        assert shop.level()["available"] == 40

    def test_is_forced_without_a_comparison(self, shop):
        assert shop.set_stock(7, ignoreCompareQuantity=True)["userErrors"] == []
        assert shop.level()["available"] == 7

    def test_of_a_batch_is_set_whole_or_not_at_all(self, shop):
        good, bad = shop.level("TEE-BLK-S"), shop.level("TEE-BLK-M")
        rows = [{"inventoryItemId": one["item"], "locationId": one["place"], "quantity": 1} for one in (good, bad)]
        rows[0]["compareQuantity"], rows[1]["compareQuantity"] = good["available"], 9999
        answer = shop.ask(SET, input={"name": "available", "reason": "correction", "quantities": rows}, key="k")

        assert answer["data"]["inventorySetQuantities"]["userErrors"][0]["field"] == ["input", "quantities", "1", "compareQuantity"]
        assert shop.level("TEE-BLK-S")["available"] == good["available"]

    def test_needs_a_key_from_2026_04(self, shop):
        level, query = shop.level(), SET.replace("@idempotent(key:$key)", "").replace(",$key:String!", "")
        row = {"inventoryItemId": level["item"], "locationId": level["place"], "quantity": 5, "compareQuantity": 40}
        wanted = {"name": "available", "reason": "correction", "quantities": [row]}

        assert "idempotent" in shop.ask(query, input=wanted)["errors"][0]["message"]
        assert shop.ask(query, version="2026-01", input=wanted)["data"]["inventorySetQuantities"]["userErrors"] == []

    def test_knows_no_key_before_2026_01(self, shop):
        assert code_of(shop.ask(SET, version="2025-10", key="k", input={})) in ("undefinedDirective", "INVALID_VARIABLE")

    def test_is_set_once_for_one_key(self, shop):
        first = shop.set_stock(50, key="a", compare=40)
        shop.control("stock", changes=[{"sku": "TEE-BLK-S", "available": 45}])

        assert shop.set_stock(50, key="a", compare=40) == first
        assert shop.level()["available"] == 45

    def test_refuses_a_key_used_for_something_else(self, shop):
        shop.set_stock(50, key="a", compare=40)

        assert shop.set_stock(51, key="a", compare=50)["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"

    def test_of_a_place_that_has_no_row_is_refused(self, shop):
        shop.control("skus", skus=[{"sku": "NEW-1", "stock": {"Atlanta Warehouse": 3}}])
        level = shop.level("NEW-1")
        row = {"inventoryItemId": level["item"], "locationId": shop.level(at=1)["place"], "quantity": 1, "compareQuantity": 0}
        answer = shop.ask(SET, key="k", input={"name": "available", "reason": "correction", "quantities": [row]})

        assert answer["data"]["inventorySetQuantities"]["userErrors"][0]["code"] == "ITEM_NOT_STOCKED_AT_LOCATION"


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.running.stop()


def signed(headers: dict[str, str], body: bytes, secret: str = CLIENT_SECRET) -> bool:
    told = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(headers["X-Shopify-Hmac-Sha256"], told)


class TestWebhooks:
    def test_are_signed_over_the_raw_body(self, shop, receiver):
        shop.control("webhooks", url=receiver.url, topics=["orders/create"])
        id = shop.place()["id"]
        receiver.wait(lambda: bool(receiver.got))
        headers, body = receiver.got[0]

        assert signed(headers, body)
        assert (headers["X-Shopify-Topic"], headers["X-Shopify-Shop-Domain"]) == ("orders/create", "demo.myshopify.com")
        assert f'"id":{id}'.encode() in body
        assert b'"fulfillment_status":null' in body

    def test_of_one_action_share_the_event_and_not_the_delivery(self, shop, receiver):
        shop.control("webhooks", url=receiver.url, topics=["orders/updated", "fulfillments/create"])
        shop.fulfil(shop.place()["id"])
        receiver.wait(lambda: len(receiver.got) == 2)

        assert {headers["X-Shopify-Topic"] for headers, _ in receiver.got} == {"orders/updated", "fulfillments/create"}
        assert len({headers["X-Shopify-Event-Id"] for headers, _ in receiver.got}) == 1
        assert len({headers["X-Shopify-Webhook-Id"] for headers, _ in receiver.got}) == 2

    def test_come_twice_with_the_same_delivery_id(self, shop, receiver):
        shop.control("webhooks", url=receiver.url, topics=["orders/create"], duplicate_rate=1)
        shop.place()
        receiver.wait(lambda: len(receiver.got) == 2)

        assert len({headers["X-Shopify-Webhook-Id"] for headers, _ in receiver.got}) == 1

    def test_are_tried_again_after_anything_but_success(self, shop, receiver):
        receiver.statuses = [500, 302]
        shop.control("webhooks", url=receiver.url, topics=["orders/create"], retry_scale=0.0001)
        shop.place()
        receiver.wait(lambda: len(receiver.got) == 3)

        assert [each["status"] for each in shop.shown("webhooks")][:2] == [500, 302]
        assert len(receiver.got) == 3

    def test_end_after_eight_retries_for_a_subscription_made_by_a_call(self, shop, receiver):
        receiver.statuses = [500] * 20
        query = """mutation($w:WebhookSubscriptionInput!){webhookSubscriptionCreate(topic:ORDERS_CREATE,webhookSubscription:$w)
          {webhookSubscription{id} userErrors{message}}}"""
        assert shop.ask(query, w={"uri": receiver.url})["data"]["webhookSubscriptionCreate"]["userErrors"] == []
        shop.control("webhooks", retry_scale=0.00001)
        shop.place()
        receiver.wait(lambda: shop.shown("summary")["webhooks"]["removed"] != [])

        assert len(receiver.got) == 9
        assert shop.shown("summary")["webhooks"]["removed"] == ["orders/create"]

    def test_go_on_in_a_world_that_was_kept(self, shop, receiver, tmp_path):
        save(shop.app, tmp_path / "world")
        other = Shop()
        assert load(other.app, tmp_path / "world")
        other.control("seed-demo")
        other.control("webhooks", url=receiver.url, topics=["orders/create"])
        id = other.place()["id"]
        receiver.wait(lambda: bool(receiver.got))

        assert f'"id":{id}'.encode() in receiver.got[0][1]

    def test_may_be_signed_wrongly_on_demand(self, shop, receiver):
        shop.control("settings", bad_signatures=True)
        shop.control("webhooks", url=receiver.url, topics=["orders/create"])
        shop.place()
        receiver.wait(lambda: bool(receiver.got))

        assert not signed(*receiver.got[0])

    def test_may_be_signed_with_the_secret_before_the_rotation(self, shop, receiver):
        shop.control("access", rotate="shpss_new")
        shop.control("settings", rotated_signing=True)
        shop.control("webhooks", url=receiver.url, topics=["inventory_levels/update"])
        shop.control("stock", changes=[{"sku": "TEE-BLK-S", "available": 3}])
        receiver.wait(lambda: bool(receiver.got))

        assert signed(*receiver.got[0])
        assert b'"available":3' in receiver.got[0][1]
