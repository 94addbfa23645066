"""Orders of the commercetools simulator: updates, versions, deliveries, returns, sync info, payments."""

from __future__ import annotations

import pytest

from tests.sandbox.commercetools_client import Shop, code_of


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


@pytest.fixture
def order(shop):
    return shop.order()


def parcel(order, key="ful-1-p1"):
    item = {"id": order["lineItems"][0]["id"], "quantity": 1}
    return {"key": key, "measurements": {"weightInGram": 850}, "trackingData": {"trackingId": "155", "carrier": "DPD"}, "items": [item]}


class TestUpdate:
    def test_answers_the_whole_order_with_a_higher_version(self, shop, order):
        answer = shop.act(order, "changeOrderState", orderState="Confirmed")
        assert answer.status_code == 200
        assert answer.json["orderState"] == "Confirmed"
        assert answer.json["version"] > order["version"]
        assert answer.json["lastModifiedBy"]["clientId"] == "ops-client"

    def test_with_a_stale_version_conflicts_even_without_actions(self, shop, order):
        newer = shop.act(order, "changeShipmentState", shipmentState="Ready").json
        answer = shop.update("/orders", order)
        assert code_of(answer) == (409, "ConcurrentModification")
        assert answer.json["errors"][0]["currentVersion"] == newer["version"]
        expected = f"Expected: {order['version']} - Actual: {newer['version']}."
        assert answer.json["message"] == f"Object {order['id']} has a different version than expected. {expected}"

    def test_stores_nothing_when_one_action_fails(self, shop, order):
        good, bad = {"action": "changeOrderState", "orderState": "Complete"}, {"action": "removeDelivery", "deliveryId": "nope"}
        assert shop.update("/orders", order, good, bad).status_code == 400
        assert shop.get(f"/orders/{order['id']}").json == order

    def test_without_effect_keeps_the_version(self, shop, order):
        answer = shop.act(order, "changeOrderState", orderState="Open")
        assert (answer.status_code, answer.json["version"]) == (200, order["version"])

    def test_without_effect_raises_the_version_where_so_set(self):
        shop = Shop(no_op_raises_version=True)
        order = shop.order()
        assert shop.act(order, "changeOrderState", orderState="Open").json["version"] > order["version"]

    @pytest.mark.parametrize(
        "body",
        [{"actions": []}, {"version": "1", "actions": []}, {"version": 1}, {"version": 1, "actions": [{"action": "fly"}]}, [1]],
    )
    def test_of_the_wrong_shape_is_refused(self, shop, order, body):
        assert code_of(shop.post(f"/orders/{order['id']}", body)) == (400, "InvalidJsonInput")

    def test_that_is_not_json_is_refused_with_a_detail(self, shop, order):
        answer = shop.http.post(f"/demo-shop/orders/{order['id']}", data="{", headers=shop.headers)
        assert answer.json["message"] == "Request body does not contain valid JSON."
        assert answer.json["errors"][0]["detailedErrorMessage"]

    def test_with_a_wrong_enum_names_the_allowed_values(self, shop, order):
        answer = shop.act(order, "changeShipmentState", shipmentState="Cancelled")
        assert code_of(answer) == (400, "InvalidField")
        assert "Canceled" in answer.json["errors"][0]["allowedValues"]

    def test_works_by_order_number_too(self, shop, order):
        body = {"version": order["version"], "actions": [{"action": "changePaymentState", "paymentState": "CreditOwed"}]}
        assert shop.post(f"/orders/order-number={order['orderNumber']}", body).json["paymentState"] == "CreditOwed"

    def test_of_an_unknown_order_is_404(self, shop):
        assert shop.post("/orders/f00", {"version": 1, "actions": []}).status_code == 404

    def test_meets_a_rival_writer_on_demand(self, shop, order):
        shop.control("conflict", times=1)
        assert shop.act(order, "changeOrderState", orderState="Confirmed").status_code == 409
        assert shop.get(f"/orders/{order['id']}").json["lastModifiedBy"]["clientId"] == "merchant-center"

    def test_may_be_stored_although_the_answer_is_500(self, shop, order):
        shop.control("fail-after-write", status=500)
        assert code_of(shop.act(order, "changeOrderState", orderState="Confirmed")) == (500, "General")
        assert shop.get(f"/orders/{order['id']}").json["orderState"] == "Confirmed"


class TestOrderNumber:
    def test_is_set_once(self, shop):
        order = shop.order(without_number=True)
        numbered = shop.act(order, "setOrderNumber", orderNumber=f"N-{order['id'][:8]}").json
        assert code_of(shop.act(numbered, "setOrderNumber", orderNumber="other")) == (400, "InvalidOperation")

    def test_is_unique(self, shop, order):
        nameless = shop.order(without_number=True)
        answer = shop.act(nameless, "setOrderNumber", orderNumber=order["orderNumber"])
        assert code_of(answer) == (400, "DuplicateField")
        assert answer.json["errors"][0]["field"] == "orderNumber"


class TestDelivery:
    def test_is_added_with_its_key_and_parcels(self, shop, order):
        items = [{"id": order["lineItems"][0]["id"], "quantity": 1}]
        shipped = shop.act(order, "addDelivery", deliveryKey="ful-1", items=items, parcels=[parcel(order)]).json
        delivery = shipped["shippingInfo"]["deliveries"][0]
        assert (delivery["key"], delivery["items"]) == ("ful-1", items)
        assert delivery["parcels"][0]["trackingData"] == {"trackingId": "155", "carrier": "DPD", "isReturn": False}

    def test_key_is_unique_within_the_order(self, shop, order):
        shipped = shop.act(order, "addDelivery", deliveryKey="ful-1").json
        assert code_of(shop.act(shipped, "addDelivery", deliveryKey="ful-1")) == (400, "DuplicateField")

    def test_needs_shipping_info(self, shop):
        order = shop.order(shipping_method=None)
        assert code_of(shop.act(order, "addDelivery", deliveryKey="ful-1")) == (400, "InvalidOperation")

    def test_may_exceed_what_was_ordered(self, shop, order):
        answer = shop.act(order, "addDelivery", items=[{"id": order["lineItems"][0]["id"], "quantity": 99}])
        assert answer.status_code == 200
        summary = shop.http.get("/__sandbox__/summary").json
        assert order["orderNumber"] in summary["duplicates"]["overDelivered"]

    def test_gets_parcels_and_tracking_later(self, shop, order):
        doc = shop.act(order, "addDelivery", deliveryKey="ful-1").json
        doc = shop.act(doc, "addParcelToDelivery", deliveryKey="ful-1", parcelKey="pp-1").json
        doc = shop.act(doc, "setParcelTrackingData", parcelKey="pp-1", trackingData={"trackingId": "T9"}).json
        assert doc["shippingInfo"]["deliveries"][0]["parcels"][0]["trackingData"]["trackingId"] == "T9"
        doc = shop.act(doc, "removeParcelFromDelivery", parcelKey="pp-1").json
        doc = shop.act(doc, "removeDelivery", deliveryKey="ful-1").json
        assert doc["shippingInfo"]["deliveries"] == []

    def test_takes_either_id_or_key(self, shop, order):
        doc = shop.act(order, "addDelivery", deliveryKey="ful-1").json
        both = {"deliveryId": doc["shippingInfo"]["deliveries"][0]["id"], "deliveryKey": "ful-1"}
        assert code_of(shop.act(doc, "removeDelivery", **both)) == (400, "InvalidJsonInput")


class TestReturn:
    def advised(self, shop, order, state="Returned"):
        item = {"lineItemId": order["lineItems"][0]["id"], "quantity": 1, "shipmentState": state, "key": "rma-1"}
        return shop.act(order, "addReturnInfo", items=[item], returnTrackingId="R1").json

    def test_starts_with_the_payment_state_of_its_kind(self, shop, order):
        returned = self.advised(shop, order)["returnInfo"][0]["items"][0]
        advised = self.advised(shop, shop.order(), "Advised")["returnInfo"][0]["items"][0]
        assert (returned["paymentState"], advised["paymentState"]) == ("Initial", "NonRefundable")

    def test_goes_back_in_stock_and_is_refunded(self, shop, order):
        doc = self.advised(shop, order)
        doc = shop.act(doc, "setReturnShipmentState", returnItemKey="rma-1", shipmentState="BackInStock").json
        doc = shop.act(doc, "setReturnPaymentState", returnItemKey="rma-1", paymentState="Refunded").json
        assert doc["returnInfo"][0]["items"][0]["paymentState"] == "Refunded"

    def test_that_was_only_announced_cannot_arrive_or_be_refunded(self, shop, order):
        doc = self.advised(shop, order, "Advised")
        arrived = shop.act(doc, "setReturnShipmentState", returnItemKey="rma-1", shipmentState="Returned")
        refunded = shop.act(doc, "setReturnPaymentState", returnItemKey="rma-1", paymentState="Refunded")
        assert code_of(arrived) == code_of(refunded) == (400, "InvalidOperation")

    def test_cannot_start_back_in_stock(self, shop, order):
        item = {"lineItemId": order["lineItems"][0]["id"], "quantity": 1, "shipmentState": "BackInStock"}
        assert code_of(shop.act(order, "addReturnInfo", items=[item])) == (400, "InvalidField")

    def test_can_be_rewritten_as_a_whole(self, shop, order):
        doc = self.advised(shop, order, "Advised")
        item = {"lineItemId": order["lineItems"][0]["id"], "quantity": 1, "shipmentState": "Returned"}
        doc = shop.act(doc, "setReturnInfo", items=[{"items": [item]}]).json
        assert [info["items"][0]["shipmentState"] for info in doc["returnInfo"]] == ["Returned"]


class TestSyncInfo:
    channel = {"typeId": "channel", "key": "ops-portal"}

    def test_is_replaced_per_channel(self, shop, order):
        doc = shop.act(order, "updateSyncInfo", channel=self.channel, externalId="A").json
        doc = shop.act(doc, "updateSyncInfo", channel=self.channel, externalId="B").json
        assert [info["externalId"] for info in doc["syncInfo"]] == ["B"]
        assert [one["id"] for one in shop.where("/orders", 'syncInfo(externalId = "B")')] == [order["id"]]

    def test_is_appended_where_so_set(self):
        shop = Shop(sync_info="append")
        doc = shop.act(shop.order(), "updateSyncInfo", channel=self.channel, externalId="A").json
        doc = shop.act(doc, "updateSyncInfo", channel=self.channel, externalId="B").json
        assert [info["externalId"] for info in doc["syncInfo"]] == ["A", "B"]

    def test_needs_a_channel_with_the_role(self, shop, order):
        answer = shop.act(order, "updateSyncInfo", channel={"typeId": "channel", "key": "wh-leeds"})
        assert code_of(answer) == (400, "InvalidInput")

    def test_of_an_unknown_channel_names_the_reference(self, shop, order):
        answer = shop.act(order, "updateSyncInfo", channel={"typeId": "channel", "key": "nowhere"})
        assert code_of(answer) == (400, "ReferencedResourceNotFound")
        assert (answer.json["errors"][0]["typeId"], answer.json["errors"][0]["key"]) == ("channel", "nowhere")

    def test_takes_id_or_key_of_the_channel_not_both(self, shop, order):
        answer = shop.act(order, "updateSyncInfo", channel={**self.channel, "id": "x"})
        assert code_of(answer) == (400, "InvalidJsonInput")


class TestStates:
    def test_of_a_new_line_are_the_built_in_one(self, shop, order):
        initial = shop.get("/states/key=Initial").json
        assert initial["builtIn"] is True
        assert order["lineItems"][0]["state"] == [{"quantity": 2, "state": {"typeId": "state", "id": initial["id"]}}]

    def test_of_a_line_move_by_quantity(self, shop, order):
        move = {"lineItemId": order["lineItems"][0]["id"], "quantity": 1}
        ends = {"fromState": {"typeId": "state", "key": "Initial"}, "toState": {"typeId": "state", "key": "picking"}}
        doc = shop.act(order, "transitionLineItemState", **move, **ends).json
        assert sorted(part["quantity"] for part in doc["lineItems"][0]["state"]) == [1, 1]
        assert code_of(shop.act(doc, "transitionLineItemState", **{**move, "quantity": 2}, **ends)) == (400, "InvalidOperation")

    def test_can_be_imported_when_they_add_up(self, shop, order):
        split = [{"quantity": 1, "state": {"typeId": "state", "key": key}} for key in ("picking", "packed")]
        assert shop.act(order, "importLineItemState", lineItemId=order["lineItems"][0]["id"], state=split).status_code == 200
        newer = shop.get(f"/orders/{order['id']}").json
        short = shop.act(newer, "importLineItemState", lineItemId=order["lineItems"][0]["id"], state=split[:1])
        assert code_of(short) == (400, "InvalidInput")

    def test_of_the_order_follow_the_transitions(self, shop, order):
        released = {"typeId": "state", "key": "released"}
        assert code_of(shop.act(order, "transitionState", state=released)) == (400, "InvalidOperation")
        doc = shop.act(order, "transitionState", state={"typeId": "state", "key": "fraud-review"}).json
        doc = shop.act(doc, "transitionState", state=released).json
        back = {"typeId": "state", "key": "fraud-review"}
        assert code_of(shop.act(doc, "transitionState", state=back)) == (400, "InvalidOperation")
        assert shop.act(doc, "transitionState", state=back, force=True).status_code == 200


class TestCustomField:
    def test_needs_a_type_and_a_definition(self, shop, order):
        assert code_of(shop.act(order, "setCustomField", name="wmsId", value="9")) == (400, "InvalidOperation")
        doc = shop.act(order, "setCustomType", type={"typeId": "type", "key": "order-extras"}, fields={"wmsId": "9"}).json
        assert doc["custom"]["fields"] == {"wmsId": "9"}
        assert code_of(shop.act(doc, "setCustomField", name="unknown", value="9")) == (400, "InvalidOperation")
        assert code_of(shop.act(doc, "setCustomField", name="wmsId", value=9)) == (400, "InvalidInput")

    def test_can_be_asked_for_changed_and_removed(self, shop, order):
        doc = shop.act(order, "setCustomType", type={"typeId": "type", "key": "order-extras"}, fields={"wmsId": "77"}).json
        assert [one["id"] for one in shop.where("/orders", 'custom(fields(wmsId = "77"))')] == [order["id"]]
        doc = shop.act(doc, "setCustomField", name="wmsId").json
        assert code_of(shop.act(doc, "setCustomField", name="wmsId")) == (400, "InvalidOperation")


class TestPaymentOfAnOrder:
    def test_belongs_to_one_order(self, shop, order):
        payment = order["paymentInfo"]["payments"][0]
        assert code_of(shop.act(shop.order(), "addPayment", payment=payment)) == (400, "InvalidOperation")

    def test_takes_the_payment_info_with_it_when_removed(self, shop, order):
        doc = shop.act(order, "removePayment", payment=order["paymentInfo"]["payments"][0]).json
        assert "paymentInfo" not in doc


class TestDelete:
    def test_needs_the_present_version(self, shop, order):
        path = f"/demo-shop/orders/{order['id']}"
        assert shop.http.delete(path, headers=shop.headers).status_code == 400
        assert shop.http.delete(path, query_string={"version": 99}, headers=shop.headers).status_code == 409
        assert shop.http.delete(path, query_string={"version": order["version"]}, headers=shop.headers).json == order
        assert shop.get(f"/orders/{order['id']}").status_code == 404


class TestOtherMembers:
    def test_such_as_addresses_need_only_a_country(self, shop, order):
        doc = shop.act(order, "setShippingAddress", address={"country": "GB", "city": "York", "unicorn": "x"}).json
        assert doc["shippingAddress"] == {"country": "GB", "city": "York"}
        assert shop.act(doc, "setShippingAddress", address={"city": "York"}).status_code == 400

    def test_can_be_cleared(self, shop, order):
        assert "shippingAddress" not in shop.act(order, "setShippingAddress").json

    def test_such_as_the_present_store_are_refused(self, shop, order):
        assert shop.act(order, "setStore", store={"typeId": "store", "key": "uk"}).status_code == 400
        assert shop.act(order, "setStore", store={"typeId": "store", "key": "outlet"}).json["store"]["key"] == "outlet"

    def test_of_a_business_unit_are_kept_by_key(self, shop, order):
        doc = shop.act(order, "setBusinessUnit", businessUnit={"typeId": "business-unit", "key": "acme"}).json
        assert doc["businessUnit"] == {"typeId": "business-unit", "key": "acme"}
