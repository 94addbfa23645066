"""How orders come to be in the commercetools simulator: import, cart, and the storefront's checkout."""

from __future__ import annotations

import pytest

from tests.sandbox.commercetools_client import Shop, code_of

SKU = "OXF-HE-BLU-M"


def gbp(amount):
    return {"currencyCode": "GBP", "centAmount": amount}


def draft(**members):
    line = {"name": {"en": "Oxford shirt"}, "variant": {"sku": SKU}, "quantity": 1, "price": {"value": gbp(1999)}}
    shipping = {"shippingMethodName": "Marketplace", "price": gbp(500), "shippingRate": {"price": gbp(500)}}
    return {"totalPrice": gbp(2499), "lineItems": [line], "shippingInfo": shipping, "shippingAddress": {"country": "GB"}, **members}


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestImport:
    def test_answers_201_with_the_order_as_given(self, shop):
        answer = shop.post("/orders/import", draft(orderNumber="MKL-1", completedAt="2026-03-04T08:00:00.000Z"))
        assert answer.status_code == 201
        order = answer.json
        assert (order["orderState"], order["inventoryMode"], order["taxMode"]) == ("Open", "None", "External")
        assert order["totalPrice"] == {"type": "centPrecision", "currencyCode": "GBP", "centAmount": 2499, "fractionDigits": 2}
        assert order["shippingInfo"]["deliveries"] == []
        assert "cart" not in order

    def test_tells_order_imported_and_not_created(self, shop):
        order = shop.post("/orders/import", draft()).json
        assert shop.kinds(order) == ["OrderImported"]

    def test_refuses_a_taken_order_number(self, shop):
        shop.post("/orders/import", draft(orderNumber="MKL-1"))
        answer = shop.post("/orders/import", draft(orderNumber="MKL-1"))
        assert code_of(answer) == (400, "DuplicateField")
        assert answer.json["errors"][0]["duplicateValue"] == "MKL-1"

    @pytest.mark.parametrize(
        "members",
        [
            {"totalPrice": None},
            {"lineItems": []},
            {"orderState": "Canceled"},
            {"totalPrice": {"currencyCode": "GBP", "centAmount": 1.5}},
            {"store": {"typeId": "store", "key": "moon"}},
            {"shippingInfo": {"shippingMethodName": "x"}},
        ],
    )
    def test_refuses_what_is_missing_or_wrong(self, shop, members):
        assert shop.post("/orders/import", draft(**members)).status_code == 400

    def test_refuses_a_sku_no_product_has(self, shop):
        body = draft()
        body["lineItems"][0]["variant"] = {"sku": "NOPE"}
        assert shop.post("/orders/import", body).status_code == 400

    def test_refuses_a_supply_channel_without_the_role(self, shop):
        body = draft()
        body["lineItems"][0]["supplyChannel"] = {"typeId": "channel", "key": "ops-portal"}
        assert code_of(shop.post("/orders/import", body)) == (400, "MissingRoleOnChannel")

    def test_refuses_what_the_store_does_not_list(self, shop):
        body = draft(store={"typeId": "store", "key": "uk"})
        body["lineItems"][0]["supplyChannel"] = {"typeId": "channel", "key": "wh-berlin"}
        assert shop.post("/orders/import", body).status_code == 400
        assert code_of(shop.post("/orders/import", draft(store={"key": "uk"}, country="FR"))) == (400, "CountryNotConfiguredInStore")

    def test_without_shipping_info_takes_no_delivery(self, shop):
        body = draft()
        del body["shippingInfo"]
        order = shop.post("/orders/import", body).json
        assert code_of(shop.act(order, "addDelivery")) == (400, "InvalidOperation")

    def test_may_hold_only_custom_lines_and_negative_money(self, shop):
        custom = {"name": {"en": "Goodwill"}, "slug": "goodwill", "quantity": 1, "money": gbp(-500)}
        answer = shop.post("/orders/import", draft(lineItems=[], customLineItems=[custom], totalPrice=gbp(-500)))
        assert answer.status_code == 201
        assert answer.json["customLineItems"][0]["totalPrice"]["centAmount"] == -500

    def test_leaves_stock_alone_unless_told(self, shop):
        shop.post("/orders/import", draft())
        shop.post("/orders/import", draft(inventoryMode="TrackOnly"))
        entry = shop.where("/inventory", f'sku = "{SKU}" and supplyChannel is not defined')[0]
        assert entry["quantityOnStock"] == 119


class TestCart:
    def cart(self, shop, **members):
        body = {"currency": "GBP", "lineItems": [{"sku": SKU, "quantity": 2}], "shippingAddress": {"country": "GB"}, **members}
        return shop.post("/carts", body).json

    def test_becomes_an_order_and_is_closed(self, shop):
        cart = self.cart(shop, shippingMethod={"typeId": "shipping-method", "key": "standard"})
        body = {"cart": {"typeId": "cart", "id": cart["id"]}, "version": cart["version"], "orderNumber": "WEB-1", "paymentState": "Pending"}
        answer = shop.post("/orders", body)
        assert answer.status_code == 201
        assert answer.json["totalPrice"]["centAmount"] == 2 * 3999 + 399
        assert shop.get(f"/carts/{cart['id']}").json["cartState"] == "Ordered"
        assert shop.kinds(answer.json) == ["OrderCreated"]

    def test_of_another_version_conflicts(self, shop):
        cart = self.cart(shop)
        assert code_of(shop.post("/orders", {"cart": {"id": cart["id"]}, "version": 9})) == (409, "ConcurrentModification")

    def test_needs_a_shipping_address(self, shop):
        cart = self.cart(shop, shippingAddress=None)
        assert shop.post("/orders", {"cart": {"id": cart["id"]}, "version": 1}).status_code == 400

    def test_takes_only_published_skus(self, shop):
        shop.control("products", sku="DRAFT-1", publish=False)
        body = {"currency": "GBP", "lineItems": [{"sku": "DRAFT-1"}]}
        assert code_of(shop.post("/carts", body)) == (400, "InvalidInput")


class TestCheckout:
    def test_places_many_at_once(self, shop):
        answer = shop.control("orders", count=200)
        assert len(answer.json["orders"]) == 200
        assert shop.get("/orders", ("limit", 0)).json["total"] == 200

    def test_makes_an_order_the_shops_own_client_wrote(self, shop):
        order = shop.order(shipping_method="express")
        assert order["createdBy"]["clientId"] == "shop-client"
        assert order["shippingInfo"]["shippingMethodName"] == "DPD Next Day"
        assert order["totalPrice"]["centAmount"] == order["taxedPrice"]["totalGross"]["centAmount"] == 2 * 3999 + 799
        assert order["lineItems"][0]["variant"]["sku"] == SKU

    def test_leaves_out_what_is_missing(self, shop):
        order = shop.order(missing=["shippingAddress.city", "postalCode", "customerEmail"])
        assert not {"city", "postalCode"} & order["shippingAddress"].keys()
        assert "customerEmail" not in order
        assert "shippingAddress" not in shop.order(missing=["shippingAddress"])

    def test_knows_gifts_custom_lines_and_lines_without_sku(self, shop):
        lines = [{"sku": SKU, "gift": True}, {"sku": SKU, "no_sku": True}]
        order = shop.order(lines=lines, custom_lines=[{"slug": "gift-wrap", "amount": 250}])
        assert order["lineItems"][0]["lineItemMode"] == "GiftLineItem"
        assert order["lineItems"][0]["totalPrice"]["centAmount"] == 0
        assert "sku" not in order["lineItems"][1]["variant"]
        assert order["customLineItems"][0]["slug"] == "gift-wrap"

    def test_sells_in_euros_in_the_other_store(self, shop):
        order = shop.order(store="eu")
        assert (order["totalPrice"]["currencyCode"], order["country"]) == ("EUR", "DE")

    def test_may_say_paid_before_the_money_came(self, shop):
        order = shop.order(payment="label_only")
        payment = shop.get(f"/payments/{order['paymentInfo']['payments'][0]['id']}").json
        assert (order["paymentState"], payment["transactions"][0]["state"]) == ("Paid", "Pending")

    @pytest.mark.parametrize(("verb", "state", "label"), [("settle", "Success", "Paid"), ("fail", "Failure", "Failed")])
    def test_hears_from_the_payment_provider_later(self, shop, verb, state, label):
        order = shop.order(payment="pending")
        shop.control(f"orders/{order['orderNumber']}/{verb}")
        payment = shop.get(f"/payments/{order['paymentInfo']['payments'][0]['id']}").json
        assert payment["transactions"][0]["state"] == state
        assert shop.get(f"/orders/{order['id']}").json["paymentState"] == label
        assert shop.kinds(payment) == ["PaymentCreated", "PaymentTransactionStateChanged"]

    def test_edits_an_order_after_placing(self, shop):
        order = shop.order()
        shop.control(f"orders/{order['orderNumber']}/edit", quantity=5, address={"city": "York"})
        edited = shop.get(f"/orders/{order['id']}").json
        assert edited["lineItems"][0]["quantity"] == 5
        assert edited["totalPrice"]["centAmount"] == 5 * 3999 + 399
        assert edited["shippingAddress"]["city"] == "York"
        assert shop.kinds(order) == ["OrderCreated", "OrderEditApplied", "OrderShippingAddressSet"]

    def test_swaps_and_adds_lines_by_edit(self, shop):
        order = shop.order()
        shop.control(f"orders/{order['id']}/edit", sku="OXF-HE-WHI-S", add_line={"sku": "OXF-HE-WHI-L"})
        edited = shop.get(f"/orders/{order['id']}").json
        assert [line["variant"]["sku"] for line in edited["lineItems"]] == ["OXF-HE-WHI-S", "OXF-HE-WHI-L"]
        assert edited["lineItems"][0]["id"] == order["lineItems"][0]["id"]

    def test_cancels(self, shop):
        order = shop.order()
        assert shop.control(f"orders/{order['id']}/cancel").json["orderState"] == "Cancelled"
        assert shop.kinds(order) == ["OrderCreated", "OrderStateChanged"]

    def test_refuses_what_is_out_of_stock(self, shop):
        answer = shop.control("orders", skus=[SKU], quantity=500, inventory_mode="ReserveOnOrder")
        assert code_of(answer) == (400, "OutOfStock")
        assert answer.json["errors"][0]["skus"] == [SKU]


class TestReset:
    def test_empties_the_project(self, shop):
        shop.order()
        shop.control("reset")
        summary = shop.http.get("/__sandbox__/summary").json
        assert (summary["counts"]["orders"], summary["counts"]["products"]) == (0, 0)
        assert summary["counts"]["states"] == 1
