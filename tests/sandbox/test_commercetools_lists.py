"""Lists of the commercetools simulator: predicates, sorting, paging, expansion."""

from __future__ import annotations

import pytest

from tests.sandbox.commercetools_client import Shop, code_of


@pytest.fixture(scope="module")
def shop() -> Shop:
    shop = Shop()
    shop.control("orders", count=30, store="uk", skus=["OXF-HE-BLU-M"], same_instant=True)
    shop.control("orders", count=5, store="eu", payment="pending", missing=["postalCode"])
    return shop


class TestWhere:
    @pytest.mark.parametrize(
        ("predicate", "count"),
        [
            ('orderState = "Open"', 35),
            ('paymentState = "Pending"', 5),
            ('paymentState != "Pending"', 30),
            ('paymentState <> "Pending" or store(key = "eu")', 35),
            ('store(key = "eu") and shippingAddress(postalCode is not defined)', 5),
            ('not(store(key = "eu"))', 30),
            ('orderNumber in ("WEB-10001", "WEB-10002", "nope")', 2),
            ('orderNumber not in ("WEB-10001")', 34),
            ('lineItems(variant(sku = "OXF-HE-BLU-M")) and store(key="uk")', 30),
            ("syncInfo is empty", 35),
            ("returnInfo is not empty", 0),
            ("version > 1", 0),
            ('createdAt > "2020-01-01T00:00:00Z"', 35),
            ('createdAt > "2020-01-01T00:00:00+02:00"', 35),
            ('createdAt < "2020-01-01"', 0),
            ('(orderState = "Open" and (paymentState = "Paid" or paymentState is not defined))', 30),
        ],
    )
    def test_finds_what_the_predicate_says(self, shop, predicate, count):
        assert len(shop.where("/orders", predicate)) == count

    def test_takes_values_from_variables(self, shop):
        found = shop.where("/orders", "orderNumber in :n and version = :v", ("var.n", "WEB-10001"), ("var.n", "WEB-10003"), ("var.v", "1"))
        assert sorted(order["orderNumber"] for order in found) == ["WEB-10001", "WEB-10003"]

    def test_joins_several_predicates_with_and(self, shop):
        assert len(shop.where("/orders", 'store(key = "uk")', ("where", 'orderNumber = "WEB-10001"'))) == 1

    def test_finds_the_order_of_a_payment(self, shop):
        order = shop.get("/orders/order-number=WEB-10007").json
        payment = order["paymentInfo"]["payments"][0]["id"]
        assert [one["id"] for one in shop.where("/orders", f'paymentInfo(payments(id = "{payment}"))')] == [order["id"]]

    def test_reads_arrays_of_values(self, shop):
        assert [one["key"] for one in shop.where("/channels", 'roles contains any ("OrderExport")')] == ["ops-portal"]
        assert len(shop.where("/channels", 'roles contains all ("InventorySupply", "Primary")')) == 0

    def test_knows_escaped_quotes_and_backticks(self, shop):
        assert shop.where("/orders", r'customerEmail = "a\"b"') == []
        assert shop.where("/orders", 'custom(fields(`wms-id` = "9"))') == []

    @pytest.mark.parametrize(
        "predicate", ["invalid", 'orderNumber like "WEB%"', "orderNumber =", 'orderNumber = "x" and', "(version = 1", 'a "b"', "version = 1 &"]
    )
    def test_refuses_what_it_cannot_parse(self, shop, predicate):
        answer = shop.get("/orders", ("where", predicate))
        assert code_of(answer) == (400, "InvalidInput")
        assert answer.json["message"].startswith("Malformed parameter: where: Syntax error while parsing 'where'. ")

    def test_words_the_end_of_input_as_the_vendor_does(self, shop):
        message = shop.get("/orders", ("where", "invalid")).json["message"]
        assert message == (
            "Malformed parameter: where: Syntax error while parsing 'where'. Unexpected end of input, expected SphereIdentifierChar, "
            "comparison operator, not, in, contains, is, within or matches (line 1, column 8):invalid"
        )

    def test_refuses_unknown_fields_and_missing_variables(self, shop):
        assert code_of(shop.get("/orders", ("where", 'unicorn = "x"'))) == (400, "InvalidInput")
        assert code_of(shop.get("/orders", ("where", "orderNumber = :n"))) == (400, "InvalidInput")

    def test_refuses_a_predicate_that_is_too_long(self, shop):
        skus = ",".join(f'"SKU-{number:08d}"' for number in range(2000))
        assert shop.get("/inventory", ("where", f"sku in ({skus})")).status_code == 413


class TestPaging:
    def test_gives_twenty_by_default(self, shop):
        body = shop.get("/orders").json
        assert (body["limit"], body["offset"], body["count"], body["total"]) == (20, 0, 20, 35)

    def test_leaves_the_total_out_when_asked(self, shop):
        assert "total" not in shop.get("/orders", ("withTotal", "false")).json

    @pytest.mark.parametrize("param", [("limit", 501), ("limit", -1), ("offset", 10_001), ("withTotal", "True"), ("sort", "id up")])
    def test_refuses_what_is_out_of_range(self, shop, param):
        assert code_of(shop.get("/orders", param)) == (400, "InvalidInput")

    def test_words_the_range_as_the_vendor_does(self, shop):
        message = shop.get("/orders", ("offset", 10_001)).json["message"]
        assert message == "Malformed parameter: offset: The offset parameter must be in the range of [0..10000]"

    def test_has_no_order_without_sort(self, shop):
        lists = {tuple(shop.ids("/orders", ("limit", 35))) for _ in range(3)}
        assert len(lists) == 3

    def test_by_id_meets_everything_once(self, shop):
        seen: list[str] = []
        params = [("sort", "id asc"), ("limit", 10), ("withTotal", "false")]
        while page := shop.ids("/orders", *params, *([("where", f'id > "{seen[-1]}"')] if seen else [])):
            seen += page
        assert len(seen) == len(set(seen)) == 35

    def test_by_id_is_not_in_the_order_of_text(self, shop):
        ids = shop.ids("/orders", ("sort", "id asc"), ("limit", 100))
        assert ids != sorted(ids)

    def test_by_moment_and_id_survives_equal_moments(self, shop):
        seen: list[dict] = []
        while True:
            cursor = seen[-1] if seen else {"lastModifiedAt": "2000-01-01T00:00:00.000Z", "id": "0"}
            at, ident = cursor["lastModifiedAt"], cursor["id"]
            where = f'lastModifiedAt > "{at}" or (lastModifiedAt = "{at}" and id > "{ident}")'
            page = shop.get("/orders", ("where", where), ("sort", "lastModifiedAt asc"), ("sort", "id asc"), ("limit", 7)).json["results"]
            if not page:
                break
            seen += page
        assert len({order["id"] for order in seen}) == len(seen) == 35

    def test_sorts_downwards_and_by_plain_fields(self, shop):
        numbers = [order["orderNumber"] for order in shop.get("/orders", ("sort", "orderNumber desc"), ("limit", 2)).json["results"]]
        assert numbers == ["WEB-10035", "WEB-10034"]
        moments = [order["createdAt"] for order in shop.get("/orders", ("sort", "createdAt desc"), ("limit", 35)).json["results"]]
        assert moments == sorted(moments, reverse=True)


class TestHead:
    def test_of_a_list_says_whether_anything_matches(self, shop):
        answers = [
            shop.http.head("/demo-shop/orders", query_string={"where": f'orderNumber = "{n}"'}, headers=shop.headers) for n in ("WEB-10001", "x")
        ]
        assert [answer.status_code for answer in answers] == [200, 404]
        assert answers[0].data == b""

    def test_of_a_resource_says_whether_it_exists(self, shop):
        paths = ("/demo-shop/orders/order-number=WEB-10001", "/demo-shop/orders/order-number=none")
        assert [shop.http.head(path, headers=shop.headers).status_code for path in paths] == [200, 404]


class TestExpand:
    def test_puts_the_payment_under_obj(self, shop):
        order = shop.get("/orders/order-number=WEB-10001", ("expand", "paymentInfo.payments[*]")).json
        assert order["paymentInfo"]["payments"][0]["obj"]["transactions"][0]["state"] == "Success"

    def test_works_on_lists_and_on_several_paths(self, shop):
        params = [("where", 'orderNumber = "WEB-10001"'), ("expand", "shippingInfo.shippingMethod"), ("expand", "lineItems[*].supplyChannel")]
        order = shop.get("/orders", *params).json["results"][0]
        assert order["shippingInfo"]["shippingMethod"]["obj"]["key"] == "standard"
        assert order["lineItems"][0]["supplyChannel"]["obj"]["key"] == "wh-leeds"

    def test_leaves_the_reference_alone_when_not_asked(self, shop):
        assert "obj" not in shop.get("/orders/order-number=WEB-10001").json["paymentInfo"]["payments"][0]


class TestAddress:
    def test_by_order_number_may_hold_a_slash(self, shop):
        shop.control("orders", order_number="WEB/1001", skus=["OXF-HE-BLU-M"])
        assert shop.get("/orders/order-number=WEB%2F1001").json["orderNumber"] == "WEB/1001"

    def test_by_key_finds_the_resource(self, shop):
        assert shop.get("/stores/key=uk").json["key"] == "uk"
        assert shop.get("/stores/key=moon").status_code == 404
