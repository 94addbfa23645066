"""Holds the BigCommerce connector to what every connector promises about reading, against the simulator."""

from __future__ import annotations

import json

import pytest

from connectors.canonical import CodeKind, OrderState, PaymentState, Refund, Variant
from connectors.errors import AccessDenied, ContractError, RateLimited, Rejected, Unavailable
from connectors.http import Http
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.bigcommerce import AUTH_TOKEN, build
from connectors.sandbox.kit import serve
from tests.contract.bigcommerce_store import Store, items, running, store, until

__all__ = ["running", "store"]


@pytest.fixture(autouse=True)
def no_naps(monkeypatch):
    monkeypatch.setattr("connectors.http.time.sleep", lambda _: None)


def read(store: Store, feed: str, cursor: str = "", **options: str) -> list:
    channel = store.connect(**options)
    return [thing for item in items(list(channel.poll(feed, cursor, until=until()))) for thing in channel.parse(item.topic, item.body)]


class TestVerify:
    def test_says_who_we_are_there(self, store: Store):
        found = store.channel.verify()

        assert "BigCommerce" in found.sentence and found.facts["store"] == "abc123" and found.warnings == ()

    def test_warns_of_what_the_token_may_not_do(self, store: Store):
        store.control("access", add={"token": "bc-orders", "scopes": ["orders_read"]})

        assert any("Store Inventory" in warning for warning in store.connect(token="bc-orders").verify().warnings)

    @pytest.mark.parametrize("token", ["wrong", ""])
    def test_refuses_a_wrong_token(self, store: Store, token: str):
        with pytest.raises(AccessDenied):
            store.connect(token=token).verify()

    def test_refuses_another_store(self, store: Store):
        with pytest.raises((AccessDenied, Rejected)):
            store.connect(store="other").verify()


class TestOrders:
    def test_of_an_empty_store_are_none(self, store: Store):
        assert items(list(store.channel.poll("orders", "", until=until()))) == []

    def test_arrive_through_several_pages_each_once(self, store: Store):
        placed = store.place(count=7)
        found = items(list(store.connect(page_size="2").poll("orders", "", until=until())))

        assert sorted(item.subject for item in found) == sorted(str(order["id"]) for order in placed)

    def test_that_change_later_are_seen_from_every_kept_cursor(self, store: Store):
        placed = store.place(count=5, spread_s=7200)
        pages = list(store.connect(page_size="2").poll("orders", "", until=until()))
        store.control(f"orders/{placed[0]['id']}/cancel")

        for page in pages:
            later = items(list(store.channel.poll("orders", page.cursor, until=until())))
            assert str(placed[0]["id"]) in {item.subject for item in later}

    def test_seen_again_unchanged_are_the_same_event(self, store: Store):
        store.place(count=2)
        first = list(store.channel.poll("orders", "", until=until()))
        again = items(list(store.channel.poll("orders", first[-1].cursor, until=until())))

        assert {item.event_id for item in again} == {item.event_id for item in items(first)}

    def test_say_what_was_bought_and_where_it_goes(self, store: Store):
        order = store.a_new_order()

        assert [(line.sku, line.quantity, line.total) for line in order.lines] == [("AAA", 2, 20), ("BBB", 1, 10)]
        assert (order.state, order.payment_state, order.currency) == (OrderState.OPEN, PaymentState.PAID, "USD")
        assert order.shipping_address is not None and order.shipping_address.country == "US" and len(order.shipping_address.region) == 2

    @pytest.mark.parametrize(
        ("status", "state"),
        [(7, OrderState.WAITING_PAYMENT), (8, OrderState.WAITING_PAYMENT), (9, OrderState.OPEN), (5, OrderState.CANCELLED), (13, OrderState.UNKNOWN)],
    )
    def test_are_sorted_by_the_number_of_their_status(self, store: Store, status: int, state: OrderState):
        assert store.a_new_order(status_id=status).state is state

    def test_that_are_only_baskets_are_left_out(self, store: Store):
        store.place(status_id=0)

        assert read(store, "orders") == []

    def test_without_a_sku_arrive_all_the_same(self, store: Store):
        assert store.a_new_order(missing_sku=True).lines[0].sku == ""

    def test_that_nobody_knows_are_none(self, store: Store):
        assert store.channel.fetch_order("999999") is None and store.channel.fetch_order("#1") is None


class TestRefunds:
    def test_are_told_with_amount_line_and_the_orders_currency(self, store: Store):
        order = store.a_new_order()
        store.control(f"orders/{order.reference}/refund", sku="AAA", quantity=1)

        [refund] = read(store, "refunds")

        assert isinstance(refund, Refund)
        assert (refund.order_reference, refund.amount, refund.currency, refund.quantity) == (order.reference, 10, "USD", 1)
        assert refund.order_line == order.lines[0].reference
        assert [each.reference for each in store.channel.find_refunds(order.reference)] == [refund.reference]


class TestStockAndGoods:
    def test_of_a_few_skus_are_read_directly(self, store: Store):
        levels = list(store.channel.read_stock(["AAA", "CCC", "nothing"]))

        assert sorted((level.sku, level.available) for level in levels) == [("AAA", 20), ("CCC", 20)]

    def test_are_all_read_page_by_page(self, store: Store, monkeypatch):
        monkeypatch.setattr("connectors.bigcommerce.feeds.STOCK_PAGE", 1)
        pages = list(store.channel.poll("snapshot", "", until=until()))
        rest = list(store.channel.poll("snapshot", pages[0].cursor, until=until()))

        assert len(pages) == 3 and items(rest) == items(pages[1:])

    def test_are_listed_as_variants(self, store: Store):
        store.control("seed-demo")
        listed = read(store, "catalogue")

        assert all(isinstance(variant, Variant) for variant in listed) and "" in {variant.sku for variant in listed}
        assert [variant.sku for variant in store.channel.find_variants("TEE-BLK-M")] == ["TEE-BLK-M"]

    def test_have_a_location(self, store: Store):
        assert [code.label for code in store.channel.codes(CodeKind.WAREHOUSE)] == ["Default location"]
        assert "ups" in {code.value for code in store.channel.codes(CodeKind.CARRIER)}


class TestFaults:
    def test_of_the_quota_tell_when_it_begins_anew(self):  # R40
        small = serve(build(rate_scale=0.02))
        channel = vendor("bigcommerce").connect(Account("k", small.url, {"auth_token": AUTH_TOKEN}, account="abc123"), Http(small.url))
        try:
            with pytest.raises(RateLimited) as caught:
                for _ in range(20):
                    channel.fetch_order("1")
        finally:
            small.stop()

        assert caught.value.retry_after_s is not None and 0 < caught.value.retry_after_s <= 30

    def test_of_the_platforms_load_rest_longer(self, store: Store):  # R40
        store.control("load", times=9)

        with pytest.raises(RateLimited) as caught:
            store.channel.fetch_order("1")
        assert caught.value.retry_after_s == 60

    @pytest.mark.parametrize(("fault", "error"), [("500", Unavailable), ("502", Unavailable), ("lost_before", Unavailable), ("429", RateLimited)])
    def test_are_named_by_what_to_do(self, store: Store, fault: str, error: type[Exception]):
        store.fault(fault, times=None)

        with pytest.raises(error):
            store.channel.fetch_order("1")

    @pytest.mark.parametrize("fault", ["malformed", "html"])
    def test_in_the_answer_conclude_nothing(self, store: Store, fault: str):
        store.place()
        store.fault(fault, times=None)

        with pytest.raises(ContractError):
            list(store.channel.poll("orders", "", until=until()))

    def test_leave_no_secret_in_the_evidence(self, store: Store):
        store.channel.fetch_order("1")

        evidence = [vars(each) for each in store.channel.take_exchanges()]
        assert evidence and "bc-sandbox" not in json.dumps(evidence)
