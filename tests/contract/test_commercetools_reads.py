"""Holds the commercetools connector to what every connector promises about reading, against the simulator."""

from __future__ import annotations

import pytest

from connectors.canonical import CodeKind, PaymentState, StockLevel, Variant
from connectors.errors import AccessDenied, ContractError, RateLimited, Rejected, Unavailable
from connectors.sandbox.commercetools import CLIENT_ID, READER_ID, READER_SECRET
from tests.contract.commercetools_shop import Shop, items, running, shop, until

__all__ = ["running", "shop"]


class TestVerify:
    def test_says_who_we_are_there(self, shop: Shop):
        found = shop.channel.verify()

        assert "demo-shop" in found.facts["project"] and found.warnings == ()

    def test_warns_of_what_a_reader_may_not_do(self, shop: Shop):
        warnings = shop.connect(client=(READER_ID, READER_SECRET)).verify().warnings

        assert len(warnings) == 2 and "manage_orders" in warnings[0] and "manage_products" in warnings[1]

    @pytest.mark.parametrize("client", [(CLIENT_ID, "wrong"), ("nobody", "wrong")])
    def test_refuses_a_wrong_credential(self, shop: Shop, client: tuple[str, str]):
        with pytest.raises(AccessDenied):
            shop.connect(client=client).verify()

    def test_refuses_scopes_that_the_client_does_not_have(self, shop: Shop):
        with pytest.raises(AccessDenied):
            shop.connect(client=(READER_ID, READER_SECRET), scopes="manage_orders").verify()

    def test_works_where_the_token_endpoint_insists_on_scopes(self, shop: Shop):
        shop.control("settings", scope_required=True)

        assert shop.channel.verify().sentence

    def test_refuses_another_project(self, shop: Shop):
        with pytest.raises((AccessDenied, Rejected)):
            shop.connect(project="other-shop").verify()


class TestOrders:
    def test_arrive_through_several_pages_each_once(self, shop: Shop):
        placed = shop.place(count=7)

        found = items(list(shop.connect(page_size="2").poll("orders", "", until=until())))

        assert sorted(item.subject for item in found) == sorted(order["id"] for order in placed)

    def test_arrive_though_all_changed_in_the_same_instant(self, shop: Shop):
        placed = shop.place(count=5, same_instant=True)

        assert len(items(list(shop.connect(page_size="2").poll("orders", "", until=until())))) == len(placed)

    def test_that_change_later_are_seen_from_every_kept_cursor(self, shop: Shop):
        placed = shop.place(count=5, spread_s=7200)
        pages = list(shop.connect(page_size="2").poll("orders", "", until=until()))
        shop.control(f"orders/{placed[0]['orderNumber']}/confirm")

        for page in pages:
            seen = items(list(shop.channel.poll("orders", page.cursor, until=until())))
            assert placed[0]["id"] in {item.subject for item in seen}

    def test_keep_their_name_while_nothing_changes(self, shop: Shop):
        shop.place(count=3)
        names = [{item.event_id for item in items(list(shop.channel.poll("orders", "", until=until())))} for _ in range(2)]

        assert names[0] == names[1]

    def test_of_other_stores_stay_out(self, shop: Shop):
        [kept] = shop.place(store="uk")
        shop.place(store="eu")

        found = items(list(shop.connect(store_keys="uk").poll("orders", "", until=until())))

        assert [item.subject for item in found] == [kept["id"]]

    def test_are_read_with_payment_service_and_warehouse(self, shop: Shop):
        [placed] = shop.place(store="uk", shipping_method="express")
        order = shop.order(placed["id"])

        assert (order.number, order.store_code, order.ship_service_code) == (placed["orderNumber"], "uk", "express")
        assert order.payment_state is PaymentState.PAID and order.payments[0].captured == order.total
        assert {line.warehouse_code for line in order.lines} == {"wh-leeds"}

    def test_add_up(self, shop: Shop):
        for placed in shop.place(count=5):
            order = shop.order(placed["id"])
            assert sum(line.total for line in order.lines) + order.shipping_price == order.total

    def test_are_fetched_by_id_or_number_or_are_not_there(self, shop: Shop):
        [placed] = shop.place(order_number="WEB/7 1")

        assert shop.order(placed["id"]).reference == shop.order(placed["orderNumber"]).reference == placed["id"]
        assert shop.channel.fetch_order("6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11") is None


class TestPaymentsAndMessages:
    def test_show_a_settlement_that_did_not_touch_the_order(self, shop: Shop):  # R36
        [placed] = shop.place(payment="pending")
        before = items(list(shop.channel.poll("orders", "", until=until())))[0].event_id
        shop.control(f"orders/{placed['orderNumber']}/settle", label=False)

        [seen] = items(list(shop.channel.poll("payments", "", until=until())))

        assert (seen.topic, seen.subject) == ("orders", placed["id"]) and seen.event_id != before

    def test_name_each_order_once(self, shop: Shop):
        [placed] = shop.place()
        shop.control(f"orders/{placed['orderNumber']}/confirm")

        seen = items(list(shop.connect(poll_messages="true").poll("messages", "", until=until())))

        assert {item.subject for item in seen} == {placed["id"]}


class TestStock:
    def test_snapshot_brings_every_entry_page_by_page(self, shop: Shop):
        found = [shop.channel.parse(item.topic, item.body)[0] for item in items(list(shop.channel.poll("snapshot", "", until=until())))]

        assert all(isinstance(level, StockLevel) for level in found)
        assert {level.warehouse_code for level in found if isinstance(level, StockLevel)} >= {"wh-leeds", "wh-berlin"}

    def test_changes_are_seen_from_the_kept_cursor(self, shop: Shop):
        pages = list(shop.channel.poll("stock", "", until=until()))
        shop.control("stock", sku="NEW-1", quantity=4, channel="wh-leeds")

        seen = items(list(shop.channel.poll("stock", pages[-1].cursor, until=until())))

        assert any(b"NEW-1" in item.body for item in seen)

    def test_is_read_for_many_skus(self, shop: Shop):
        skus = [f"S-{number}" for number in range(60)]
        for sku in (skus[0], skus[59]):
            shop.control("stock", sku=sku, quantity=3, channel="wh-leeds")

        assert {level.sku for level in shop.channel.read_stock(skus)} == {skus[0], skus[59]}


class TestCatalogue:
    def test_lists_every_sku_and_finds_one(self, shop: Shop):
        shop.control("products", skus=["CAP-1", "CAP-2"], name="Cap")
        found = [
            variant
            for item in items(list(shop.channel.poll("catalogue", "", until=until())))
            for variant in shop.channel.parse("catalogue", item.body)
        ]

        assert {"CAP-1", "CAP-2"} <= {variant.sku for variant in found if isinstance(variant, Variant)}
        assert [variant.sku for variant in shop.channel.find_variants("CAP-2")] == ["CAP-2"]

    def test_codes_are_the_live_lists(self, shop: Shop):
        assert {code.value for code in shop.channel.codes(CodeKind.WAREHOUSE)} == {"wh-leeds", "wh-berlin"}
        assert {code.value for code in shop.channel.codes(CodeKind.STORE)} == {"uk", "eu", "outlet"}
        assert {code.value for code in shop.channel.codes(CodeKind.SHIP_SERVICE)} == {"standard", "express", "eu-standard", "collect"}


class TestTrouble:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("429", RateLimited),
            ("500", Unavailable),
            ("502", Unavailable),
            ("503", Unavailable),
            ("lost_before", Unavailable),
            ("malformed", ContractError),
            ("html", ContractError),
        ],
    )
    def test_in_a_poll_is_named_and_passes(self, shop: Shop, fault: str, error: type[Exception]):
        shop.place()
        shop.fault(fault, path="/demo-shop/orders", times=3)

        with pytest.raises(error):
            list(shop.channel.poll("orders", "", until=until()))
        shop.clear_faults()
        assert len(items(list(shop.channel.poll("orders", "", until=until())))) == 1

    def test_of_a_moment_is_ridden_out(self, shop: Shop):
        shop.place()
        shop.fault("503", path="/demo-shop/orders", times=1)

        assert len(items(list(shop.channel.poll("orders", "", until=until())))) == 1

    def test_slower_than_our_patience_is_unavailable(self, shop: Shop):
        shop.fault("slow", path="/demo-shop/orders", times=3, seconds=1)
        shop.channel.client.http.timeout_s = (1, 0.3)

        with pytest.raises(Unavailable):
            shop.channel.fetch_order("6a1c7f0e-6f0f-4c40-9d0e-2d2f0f5c1b11")

    def test_of_expired_tokens_is_nobody_elses_business(self, shop: Shop):
        [placed] = shop.place()
        shop.channel.fetch_order(placed["id"])
        shop.control("expire-tokens")

        assert shop.order(placed["id"]).reference == placed["id"]

    def test_leaves_its_evidence_without_secrets(self, shop: Shop):
        shop.channel.verify()
        kept = str(shop.channel.take_exchanges())

        assert "demo-shop" in kept and "ops-secret" not in kept
