"""The Veeqo simulator's catalogue, stock, customers and reference data."""

from __future__ import annotations

import time

import pytest
import requests

from connectors.sandbox.kit import ADMIN, serve
from connectors.sandbox.veeqo import API_KEY, build
from tests.sandbox.veeqo_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestDemo:
    def test_has_what_a_demo_needs(self, shop):
        counts = [len(shop.made[name]) for name in ("warehouses", "channels", "delivery_methods", "sellables")]

        assert counts == [2, 3, 4, 60]

    def test_takes_other_skus(self, shop):
        made = shop.control("seed-demo", skus=[{"sku": "A-1", "title": "Thing", "price": "9.99", "stock": 9, "barcode": "5012345678900"}])

        variant = shop.call("GET", "/products?query=A-1").json[0]["sellables"][0]

        assert list(made["sellables"]) == ["A-1"]
        assert (variant["price"], variant["upc_code"], variant["stock_level_at_all_warehouses"]) == (9.99, "5012345678900", 9)
        assert [each["physical_stock_level"] for each in variant["stock_entries"]] == [6, 3]

    def test_starts_again_after_a_reset(self, shop):
        shop.place()

        shop.client.post(f"{ADMIN}/reset")

        assert (shop.summary()["orders"], shop.summary()["sellables"]) == (0, 0)
        assert len(shop.call("GET", "/carriers").json) == 21


class TestProducts:
    def test_follow_their_stock_in_updated_at(self, shop):
        before = shop.call("GET", "/products?query=MUG-BLU").json[0]
        shop.wait(60)
        shop.place()

        changed = shop.call("GET", f"/products?page_size=100&updated_at_min={before['updated_at']}").json
        mug = next(each for each in changed if each["id"] == before["id"])
        variants = [next(v for v in each["sellables"] if v["sku_code"] == "MUG-BLU") for each in (before, mug)]

        assert mug["updated_at"] > before["updated_at"]
        assert variants[0]["updated_at"] == variants[1]["updated_at"]

    def test_narrow_to_what_changed(self, shop):
        shop.wait(60)
        shop.control("stock", changes=[{"sku": "CAP-RED", "delta": -1}])
        bound = shop.call("GET", "/products?query=CAP-RED").json[0]["updated_at"]

        changed = shop.call("GET", f"/products?updated_at_min={bound}")

        assert changed.headers["X-Total-Count"] == "1"

    def test_are_found_by_a_part_of_the_sku(self, shop):
        assert [each["title"] for each in shop.call("GET", "/products?query=ug-bl").json] == ["Mug"]

    def test_are_made_and_edited(self, shop):
        variant = {"title": "Plum", "sku_code": "VAS-PLU", "price": "12.50"}
        made = shop.call("POST", "/products", json={"product": {"title": "Vase", "product_variants_attributes": [variant]}})
        sellable = made.json["sellables"][0]
        change = {"id": sellable["id"], "sku_code": "VAS-PLM", "weight_grams": 99}

        after = shop.call("PUT", f"/products/{made.json['id']}", json={"product": {"product_variants_attributes": [change]}}).json

        assert (made.status_code, sellable["full_title"], sellable["stock_entries"]) == (201, "Vase Plum", [])
        assert [(each["id"], each["sku_code"], each["weight_grams"]) for each in after["sellables"]] == [(sellable["id"], "VAS-PLM", 0.0)]

    def test_answer_500_to_an_attribute_they_do_not_accept(self, shop):
        id = shop.call("GET", "/products").json[0]["id"]

        assert shop.call("PUT", f"/products/{id}", json={"product": {"width": 3}}).status_code == 500

    @pytest.mark.parametrize("name", ["title", "price", "sku_code"])
    def test_need_their_variants_whole(self, shop, name):
        variant = {"title": "Plum", "sku_code": "VAS-PLU", "price": "12.50", name: None}

        assert shop.call("POST", "/products", json={"product": {"title": "V", "product_variants_attributes": [variant]}}).status_code == 400

    def test_can_go_but_old_orders_keep_their_lines(self, shop):
        order = shop.place()
        id = shop.call("GET", "/products?query=MUG-BLU").json[0]["id"]

        assert shop.call("DELETE", f"/products/{id}").status_code == 204
        assert shop.call("GET", f"/orders/{order['id']}").json["line_items"][0]["sellable"]["sku_code"] == "MUG-BLU"
        assert shop.call("POST", "/orders", json=shop.body("CT-2")).status_code == 404

    def test_show_a_sku_edited_by_hand(self, shop):  # R75
        shop.control("sku", sku="MUG-BLU", new_sku="MUG-BLUE")

        skus = [each["sku_code"] for each in shop.call("GET", "/sellables?per_page=1000").json]

        assert "MUG-BLU" not in skus
        assert "MUG-BLUE" in skus


class TestStockEntry:
    def path(self, shop: Shop, sku: str = "MUG-BLU") -> str:
        return f"/sellables/{shop.made['sellables'][sku]}/warehouses/{shop.made['warehouses']['Leeds Main']}/stock_entry"

    def test_is_set_to_an_absolute_figure(self, shop):
        shop.place()

        entry = shop.call("PUT", self.path(shop), json={"stock_entry": {"physical_stock_level": 9, "allocated_stock_level": 0}}).json

        assert (entry["physical_stock_level"], entry["allocated_stock_level"], entry["available_stock_level"]) == (9, 2, 7)

    def test_is_404_until_somebody_sets_it(self, shop):
        shop.control("skus", skus=[{"sku": "NEW", "title": "New", "price": 1, "stock": {}}])
        id = shop.call("GET", "/products?query=NEW").json[0]["sellables"][0]["id"]
        path = f"/sellables/{id}/warehouses/{shop.made['warehouses']['Leeds Main']}/stock_entry"

        assert shop.call("GET", path).status_code == 404
        assert shop.call("PUT", path, json={"stock_entry": {"physical_stock_level": 1}}).status_code == 200

    def test_explains_itself_in_the_ledger(self, shop):
        shop.control("stock", changes=[{"sku": "MUG-BLU", "delta": -4}])

        rows = shop.call("GET", f"/stock_histories?sellable_id={shop.made['sellables']['MUG-BLU']}&per_page=1").json

        assert [(row["quantity"], row["decreased"]) for row in rows] == [(4, True)]


class TestCustomers:
    def test_are_found_by_email(self, shop):
        made = shop.call("POST", "/customers", json={"customer": {"email": "Ana@example.com"}})

        found = shop.call("GET", "/customers?query=ana@example.com").json

        assert made.status_code == 201
        assert [each["id"] for each in found] == [made.json["id"]]

    def test_have_emails_of_their_own_unless_set_otherwise(self):
        for unique, status in ((True, 400), (False, 201)):
            shop = Shop(unique_emails=unique)
            shop.call("POST", "/customers", json={"email": "a@example.com"})
            assert shop.call("POST", "/customers", json={"email": "a@example.com"}).status_code == status

    def test_repeat_a_page_beyond_the_cap(self):
        shop = Shop(customers_page_cap=2)
        for at in range(5):
            shop.call("POST", "/customers", json={"email": f"{at}@example.com"})

        pages = [shop.call("GET", f"/customers?page_size=1&page={page}") for page in (2, 3)]

        assert pages[0].json == pages[1].json
        assert pages[0].headers["X-Total-Pages-Count"] == "2"


class TestReference:
    def test_delivery_methods_cost_text_here_and_a_number_in_orders(self, shop):
        assert shop.call("GET", "/delivery_methods").json[0]["cost"] == "3.95"
        assert shop.place(delivery_cost="3.95")["delivery_method"]["cost"] == 3.95

    def test_stores_filter_by_type(self, shop):
        shop.control("channels", name="Amazon UK", type_code="amazon")

        assert len(shop.call("GET", "/channels?type_code=direct&page_size=100").json) == 3

    def test_stores_of_another_type_cannot_be_made_by_the_api(self, shop):
        assert shop.call("POST", "/channels", json={"name": "X", "type_code": "amazon"}).status_code == 400
        assert shop.call("POST", "/channels", json={"name": "X", "type_code": "direct"}).status_code == 201

    def test_new_carriers_get_an_id_and_a_slug(self, shop):
        assert shop.control("carriers", name="Evri")["slug"] == "evri"

    def test_the_json_api_corner_wants_its_own_accept(self, shop):
        assert shop.call("GET", "/api/v2/channel_sellables").status_code == 415


class TestBulk:
    def test_holds_many_orders_without_slowing_down(self):  # R33
        shop = Shop()
        shop.control("stock", changes=[{"sku": "MUG-BLU", "infinite": True}])
        shop.control("place", sku="MUG-BLU", count=5000, prefix="WEB-")

        start = time.perf_counter()
        assert shop.numbers("query=WEB-4999") == ["WEB-4999"]
        shop.control("ship", status="awaiting_fulfillment", limit=100)

        assert time.perf_counter() - start < 2
        assert shop.summary()["by_status"] == {"awaiting_fulfillment": 4900, "shipped": 100}


class TestServing:
    def test_works_over_a_real_connection(self):
        running = serve(build(rate_scale=0))
        try:
            answer = requests.get(f"{running.url}/current_company", headers={"x-api-key": API_KEY}, timeout=5)
        finally:
            running.stop()

        assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
        assert answer.json()["settings"]["currency_code"] == "GBP"
