"""Inventory, channels, products and settings of the commercetools simulator."""

from __future__ import annotations

import pytest

from tests.sandbox.commercetools_client import Shop, code_of

SKU = "OXF-HE-BLU-M"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def entry(shop, channel="wh-leeds"):
    return shop.get(f"/inventory/key={SKU}_{channel}").json


class TestInventoryEntry:
    def test_is_the_only_one_of_its_sku_and_channel(self, shop):
        body = {"sku": SKU, "quantityOnStock": 1, "supplyChannel": {"typeId": "channel", "key": "wh-leeds"}}
        answer = shop.post("/inventory", body)
        assert code_of(answer) == (400, "DuplicateField")
        message = f"A duplicate value '\"{SKU}\"' exists for field 'sku'."
        assert answer.json["errors"] == [{"code": "DuplicateField", "message": message, "duplicateValue": SKU, "field": "sku"}]

    def test_needs_a_sku_and_a_quantity(self, shop):
        assert shop.post("/inventory", {"sku": "X"}).status_code == 400
        assert shop.post("/inventory", {"quantityOnStock": 1}).status_code == 400
        assert shop.post("/inventory", {"sku": "NO-PRODUCT", "quantityOnStock": 1}).status_code == 201

    @pytest.mark.parametrize(("action", "left"), [("changeQuantity", 7), ("addQuantity", 127), ("removeQuantity", 113)])
    def test_changes_its_quantity(self, shop, action, left):
        changed = shop.update("/inventory", entry(shop), {"action": action, "quantity": 7}).json
        assert (changed["quantityOnStock"], changed["availableQuantity"]) == (left, left)

    def test_may_fall_below_zero_and_says_it_is_out(self, shop):
        changed = shop.update("/inventory", entry(shop), {"action": "removeQuantity", "quantity": 130}).json
        assert changed["quantityOnStock"] == -10
        assert shop.kinds(changed) == ["InventoryEntryCreated", "InventoryEntryQuantitySet", "InventoryEntryOutOfStock"]

    def test_tells_old_and_new_quantities(self, shop):
        changed = shop.update("/inventory", entry(shop), {"action": "changeQuantity", "quantity": 7}).json
        message = shop.messages(changed)[-1]
        assert (message["oldQuantityOnStock"], message["newQuantityOnStock"]) == (120, 7)
        assert message["resource"]["typeId"] == "inventory-entry"

    def test_cannot_move_onto_another(self, shop):
        move = {"action": "setSupplyChannel", "supplyChannel": {"typeId": "channel", "key": "wh-berlin"}}
        assert code_of(shop.update("/inventory", entry(shop), move)) == (400, "DuplicateField")

    def test_is_found_by_sku_and_channel(self, shop):
        channel = shop.get("/channels/key=wh-leeds").json["id"]
        found = shop.where("/inventory", f'sku = "{SKU}" and supplyChannel(id = "{channel}")')
        assert [one["key"] for one in found] == [f"{SKU}_wh-leeds"]


class TestStockMovedByAnOrder:
    def test_shows_late_and_without_a_message(self):
        shop = Shop(stock_lag_s=5)
        shop.order(inventory_mode="ReserveOnOrder")
        assert entry(shop)["availableQuantity"] == 120
        shop.control("clock", skew_s=6)
        moved = entry(shop)
        assert (moved["quantityOnStock"], moved["availableQuantity"]) == (118, 118)
        assert shop.kinds(moved) == ["InventoryEntryCreated"]

    def test_counts_at_once_against_the_next_order(self):
        shop = Shop(stock_lag_s=60)
        wish = {"skus": [SKU], "quantity": 70, "store": "uk", "inventory_mode": "ReserveOnOrder"}
        assert shop.control("orders", **wish).status_code == 200
        assert code_of(shop.control("orders", **wish)) == (400, "OutOfStock")

    def test_stays_on_stock_where_it_is_reserved(self):
        shop = Shop(reserve_on_order="reserve")
        shop.order(inventory_mode="ReserveOnOrder")
        assert (entry(shop)["quantityOnStock"], entry(shop)["availableQuantity"]) == (120, 118)

    def test_goes_below_zero_when_only_tracked(self, shop):
        shop.order(inventory_mode="TrackOnly", quantity=130)
        assert entry(shop)["availableQuantity"] == -10

    def test_is_sold_again_when_restockable(self, shop):
        shop.update("/inventory", entry(shop), {"action": "setRestockableInDays", "restockableInDays": 0})
        assert shop.order(inventory_mode="ReserveOnOrder", quantity=500)

    @pytest.mark.parametrize(("releases", "left"), [(False, 118), (True, 120)])
    def test_comes_back_on_cancellation_only_where_so_set(self, releases, left):
        shop = Shop(cancel_releases_stock=releases)
        order = shop.order()
        shop.control(f"orders/{order['id']}/cancel")
        assert entry(shop)["quantityOnStock"] == left

    def test_is_not_moved_when_the_order_is_refused(self, shop):
        shop.order(order_number="TWICE")
        assert shop.control("orders", order_number="TWICE", skus=[SKU], quantity=2, store="uk").status_code == 400
        assert entry(shop)["quantityOnStock"] == 118


class TestChannel:
    def test_defaults_to_inventory_supply(self, shop):
        assert shop.post("/channels", {"key": "wh-york"}).json["roles"] == ["InventorySupply"]

    @pytest.mark.parametrize("body", [{"key": "wh-york", "roles": []}, {"key": ""}])
    def test_refuses_no_roles_and_an_empty_key(self, shop, body):
        assert code_of(shop.post("/channels", body)) == (400, "InvalidOperation")

    def test_refuses_a_taken_key(self, shop):
        assert code_of(shop.post("/channels", {"key": "wh-leeds"})) == (400, "DuplicateField")

    def test_cannot_go_while_stock_is_there(self, shop):
        channel = shop.get("/channels/key=wh-leeds").json
        answer = shop.http.delete(f"/demo-shop/channels/{channel['id']}", query_string={"version": 1}, headers=shop.headers)
        assert code_of(answer) == (400, "ReferenceExists")

    def test_changes_its_roles(self, shop):
        channel = shop.get("/channels/key=ops-portal").json
        added = shop.update("/channels", channel, {"action": "addRoles", "roles": ["OrderImport"]}).json
        assert added["roles"] == ["OrderExport", "OrderImport"]
        assert shop.update("/channels", added, {"action": "removeRoles", "roles": added["roles"]}).status_code == 400

    def test_is_found_within_a_circle(self, shop):
        point = {"type": "Point", "coordinates": [-1.55, 53.8]}
        shop.post("/channels", {"key": "near", "geoLocation": point})
        assert [one["key"] for one in shop.where("/channels", "geoLocation within circle(-1.54, 53.8, 2000)")] == ["near"]


class TestProduct:
    def test_is_seen_by_its_skus(self, shop):
        where = 'masterVariant(sku in ("OXF-HE-WHI-S")) or variants(sku in ("OXF-HE-WHI-S"))'
        found = shop.where("/product-projections", where)
        assert [one["key"] for one in found] == ["oxford-shirt-heritage"]
        deep = f'masterData(current(variants(sku = "{SKU}")))'
        assert [one["key"] for one in shop.where("/products", deep)] == ["oxford-shirt-heritage"]

    def test_is_hidden_from_the_published_view_until_published(self, shop):
        product = shop.control("products", sku="NEW-1", publish=False).json
        path = f"/product-projections/{product['id']}"
        assert shop.get(path).status_code == 404
        assert shop.get(path, ("staged", "true")).status_code == 200
        shop.post(f"/products/{product['id']}", {"version": 1, "actions": [{"action": "publish"}]})
        assert shop.get(path).json["published"] is True

    def test_refuses_a_taken_sku(self, shop):
        assert code_of(shop.control("products", sku=SKU)) == (400, "DuplicateField")

    def test_shows_a_new_sku_once_published(self, shop):
        shop.control(f"skus/{SKU}", sku="OXF-NEW", publish=False)
        assert shop.where("/product-projections", 'variants(sku = "OXF-NEW")') == []
        product = shop.where("/product-projections", 'variants(sku = "OXF-NEW")', ("staged", "true"))[0]
        assert product["hasStagedChanges"] is True
        shop.post(f"/products/{product['id']}", {"version": product["version"], "actions": [{"action": "publish"}]})
        assert len(shop.where("/product-projections", 'variants(sku = "OXF-NEW")')) == 1

    def test_shows_stock_by_channel_and_not_their_sum(self, shop):
        variant = shop.get("/product-projections/key=oxford-shirt-heritage").json["masterVariant"]
        assert variant["availability"]["availableQuantity"] == 120
        assert len(variant["availability"]["channels"]) == 2

    def test_needs_the_right_scope_for_staged_data(self, shop):
        shop.headers = shop.bearer(scope="view_published_products:demo-shop")
        assert shop.get("/product-projections").status_code == 200
        assert shop.get("/product-projections", ("staged", "true")).status_code == 403

    def test_search_is_off_and_finds_a_sku_when_on(self, shop):
        body = {"query": {"exact": {"field": "variants.sku", "value": SKU}}}
        assert code_of(shop.post("/products/search", body)) == (404, "ObjectNotFound")
        shop.control("settings", search_active=True)
        assert shop.post("/products/search", body).json["results"][0]["matchingVariants"]["matchedVariants"][0]["sku"] == SKU

    def test_adds_and_removes_variants(self, shop):
        product = shop.get("/products/key=oxford-shirt-heritage").json
        added = shop.update("/products", product, {"action": "addVariant", "sku": "OXF-XXL", "staged": False}).json
        assert added["masterData"]["current"]["variants"][-1]["sku"] == "OXF-XXL"
        number = added["masterData"]["current"]["variants"][-1]["id"]
        gone = shop.update("/products", added, {"action": "removeVariant", "id": number, "staged": False}).json
        assert shop.kinds(gone)[-2:] == ["ProductVariantAdded", "ProductVariantDeleted"]


class TestPayment:
    def test_moves_through_its_transactions(self, shop):
        money = {"currencyCode": "GBP", "centAmount": 500}
        payment = shop.post("/payments", {"amountPlanned": money, "key": "pay-1"}).json
        paid = shop.update("/payments", payment, {"action": "addTransaction", "transaction": {"type": "Charge", "amount": money}}).json
        charge = paid["transactions"][0]
        assert charge["state"] == "Initial"
        change = {"action": "changeTransactionState", "transactionId": charge["id"], "state": "Success"}
        assert shop.update("/payments", paid, change).json["transactions"][0]["state"] == "Success"
        assert shop.kinds(payment) == ["PaymentCreated", "PaymentTransactionAdded", "PaymentTransactionStateChanged"]

    def test_is_unique_by_interface_and_its_id(self, shop):
        body = {"amountPlanned": {"currencyCode": "JPY", "centAmount": 5}, "interfaceId": "P1", "paymentMethodInfo": {"paymentInterface": "psp"}}
        assert shop.post("/payments", body).json["amountPlanned"]["fractionDigits"] == 0
        assert code_of(shop.post("/payments", body)) == (400, "DuplicateField")


class TestFurniture:
    def test_of_the_demo_is_there(self, shop):
        assert {one["key"] for one in shop.get("/stores").json["results"]} == {"uk", "eu", "outlet"}
        assert shop.get("/shipping-methods").json["total"] == 4
        assert len(shop.where("/channels", 'roles contains any ("InventorySupply")')) == 2

    def test_types_take_more_fields(self, shop):
        kind = shop.get("/types/key=order-extras").json
        definition = {"name": "hub-id", "label": {"en": "Hub"}, "required": False, "type": {"name": "String"}}
        more = shop.update("/types", kind, {"action": "addFieldDefinition", "fieldDefinition": definition}).json
        assert more["fieldDefinitions"][-1]["name"] == "hub-id"

    def test_keys_have_a_form(self, shop):
        assert code_of(shop.post("/states", {"key": "not a key", "type": "OrderState"})) == (400, "InvalidInput")
