"""The Shopify simulator's door and its reading: tokens, versions, cost, the query language, orders and goods."""

from __future__ import annotations

import pytest

from connectors.sandbox.shopify import CLIENT_SECRET, READ_TOKEN
from tests.sandbox.shopify_shop import FULFIL, ORDERS, VARIANT, Shop, code_of


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestTheDoor:
    def test_refuses_a_wrong_token(self, shop):
        answer = shop.post({"query": "{shop{name}}"}, token="shpat_other")

        assert answer.status_code == 401
        assert "Invalid API key" in answer.get_json()["errors"]

    def test_lets_a_reader_read_and_not_write(self, shop):
        assert shop.ask("{orders(first:1){nodes{id}}}", token=READ_TOKEN)["data"]["orders"]["nodes"] == []
        assert code_of(shop.ask(FULFIL, token=READ_TOKEN, f={"lineItemsByFulfillmentOrder": []})) == "ACCESS_DENIED"

    @pytest.mark.parametrize(("asked", "served"), [("2026-10", "2026-10"), ("2024-01", "2025-10"), ("unstable", "unstable")])
    def test_tells_which_version_answered(self, shop, asked, served):
        assert shop.post({"query": "{shop{name}}"}, version=asked).headers["X-Shopify-API-Version"] == served

    def test_knows_no_version_of_the_future(self, shop):
        assert shop.post({"query": "{shop{name}}"}, version="2031-01").status_code == 404

    @pytest.mark.parametrize("status", [402, 423])
    def test_is_shut_for_a_frozen_or_locked_shop(self, shop, status):
        shop.control("access", status=status)

        assert shop.post({"query": "{shop{name}}"}).status_code == status

    def test_gives_short_tokens_that_end(self):
        shop = Shop(token_form="short", token_life_s=60)
        told = {"grant_type": "client_credentials", "client_secret": CLIENT_SECRET}
        token = shop.client.post("/admin/oauth/access_token", json=told).get_json()["access_token"]

        assert shop.post({"query": "{shop{name}}"}, token=token).status_code == 200
        shop.control("clock", skew_s=120)
        assert shop.post({"query": "{shop{name}}"}, token=token).status_code == 401

    def test_tells_the_scopes_of_the_token(self, shop):
        told = shop.ask("{currentAppInstallation{accessScopes{handle}}}", token=READ_TOKEN)["data"]["currentAppInstallation"]["accessScopes"]

        assert {"handle": "read_orders"} in told
        assert {"handle": "write_orders"} not in told


class TestTheCost:
    def test_is_told_with_each_answer(self, shop):
        cost = shop.ask(ORDERS, first=2)["extensions"]["cost"]

        assert cost["requestedQueryCost"] >= cost["actualQueryCost"] >= 1
        assert cost["throttleStatus"] == {"maximumAvailable": 2000.0, "currentlyAvailable": 2000, "restoreRate": 100.0}

    @pytest.mark.parametrize("status", [200, 429])
    def test_over_the_bucket_is_throttled(self, status):
        shop = Shop(throttle_status=status)
        shop.control("oddities", name="throttled", times=1)
        answer = shop.post({"query": "{shop{name}}"})

        assert answer.status_code == status
        assert "data" not in answer.get_json()
        assert code_of(answer.get_json()) == "THROTTLED"
        assert answer.get_json()["extensions"]["cost"]["actualQueryCost"] is None

    def test_empties_the_bucket(self):
        shop = Shop(rate_scale=0.0001)
        shop.control("orders", count=60)
        codes = [code_of(answer) for answer in (shop.ask(ORDERS, first=250) for _ in range(30)) if "errors" in answer]

        assert codes
        assert set(codes) == {"THROTTLED"}

    def test_of_one_query_has_a_ceiling(self):
        shop = Shop(linear_cost=True)

        assert code_of(shop.ask(ORDERS, first=250)) == "MAX_COST_EXCEEDED"

    @pytest.mark.parametrize(("name", "code"), [("internal_error", "INTERNAL_SERVER_ERROR"), ("shop_inactive", "SHOP_INACTIVE")])
    def test_or_worse_is_a_top_level_error(self, shop, name, code):
        shop.control("oddities", name=name)

        assert code_of(shop.ask("{shop{name}}")) == code


class TestAQuery:
    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("{orders(first:1){nodes{bogus}}}", "Field 'bogus' doesn't exist on type 'Order'"),
            ("{orders{nodes{id}}}", "you must provide one of first or last"),
            ("{orders(first:251){nodes{id}}}", "maximum of 250"),
            ("{orders(first:1,colour:1){nodes{id}}}", "doesn't accept argument 'colour'"),
            ("{orders(first:1){nodes{lineItems(first:1)}}}", "must have selections"),
            ("{shop{name{x}}}", "Selections can't be made on scalars"),
            ("query($x:Int){shop{name}}", "declared by anonymous query but not used"),
            ("{order(id:$x){id}}", "not declared"),
            ("{order{id}}", "missing required arguments: id"),
            ("{shop{name}", "syntax error"),
            ("{shop{...F}}", "Fragment F was used, but not defined"),
            ("{shop{...F}} fragment F on Shop{...F}", "a fragment holds itself"),
        ],
    )
    def test_that_is_wrong_is_refused_with_http_200(self, shop, query, words):
        answer = shop.ask(query)

        assert words in answer["errors"][0]["message"]
        assert "data" not in answer

    def test_that_misses_its_variable_is_refused(self, shop):
        assert code_of(shop.ask(ORDERS)) == "INVALID_VARIABLE"

    def test_without_a_query_is_a_bad_request(self, shop):
        assert shop.post({"variables": {}}).status_code == 400

    def test_may_use_fragments_aliases_and_type_names(self, shop):
        id = shop.place()["id"]
        query = """query($id:ID!){ a:order(id:$id){...O} node(id:$id){__typename ... on Order{name}} } fragment O on Order{ number:name
          lineItems(first:1){edges{cursor node{sku}}} }"""
        told = shop.ask(query, id=f"gid://shopify/Order/{id}")["data"]

        assert told["a"]["number"] == "#10021"
        assert told["a"]["lineItems"]["edges"][0]["node"] == {"sku": "TEE-BLK-S"}
        assert told["node"] == {"__typename": "Order", "name": "#10021"}

    def test_for_an_unknown_id_is_null_and_for_none_an_error(self, shop):
        assert shop.ask('{order(id:"gid://shopify/Order/1"){id}}')["data"] == {"order": None}
        assert shop.ask('{order(id:"1"){id}}')["errors"]

    def test_with_an_unknown_search_field_leaves_it_out_and_warns(self, shop):
        shop.place()
        answer = shop.ask(ORDERS, first=5, q="colour:red")

        assert len(answer["data"]["orders"]["nodes"]) == 1
        assert answer["extensions"]["search"][0]["warnings"][0]["field"] == "colour"


class TestOrders:
    def test_show_what_was_bought(self, shop):
        id = shop.place(lines=[{"sku": "TEE-BLK-S", "quantity": 2}], shipping="4.00")["id"]
        order = shop.order(id)
        line = order["lineItems"]["nodes"][0]

        assert order["id"] == f"gid://shopify/Order/{id}"
        assert order["legacyResourceId"] == str(id)
        assert order["currentTotalPriceSet"] == {"shopMoney": {"amount": "43.00", "currencyCode": "USD"}}
        assert (line["sku"], line["quantity"], line["currentQuantity"], line["unfulfilledQuantity"]) == ("TEE-BLK-S", 2, 2, 2)
        assert line["variant"]["inventoryItem"]["id"].startswith("gid://shopify/InventoryItem/")

    def test_are_paged_by_change_without_gap_or_repeat(self, shop):
        shop.control("orders", count=25, spread_s=3600)
        seen, after = [], None
        for _ in range(9):
            page = shop.ask(ORDERS, first=10, after=after)["data"]["orders"]
            seen += [each["name"] for each in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break

        assert seen == [f"#{number}" for number in range(10021, 10046)]

    def test_since_a_moment_are_those_that_changed(self, shop):
        old = shop.control("orders", count=2, spread_s=7200)[0]
        shop.control("orders", count=2)
        since = shop.orders()[1]["updatedAt"]

        assert len(shop.orders(f"updated_at:>='{since}' AND status:any")) == 3
        shop.control(f"orders/{old['id']}/pay")
        assert shop.orders()[-1]["name"] == old["name"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("name:#10022", ["#10022"]),
            ("name:10021 OR name:10022", ["#10021", "#10022"]),
            ("financial_status:pending", ["#10022"]),
            ("-financial_status:pending AND status:open", ["#10021"]),
            ("status:cancelled", ["#10023"]),
            ("sku:CAP-BLK-M", ["#10022"]),
            ("(tag:gift OR tag:rush) status:any", ["#10022"]),
            ("created_at:>'2199-01-01'", []),
        ],
    )
    def test_are_found_by(self, shop, query, found):
        shop.place()
        shop.place(lines=[{"sku": "CAP-BLK-M"}], financial="PENDING", tags=["rush"])
        shop.control(f"orders/{shop.place()['id']}/cancel")

        assert sorted(each["name"] for each in shop.orders(query)) == found

    def test_may_have_lines_without_a_sku_or_a_variant(self, shop):
        missing = shop.order(shop.place(missing_sku=True)["id"])["lineItems"]["nodes"][0]
        empty = shop.order(shop.place(empty_sku=True)["id"])["lineItems"]["nodes"][0]
        deleted = shop.order(shop.place(lines=[{"sku": "TEE-BLK-S", "variant_deleted": True}])["id"])["lineItems"]["nodes"][0]

        assert (missing["sku"], empty["sku"], deleted["variant"]) == (None, "", None)

    def test_edited_keep_the_quantity_and_show_the_current_one(self, shop):
        id = shop.place()["id"]
        shop.control(f"orders/{id}/edit", line=0, quantity=1)
        order = shop.order(id)

        assert [order["lineItems"]["nodes"][0][name] for name in ("quantity", "currentQuantity", "unfulfilledQuantity")] == [2, 1, 1]
        assert order["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]["remainingQuantity"] == 1

    def test_cancelled_have_nothing_to_send(self, shop):
        before = shop.level()
        id = shop.place()["id"]
        assert shop.level()["available"] == before["available"] - 2
        shop.control(f"orders/{id}/cancel")
        order = shop.order(id)

        assert order["cancelledAt"]
        assert (order["displayFinancialStatus"], order["fulfillmentOrders"]["nodes"][0]["status"]) == ("REFUNDED", "CANCELLED")
        assert shop.level() == before

    def test_refunded_show_refund_and_return(self, shop):
        id = shop.place()["id"]
        shop.fulfil(id)
        shop.control(f"orders/{id}/refund", quantity=1, with_return=True)
        order = shop.order(id)

        assert (order["displayFinancialStatus"], order["returnStatus"]) == ("PARTIALLY_REFUNDED", "IN_PROGRESS")
        assert order["returns"]["nodes"][0]["status"] == "OPEN"
        refund = shop.ask("query($id:ID!){refund(id:$id){refundLineItems(first:5){nodes{quantity restockType}}}}", id=order["refunds"][0]["id"])
        assert refund["data"]["refund"]["refundLineItems"]["nodes"] == [{"quantity": 1, "restockType": "RETURN"}]


class TestGoods:
    def test_are_found_by_sku_without_regard_to_capitals(self, shop):
        found = shop.ask(VARIANT, q="sku:'tee-blk-s'")["data"]["productVariants"]["nodes"]

        assert [each["sku"] for each in found] == ["TEE-BLK-S"]

    def test_may_share_a_sku(self, shop):
        assert len(shop.ask(VARIANT, q="sku:CAP-BLK-S")["data"]["productVariants"]["nodes"]) == 2

    def test_change_their_sku_by_a_merchants_hand(self, shop):
        shop.control("variants", sku="TEE-BLK-S", new_sku="TEE-BLACK-S")

        assert shop.ask(VARIANT, q="sku:TEE-BLK-S")["data"]["productVariants"]["nodes"] == []
        assert shop.ask(VARIANT, q="sku:TEE-BLACK-S OR sku:NONE")["data"]["productVariants"]["nodes"][0]["sku"] == "TEE-BLACK-S"

    def test_tell_their_level_at_each_place(self, shop):
        query = """{locations(first:5){nodes{name inventoryLevels(first:3){nodes{item{sku} quantities(names:["available"]){quantity}}
          pageInfo{hasNextPage}}}}}"""
        places = shop.ask(query)["data"]["locations"]["nodes"]

        assert [each["name"] for each in places] == ["Atlanta Warehouse", "Reno Warehouse"]
        assert places[0]["inventoryLevels"]["nodes"][0]["quantities"][0]["quantity"] == 40
        assert places[0]["inventoryLevels"]["pageInfo"]["hasNextPage"]

    def test_refuse_a_quantity_that_has_no_name(self, shop):
        query = '{locations(first:1){nodes{inventoryLevels(first:1){nodes{quantities(names:["free"]){quantity}}}}}}'

        assert "'free' is invalid" in shop.ask(query)["errors"][0]["message"]
