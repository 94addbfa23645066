"""Stock and variants read, products written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.canonical import Variant
from connectors.errors import ContractError, OutcomeUnknown, Rejected
from tests.connectors.veeqo.scripted import Asked, Reply, bare, connector, raw, sample


class TestParseStock:
    def test_gives_a_level_for_each_warehouse(self):  # R20
        first, second = bare().parse("stock", raw(sample("product")))

        assert (first.sku, first.warehouse_code, first.available, first.on_hand, first.allocated, first.incoming) == ("MUG-BLU", "1784", 57, 58, 1, 3)
        assert first.reference == "13847534/1784" and first.version == "2026-03-24T18:03:27.885000Z"
        assert second.available == -4  # R24: sold more than there is

    def test_gives_nothing_for_a_variant_never_stocked_or_without_a_sku(self):
        product = sample("product")
        product["sellables"][0]["sku_code"] = ""

        assert bare().parse("stock", raw(product)) == ()

    def test_reckons_what_is_not_told(self):
        product = sample("product")
        product["sellables"][0]["stock_entries"][0].update(available_stock_level=None, physical_stock_level="12.0", allocated_stock_level=None)

        assert bare().parse("stock", raw(product))[0].available == 12

    def test_knows_stock_that_never_runs_out(self):
        product = sample("product")
        product["sellables"][0]["stock_entries"][0].update(infinite=True, available_stock_level=None, physical_stock_level=None)

        assert bare().parse("stock", raw(product))[0].infinite

    def test_offers_nothing_of_a_deleted_product(self):
        levels = bare().parse("stock", raw(sample("product") | {"deleted_at": "2026-04-01T00:00:00Z"}))

        assert [level.available for level in levels] == [0, 0]

    @pytest.mark.parametrize("wrong", [{"available_stock_level": None, "physical_stock_level": None}, {"available_stock_level": "many"}])
    def test_refuses_a_level_it_cannot_tell(self, wrong):
        product = sample("product")
        product["sellables"][0]["stock_entries"][0].update(wrong)

        with pytest.raises(ContractError) as caught:
            bare().parse("stock", raw(product))
        assert "stock of MUG-BLU" in caught.value.sentence


class TestParseCatalogue:
    def test_reads_each_variant(self):  # R77
        blue, red = bare().parse("catalogue", raw(sample("product")))

        assert (blue.reference, blue.product_reference, blue.sku, blue.barcode) == ("13847534", "8636420", "MUG-BLU", "5012345678900")
        assert (blue.title, blue.price, blue.tax_rate, blue.weight_g) == ("Mug Blue", Decimal("25.0"), Decimal("0.2"), 350)
        assert (red.price, red.tax_rate, red.weight_g, red.deleted) == (Decimal("24.50"), None, None, False)

    def test_shows_a_variant_without_a_sku_so_that_the_audit_sees_it(self):
        product = sample("product")
        product["sellables"][0]["sku_code"] = None

        assert bare().parse("catalogue", raw(product))[0].sku == ""

    def test_marks_what_was_deleted(self):
        assert all(
            variant.deleted and not variant.active for variant in bare().parse("catalogue", raw(sample("product") | {"deleted_at": "2026-04-01"}))
        )


class TestReadStock:
    def test_takes_exact_skus_only(self):
        veeqo, http = connector(lambda asked: (200, [sample("product")]))

        levels = list(veeqo.read_stock(["MUG-BLU", "MUG-BLU", "MUG"]))

        assert [level.warehouse_code for level in levels] == ["1784", "1790"]
        assert [asked.value("query") for asked in http.asked] == ["MUG-BLU", "MUG"]


def wanted(**changes: Any) -> Variant:
    known: dict[str, Any] = {"reference": "", "product_reference": "", "sku": "MUG-GRN", "version": "", "title": "Mug Green", "price": Decimal("25")}
    return Variant(**{**known, "barcode": "50123", "tax_rate": Decimal("0.2"), "weight_g": 350, **changes})


def saved(**changes: Any) -> dict[str, Any]:
    variant = {"id": 5, "sku_code": "MUG-GRN", "price": 25.0, "upc_code": "50123", "updated_at": "2026-10-02T11:00:00.000Z", **changes}
    return {"id": 4, "title": "Mug Green", "updated_at": "2026-10-02T11:00:00.000Z", "sellables": [variant]}


class TestSaveVariant:
    def test_creates_a_product_with_the_attributes_veeqo_takes(self):
        veeqo, http = connector(lambda asked: (201, saved()) if asked.method == "POST" else (200, []))

        done = veeqo.save_variant(wanted())

        assert (done.reference, done.found, done.warnings) == ("5", False, ())
        assert http.asked[-1].body == {
            "product": {
                "title": "Mug Green",
                "product_variants_attributes": [
                    {"sku_code": "MUG-GRN", "title": "Mug Green", "price": "25.00", "upc_code": "50123", "tax_rate": 20.0, "weight_grams": 350}
                ],
            }
        }

    def test_creates_no_second_product_with_a_sku(self):  # R79
        veeqo, http = connector(lambda asked: (200, [saved()]))

        assert veeqo.save_variant(wanted()).found
        assert [asked.method for asked in http.asked] == ["GET"]

    def test_updates_without_sku_and_weight(self):  # R73
        veeqo, http = connector(lambda asked: (200, saved()))

        veeqo.save_variant(wanted(reference="5", product_reference="4"))

        assert (http.asked[0].method, http.asked[0].path) == ("PUT", "/products/4")
        sent = http.asked[0].body["product"]["product_variants_attributes"]
        assert sent == [{"id": 5, "title": "Mug Green", "price": "25.00", "upc_code": "50123", "tax_rate": 20.0}]

    def test_finds_the_product_of_a_variant(self):
        veeqo, http = connector(lambda asked: (200, [saved()]) if asked.method == "GET" else (204, b""))

        def reply(asked: Asked) -> Reply:
            if asked.method == "PUT":
                return 204, b""
            return (200, saved()) if asked.path == "/products/4" else (200, [saved()])

        http.reply = reply
        assert veeqo.save_variant(wanted(reference="5")).reference == "5"

    def test_warns_when_veeqo_keeps_another_price(self):
        veeqo, _ = connector(lambda asked: (200, saved(price=30.0)))

        assert "30" in veeqo.save_variant(wanted(reference="5", product_reference="4")).warnings[0]

    def test_does_not_know_what_an_unreadable_answer_means(self):
        veeqo, _ = connector(lambda asked: (201, b'{"id"') if asked.method == "POST" else (200, []))

        with pytest.raises(OutcomeUnknown):
            veeqo.save_variant(wanted())

    @pytest.mark.parametrize(("variant", "code"), [(wanted(sku=" "), "no_sku"), (wanted(), "400"), (wanted(reference="9"), "unknown_sku")])
    def test_refuses_what_cannot_be_saved(self, variant, code):
        veeqo, _ = connector(lambda asked: (200, []) if asked.method == "GET" else (400, {"error_messages": ["Title can't be blank"]}))

        with pytest.raises(Rejected) as caught:
            veeqo.save_variant(variant)
        assert caught.value.code == code
