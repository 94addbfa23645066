"""Products as variants, the lists of codes, and what proving the credential tells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.canonical import Code, CodeKind, Variant
from connectors.errors import AccessDenied, Rejected
from connectors.registry import vendor
from tests.connectors.commercetools.scripted import Asked, Reply, bare, connector, page, raw, sample

FORBIDDEN = (403, {"message": "Insufficient scope.", "error": "insufficient_scope"})


def variants(body: dict[str, Any], **options: str) -> tuple[Variant, ...]:
    return bare(**options).parse("catalogue", raw(body))  # type: ignore[return-value]


class TestAProduct:
    def test_brings_every_variant_with_a_sku(self) -> None:
        found = variants(sample("product_projection"))

        assert [(each.sku, each.reference) for each in found] == [
            ("OXF-BLU-S", "91c20000-7d0a-4a53-9a53-5f0d7a3b0001:1"),
            ("OXF-BLU-M", "91c20000-7d0a-4a53-9a53-5f0d7a3b0001:2"),
        ]

    def test_tells_barcode_price_and_weight(self) -> None:
        first, second = variants(sample("product_projection"), weight_attribute="weight")

        assert (first.barcode, first.price, first.currency, first.weight_g) == ("0012345678905", Decimal("19.99"), "GBP", 310)
        assert (second.barcode, second.price, second.weight_g) == ("", None, None)

    def test_that_is_unpublished_is_not_active(self) -> None:
        assert not variants(sample("product_projection", published=False))[0].active

    def test_of_a_modular_project_is_one_variant(self) -> None:
        body = {"id": "v-1", "version": 2, "sku": "CUP", "product": {"typeId": "product", "id": "p-1"}, "name": {"en": "Cup"}}

        [found] = variants(body)

        assert (found.reference, found.product_reference, found.sku, found.title) == ("v-1", "p-1", "CUP", "Cup")

    def test_is_found_by_the_sku_of_any_variant(self) -> None:
        channel, script = connector(lambda asked: page(sample("product_projection")), catalogue_model="Classic")

        assert [found.sku for found in channel.find_variants("OXF-BLU-M")] == ["OXF-BLU-M"]
        assert script.asked[0].values("where") == ['masterVariant(sku = "OXF-BLU-M") or variants(sku = "OXF-BLU-M")']


class TestCodes:
    def test_of_warehouses_are_the_supply_channels(self) -> None:
        channel, script = connector(lambda asked: page({"id": "c-1", "key": "wh-leeds", "name": {"en": "Leeds"}}))

        assert channel.codes(CodeKind.WAREHOUSE) == (Code(CodeKind.WAREHOUSE, "wh-leeds", "Leeds"),)
        assert script.asked[0].values("where") == ['roles contains any ("InventorySupply")']

    def test_of_stores_are_their_keys(self) -> None:
        channel, _ = connector(lambda asked: page({"id": "s-1", "key": "uk"}))

        assert channel.codes(CodeKind.STORE) == (Code(CodeKind.STORE, "uk", "uk"),)

    @pytest.mark.parametrize(("by", "value"), [("key", "dpd-next-day"), ("name", "DPD Next Day"), ("id", "m-1")])
    def test_of_ship_services_are_what_orders_are_coded_with(self, by: str, value: str) -> None:
        channel, _ = connector(lambda asked: page({"id": "m-1", "key": "dpd-next-day", "name": "DPD Next Day"}), ship_service=by)

        assert [code.value for code in channel.codes(CodeKind.SHIP_SERVICE)] == [value]

    @pytest.mark.parametrize("answer", [FORBIDDEN, (404, {})])
    def test_that_may_not_be_listed_are_taken_from_recent_orders(self, answer: Reply) -> None:
        def reply(asked: Asked) -> Reply:
            return page(sample("order_paid_with_gift")) if asked.path == "/orders" else answer

        channel, _ = connector(reply)

        assert [code.value for code in channel.codes(CodeKind.SHIP_SERVICE)] == ["dpd-next-day"]
        assert [code.value for code in channel.codes(CodeKind.STORE)] == ["uk"]

    def test_of_carriers_there_are_none(self) -> None:
        assert bare().codes(CodeKind.CARRIER) == ()


def project(asked: Asked) -> Reply:
    if asked.path in ("", "/"):
        return 200, {"key": "demo-shop", "name": "Demo", "currencies": ["GBP"], "messages": {"enabled": False}}
    return page()


class TestVerifying:
    def test_says_who_we_are_there(self) -> None:
        found = connector(project)[0].verify()

        assert "Demo" in found.sentence
        assert (found.facts["project"], found.facts["currencies"], found.facts["scopes"]) == ("demo-shop", "GBP", "manage_project")
        assert found.warnings == ()

    def test_warns_of_every_scope_that_is_missing(self) -> None:
        scope = "view_orders:demo-shop manage_products:demo-shop view_stores:demo-shop:uk"
        warnings = connector(project, scope=scope)[0].verify().warnings

        assert len(warnings) == 2
        assert "manage_orders" in warnings[0] and "view_payments" in warnings[1]

    def test_warns_when_messages_are_off_that_the_option_wants(self) -> None:
        assert "switched off" in connector(project, poll_messages="true")[0].verify().warnings[0]

    def test_needs_no_right_to_read_the_project(self) -> None:
        channel, _ = connector(lambda asked: FORBIDDEN if asked.path in ("", "/") else page())

        assert channel.verify().facts["project"] == "demo-shop"

    def test_says_when_the_project_is_not_there(self) -> None:
        with pytest.raises(Rejected, match="demo-shop"):
            connector(lambda asked: (404, {}))[0].verify()

    def test_of_a_client_that_may_not_read_orders_is_a_refusal(self) -> None:
        with pytest.raises(AccessDenied):
            connector(lambda asked: FORBIDDEN)[0].verify()


def test_the_card_names_what_must_be_given() -> None:
    card = vendor("commercetools")

    assert [field.name for field in card.credential_fields] == ["client_id", "client_secret"]
    assert {feed.name for feed in card.feeds} >= {"orders", "stock", "snapshot", "catalogue"}
    assert all(field.default == "" or not field.required for field in card.option_fields)
