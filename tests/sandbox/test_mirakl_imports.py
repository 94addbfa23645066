"""The Mirakl simulator's offers: lists, stock files, offer files and JSON, their status and their error reports."""

from __future__ import annotations

import csv
import io

import pytest

from tests.sandbox.mirakl_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


def report(shop: Shop, path: str) -> list[list[str]]:
    answer = shop.call("GET", path, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text), delimiter=";"))


class TestOffers:
    def test_are_listed_with_our_sku(self, shop):
        listed = shop.get("/offers", max=100)

        assert listed["total_count"] == 60
        assert (listed["offers"][0]["shop_sku"], listed["offers"][0]["quantity"]) == ("MUG-BLU", 40)
        assert listed["offers"][0]["product_references"] == [{"reference_type": "EAN", "reference": "5012345600000"}]

    def test_say_why_they_are_not_sold(self, shop):
        assert (shop.offer("APR-YEL")["active"], shop.offer("APR-YEL")["inactivity_reasons"]) == (False, ["ZERO_QUANTITY"])

    def test_are_found_by_id(self, shop):
        offer = shop.offer()

        assert shop.get(f"/offers/{offer['offer_id']}") == offer
        assert shop.call("GET", "/offers/1").status_code == 404

    def test_sink_with_every_order(self, shop):
        shop.place(lines={"MUG-BLU": 3})

        assert shop.offer()["quantity"] == 37


class TestStockFile:
    def test_sets_quantities_and_nothing_else(self, shop):
        before = shop.offer()

        id = shop.stock('"MUG-BLU";"14";"";""', '"TEE-RED";"0";"";""')

        changed = ("quantity", "shipping_deadline")
        kept = {name: value for name, value in shop.offer().items() if name not in changed}
        assert (shop.offer()["quantity"], shop.offer("TEE-RED")["quantity"]) == (14, 0)
        assert kept == {name: value for name, value in before.items() if name not in changed}
        assert isinstance(id, str)

    def test_is_worked_off_later(self):
        shop = Shop(import_wait_s=10)
        id = shop.stock('"MUG-BLU";"14"')
        seen = []

        for _ in range(3):
            shown = shop.get(f"/offers/stock/imports/{id}/status")
            seen.append((shown["status"], shown.get("lines_in_success"), shop.offer()["quantity"]))
            shop.wait(11)

        assert seen == [("WAITING", None, 40), ("RUNNING", None, 40), ("COMPLETE", 1, 14)]

    def test_reports_each_line_that_failed_first_the_number_and_why(self, shop):
        long = "X" * 41
        id = shop.stock(
            '"MUG-BLU";"5"', '"GONE";"1";"";""', '"TEE-RED";"many"', '"TEE-BLU";"-1"', f'"{long}";"1"', '"CAP-RED";"2";"EAST"', '"CAP-BLU";""'
        )

        status = shop.get(f"/offers/stock/imports/{id}/status")
        header, *lines = report(shop, f"/offers/stock/imports/{id}/error_report")

        assert (status["lines_in_success"], status["lines_in_error"], status["has_error_report"]) == (1, 6, True)
        assert header == ["error-line", "error-message", "offer-sku", "quantity", "warehouse-code", "update-delete"]
        assert lines[0] == ["3", "The offer does not exist", "GONE", "1", "", ""]
        assert [(line[0], line[2]) for line in lines[1:]] == [("4", "TEE-RED"), ("5", "TEE-BLU"), ("6", long), ("7", "CAP-RED"), ("8", "CAP-BLU")]

    def test_has_no_report_when_all_went_well(self, shop):
        id = shop.stock('"MUG-BLU";"14"')

        assert shop.call("GET", f"/offers/stock/imports/{id}/error_report").status_code == 404

    def test_adds_up_warehouses(self):
        shop = Shop(warehouses=["EAST", "WEST"])

        shop.stock('"MUG-BLU";"3";"EAST";""', '"MUG-BLU";"4";"WEST";"update"')
        both = shop.offer()["quantity"]
        shop.stock('"MUG-BLU";"";"EAST";"delete"')

        assert (both, shop.offer()["quantity"]) == (7, 4)

    def test_fails_whole_without_its_columns(self, shop):
        answer = shop.upload("/offers/stock/imports", "sku,qty\nMUG-BLU,1\n")

        assert shop.get(f"/offers/stock/imports/{answer.json['import_id']}/status")["status"] == "FAILED"

    def test_must_be_a_file(self, shop):
        assert shop.call("POST", "/offers/stock/imports", json={}).status_code == 415
        assert shop.call("POST", "/offers/stock/imports", data={"other": (io.BytesIO(b"x"), "x.csv")}).status_code == 400
        assert shop.call("GET", "/offers/stock/imports/none/status").status_code == 404

    def test_can_have_a_broken_line_in_its_report(self, shop):
        id = shop.stock('"GONE";"1"', '"TEE-RED";"many"')
        shop.control("oddities", name="broken_report")

        *_, last = report(shop, f"/offers/stock/imports/{id}/error_report")

        assert len(last) != 6

    def test_takes_fifty_thousand_lines(self, shop):
        rows = [{"sku": f"S-{at:05d}", "stock": 1} for at in range(50_000)]
        shop.control("offers", add=rows)

        id = shop.stock(*(f'"{row["sku"]}";"{at}";"";""' for at, row in enumerate(rows)), '"GONE";"1";"";""')

        assert shop.get(f"/offers/stock/imports/{id}/status")["lines_in_success"] == 50_000
        assert shop.summary()["published"]["S-49999"] == 49_999


class TestOffersByJson:
    def put(self, shop, **offer):
        body = {"shop_sku": "MUG-BLU", "state_code": "11", "price": "24.90", "update_delete": "update", **offer}
        return shop.call("POST", "/offers", json={"offers": [body]})

    def test_resets_what_is_left_out(self, shop):
        self.put(shop, quantity=14, description="Kettle", leadtime_to_ship=5)
        first = shop.offer()

        answer = self.put(shop, price=30)

        second = shop.offer()
        assert (first["quantity"], first["description"], first["leadtime_to_ship"]) == (14, "Kettle", 5)
        assert (second["quantity"], second["description"], second["leadtime_to_ship"], second["price"]) == (0, None, 2, 30)
        assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/offers/imports/{answer.json['import_id']}")

    def test_names_the_field_of_a_wrong_type(self, shop):
        answer = self.put(shop, logistic_class={"code": "S"})

        assert answer.json == {"message": "Error with field offers.logistic_class. Please check the field datatype.", "status": 400}

    def test_takes_numbers_written_as_strings(self, shop):
        self.put(shop, quantity="5000")

        assert shop.offer()["quantity"] == 5000

    def test_creates_and_deletes_by_sku(self, shop):
        id = self.put(shop, shop_sku="NEW-1", product_id="5012345678900", product_id_type="EAN", quantity=3).json["import_id"]
        made = shop.offer("NEW-1")
        self.put(shop, shop_sku="NEW-1", update_delete="delete")

        assert isinstance(id, int)
        assert (made["quantity"], made["product_references"][0]["reference"]) == (3, "5012345678900")
        assert shop.get("/offers", sku="NEW-1")["total_count"] == 0
        assert shop.get(f"/offers/imports/{id}")["offer_inserted"] == 1

    def test_reports_an_offer_that_lacks_its_product(self, shop):
        id = self.put(shop, shop_sku="NEW-1").json["import_id"]

        status = shop.get(f"/offers/imports/{id}")
        header, line = report(shop, f"/offers/imports/{id}/error_report")

        assert (status["status"], status["lines_in_error"], status["has_error_report"]) == ("COMPLETE", 1, True)
        assert (header[-2:], line[-2:]) == (["error-line", "error-message"], ["1", "The product-id is required"])

    def test_knows_the_same_request_again(self, shop):
        first, second = (self.put(shop, quantity=14).json["import_id"] for _ in range(2))
        shop.wait(61)

        assert first == second != self.put(shop, quantity=14).json["import_id"]


class TestOffersByFile:
    def test_leaves_absent_columns_alone(self, shop):
        answer = shop.upload("/offers/imports", "sku;update-delete;quantity\nMUG-BLU;update;9\n", import_mode="NORMAL")

        assert (shop.offer()["quantity"], shop.offer()["price"]) == (9, 25)
        assert shop.get(f"/offers/imports/{answer.json['import_id']}")["offer_updated"] == 1

    def test_deletes_what_is_not_named_in_replace_mode(self, shop):
        shop.upload("/offers/imports", "sku;quantity\nMUG-BLU;9\n", import_mode="REPLACE")

        assert shop.get("/offers")["total_count"] == 1

    def test_needs_its_mode(self, shop):
        assert shop.upload("/offers/imports", "sku;quantity\n").status_code == 400

    def test_reports_the_reason_last_beside_unknown_columns(self, shop):
        answer = shop.upload("/offers/imports", "sku;update-delete;our-note\nGONE;delete;x1\n", import_mode="NORMAL")

        rows = report(shop, f"/offers/imports/{answer.json['import_id']}/error_report")

        assert rows == [
            ["sku", "update-delete", "our-note", "error-line", "error-message"],
            ["GONE", "delete", "x1", "2", "The offer does not exist"],
        ]

    def test_is_listed_newest_first_with_tokens(self, shop):
        ids = [shop.upload("/offers/imports", f"sku;quantity\nMUG-BLU;{at}\n", import_mode="NORMAL").json["import_id"] for at in range(3)]

        first = shop.get("/offers/imports", limit=2)
        second = shop.get("/offers/imports", page_token=first["next_page_token"])
        back = shop.get("/offers/imports", page_token=second["previous_page_token"])

        assert [each["import_id"] for each in first["data"] + second["data"]] == ids[::-1]
        assert second["next_page_token"] is None
        assert back["data"] == first["data"]
