"""Messages, the project's settings and subscriptions of the commercetools simulator."""

from __future__ import annotations

import base64
import json
import time

import pytest
from flask import Flask, request

from connectors.sandbox.kit import serve
from tests.sandbox.commercetools_client import Shop, code_of

DESTINATION = {"type": "GoogleCloudPubSub", "projectId": "p", "topic": "t"}


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestMessages:
    def test_are_not_stored_until_enabled(self):
        shop = Shop(seeded=False)
        shop.post("/channels", {"key": "ops-portal", "roles": ["OrderExport"]})
        shop.post("/inventory", {"sku": "A", "quantityOnStock": 1})
        assert shop.get("/messages").json["total"] == 0
        project = shop.get("").json
        enable = {"action": "changeMessagesConfiguration", "messagesConfiguration": {"enabled": True, "deleteDaysAfterCreation": 30}}
        assert shop.post("", {"version": project["version"], "actions": [enable]}).json["messages"]["enabled"] is True
        shop.post("/inventory", {"sku": "B", "quantityOnStock": 1})
        assert [one["type"] for one in shop.get("/messages").json["results"]] == ["InventoryEntryCreated"]

    def test_retention_has_bounds(self, shop):
        enable = {"action": "changeMessagesConfiguration", "messagesConfiguration": {"enabled": True, "deleteDaysAfterCreation": 91}}
        assert code_of(shop.post("", {"version": shop.get("").json["version"], "actions": [enable]})) == (400, "InvalidInput")

    def test_are_one_for_each_action_and_numbered_per_resource(self, shop):
        order = shop.order()
        actions = [{"action": "changeOrderState", "orderState": "Confirmed"}, {"action": "changeShipmentState", "shipmentState": "Ready"}]
        newer = shop.update("/orders", order, *actions).json
        messages = shop.messages(order)
        assert [one["type"] for one in messages] == ["OrderCreated", "OrderStateChanged", "OrderShipmentStateChanged"]
        assert [one["sequenceNumber"] for one in messages] == [1, 2, 3]
        assert messages[-1]["resourceVersion"] == newer["version"]
        assert (messages[-1]["version"], messages[-1]["oldShipmentState"]) == (1, "Pending")

    def test_of_a_new_order_carry_it_and_its_number(self, shop):
        order = shop.order()
        message = shop.messages(order)[0]
        assert message["order"]["id"] == order["id"]
        assert message["resourceUserProvidedIdentifiers"] == {"orderNumber": order["orderNumber"]}

    def test_keep_the_order_as_it_was_then(self, shop):
        order = shop.order()
        shop.act(order, "changeOrderState", orderState="Confirmed")
        assert shop.messages(order)[0]["order"]["orderState"] == "Open"

    def test_of_a_delivery_leave_its_parcels_out(self, shop):
        order = shop.order()
        shop.act(order, "addDelivery", deliveryKey="ful-1", parcels=[{"key": "pp-1"}, {"key": "pp-2"}])
        messages = shop.messages(order)[1:]
        assert [one["type"] for one in messages] == ["DeliveryAdded", "ParcelAddedToDelivery", "ParcelAddedToDelivery"]
        assert messages[0]["delivery"]["parcels"] == []
        assert messages[2]["parcel"]["key"] == "pp-2"

    @pytest.mark.parametrize(("action", "members"), [("updateSyncInfo", {"channel": {"key": "ops-portal"}}), ("setPurchaseOrderNumber", {})])
    def test_are_not_made_by_silent_or_idle_actions(self, shop, action, members):
        order = shop.order()
        shop.act(order, action, **members)
        assert shop.kinds(order) == ["OrderCreated"]

    def test_show_only_after_the_delay(self):
        shop = Shop(message_delay_s=10, message_jitter_s=0)
        order = shop.order()
        assert shop.messages(order) == []
        shop.control("clock", skew_s=11)
        assert shop.messages(order)[0]["createdAt"] == order["createdAt"]

    def test_expand_the_present_resource(self, shop):
        order = shop.order()
        shop.act(order, "changeOrderState", orderState="Confirmed")
        message = shop.where("/messages", 'type in ("OrderCreated") and resource(typeId = "order")', ("expand", "resource"))[0]
        assert message["resource"]["obj"]["orderState"] == "Confirmed"

    def test_are_swept_by_moment_and_id(self, shop):
        shop.control("orders", count=40, same_instant=True)
        seen, cursor = [], ("2000-01-01T00:00:00.000Z", "0")
        while True:
            where = f'(createdAt > "{cursor[0]}" or (createdAt = "{cursor[0]}" and id > "{cursor[1]}")) and type in ("OrderCreated")'
            page = shop.get("/messages", ("where", where), ("sort", "createdAt asc"), ("sort", "id asc"), ("limit", 9)).json["results"]
            if not page:
                break
            seen += [one["id"] for one in page]
            cursor = (page[-1]["createdAt"], page[-1]["id"])
        assert len(seen) == len(set(seen)) == 40

    def test_are_gone_after_the_retention(self, shop):
        shop.order()
        shop.control("clock", skew_s=31 * 86_400)
        shop.headers = shop.bearer()
        assert shop.get("/messages").json["total"] == 0

    def test_refuse_predicates_on_objects(self, shop):
        assert code_of(shop.get("/messages", ("where", 'order(orderState = "Open")'))) == (400, "InvalidInput")


@pytest.fixture
def inbox():
    """A receiver as the queue's push would meet; refuses the first delivery when told."""
    app, got = Flask("inbox"), []
    got_statuses = []

    @app.post("/push")
    def push():
        got.append({"headers": dict(request.headers), **json.loads(base64.b64decode(request.json["message"]["data"]))})
        return "", got_statuses.pop(0) if got_statuses else 204

    running = serve(app)
    yield {"url": f"{running.url}/push", "got": got, "statuses": got_statuses}
    running.stop()


def wait_for(got, count):
    ends = time.monotonic() + 5
    while len(got) < count and time.monotonic() < ends:
        time.sleep(0.01)
    return got


class TestSubscription:
    draft = {"destination": DESTINATION, "messages": [{"resourceTypeId": "order", "types": ["OrderCreated"]}]}

    def test_begins_with_a_test_notification(self, shop, inbox):
        shop.control("push", url=inbox["url"], token="queue-token")
        subscription = shop.post("/subscriptions", {**self.draft, "key": "orders"}).json
        assert subscription["status"] == "Healthy"
        assert (inbox["got"][0]["notificationType"], inbox["got"][0]["resource"]["typeId"]) == ("ResourceCreated", "subscription")
        assert inbox["got"][0]["headers"]["Authorization"] == "Bearer queue-token"

    def test_that_cannot_deliver_its_test_is_not_made(self, shop):
        shop.control("push", url="http://127.0.0.1:9/nobody")
        assert shop.post("/subscriptions", self.draft).status_code == 400
        assert shop.get("/subscriptions").json["total"] == 0

    def test_pushes_the_messages_it_asked_for(self, shop, inbox):
        shop.control("push", url=inbox["url"])
        shop.post("/subscriptions", self.draft)
        order = shop.order()
        shop.act(order, "changeOrderState", orderState="Confirmed")
        news = wait_for(inbox["got"], 2)[1]
        assert (news["notificationType"], news["type"], news["order"]["id"]) == ("Message", "OrderCreated", order["id"])
        assert news["resourceUserProvidedIdentifiers"] == {"orderNumber": order["orderNumber"]}

    def test_repeats_what_was_not_acknowledged(self, shop, inbox):
        shop.control("push", url=inbox["url"], retry_s=0.05)
        shop.post("/subscriptions", self.draft)
        inbox["statuses"].append(503)
        shop.order()
        first, second = wait_for(inbox["got"], 3)[1:3]
        assert first["id"] == second["id"]

    def test_may_deliver_twice(self, shop, inbox):
        shop.control("push", url=inbox["url"], duplicate_rate=1.0)
        shop.post("/subscriptions", self.draft)
        shop.order()
        assert len({one["id"] for one in wait_for(inbox["got"], 3)[1:]}) == 1

    def test_leaves_out_a_payload_that_is_too_large(self, shop, inbox):
        shop.control("push", url=inbox["url"], payload_limit=500)
        shop.post("/subscriptions", self.draft)
        shop.order()
        news = wait_for(inbox["got"], 2)[1]
        assert news["payloadNotIncluded"] == {"reason": "Payload too large.", "payloadType": "OrderCreated"}
        assert "order" not in news

    def test_tells_changes_without_content(self, shop):
        shop.post("/subscriptions", {"destination": DESTINATION, "changes": [{"resourceTypeId": "order"}]})
        order = shop.order()
        newer = shop.act(order, "changeOrderState", orderState="Confirmed").json
        body = shop.http.get("/__sandbox__/notifications").json[-1]["body"]
        assert (body["notificationType"], body["oldVersion"], body["version"]) == ("ResourceUpdated", order["version"], newer["version"])

    def test_speaks_cloud_events_where_asked(self, shop):
        shop.post("/subscriptions", {**self.draft, "format": {"type": "CloudEvents", "cloudEventsVersion": "1.0"}})
        order = shop.order()
        event = shop.http.get("/__sandbox__/notifications").json[-1]["body"]
        assert event["type"] == "com.commercetools.order.message.OrderCreated"
        assert (event["subject"], event["data"]["type"]) == (order["id"], "OrderCreated")

    def test_shows_its_health_without_a_token(self, shop):
        subscription = shop.post("/subscriptions", self.draft).json
        assert shop.http.get(f"/demo-shop/subscriptions/{subscription['id']}/health").status_code == 200

    @pytest.mark.parametrize("draft", [{"destination": DESTINATION}, {"destination": {"type": "Webhook"}, "messages": [{"resourceTypeId": "order"}]}])
    def test_refuses_nothing_to_tell_and_plain_webhooks(self, shop, draft):
        assert shop.post("/subscriptions", draft).status_code == 400


class TestMessageOfOneStep:
    def test_does_not_see_what_later_actions_or_expansion_add(self, shop):
        order = shop.order()
        steps = [
            {"action": "addDelivery", "deliveryKey": "ful-1", "parcels": [{"key": "pp-1"}]},
            {"action": "addParcelToDelivery", "deliveryKey": "ful-1"},
        ]
        shop.update("/orders", order, *steps)
        first = next(one for one in shop.messages(order) if one["type"] == "ParcelAddedToDelivery")
        assert [one.get("key") for one in first["delivery"]["parcels"]] == ["pp-1"]

    def test_is_still_pushed_after_a_reset(self, shop, inbox):
        draft = {"destination": DESTINATION, "messages": [{"resourceTypeId": "order"}]}
        for _ in range(2):
            shop.control("push", url=inbox["url"])
            shop.post("/subscriptions", draft)
            shop.order()
            assert len(wait_for(inbox["got"], 2)) == 2
            inbox["got"].clear()
            shop.control("reset")
            shop.control("seed-demo", products=5)
            shop.headers = shop.bearer()
