"""Holds the Shopify connector to what every connector promises about reading, against the simulator."""

from __future__ import annotations

import json

import pytest

from connectors.canonical import CodeKind, OrderState, PaymentState, Refund, ReturnOrder, ReturnState, StockLevel, StockTarget, Variant
from connectors.errors import AccessDenied, ContractError, RateLimited, Rejected, Unavailable
from connectors.sandbox.shopify import READ_TOKEN
from connectors.shopify import documents
from connectors.shopify.client import NO_ACCESS, UNDEFINED, Client
from tests.contract.shopify_shop import Shop, items, notice, running, shop, until

__all__ = ["running", "shop"]


@pytest.fixture(autouse=True)
def no_naps(monkeypatch):
    monkeypatch.setattr("connectors.http.time.sleep", lambda _: None)


def read(shop: Shop, feed: str, cursor: str = "", **options: str) -> list:
    channel = shop.connect(**options)
    return [thing for item in items(list(channel.poll(feed, cursor, until=until()))) for thing in channel.parse(item.topic, item.body)]


class TestVerify:
    def test_says_who_we_are_there(self, shop: Shop):
        found = shop.channel.verify()

        assert "Shopify" in found.sentence and found.facts["API version"] == "2026-10" and found.warnings == ()

    def test_warns_of_a_version_that_is_no_longer_served(self, shop: Shop):
        [warning] = shop.connect(api_version="2023-01").verify().warnings

        assert "2023-01" in warning

    def test_warns_of_what_the_app_may_not_do(self, shop: Shop):
        shop.control("access", add={"token": "shpat_orders_only", "scopes": ["read_orders"]})
        warnings = shop.connect(token="shpat_orders_only").verify().warnings

        assert any("read_locations" in warning for warning in warnings)

    @pytest.mark.parametrize("token", ["shpat_wrong", ""])
    def test_refuses_a_wrong_token(self, shop: Shop, token: str):
        with pytest.raises(AccessDenied):
            shop.connect(token=token).verify()

    @pytest.mark.parametrize("status", [402, 423])
    def test_refuses_a_shop_that_is_shut(self, shop: Shop, status: int):
        shop.control("access", status=status)

        with pytest.raises(AccessDenied):
            shop.channel.verify()


class TestOrders:
    def test_arrive_through_several_pages_each_once(self, shop: Shop):
        placed = shop.place(count=7)

        found = items(list(shop.connect(page_size="2").poll("orders", "", until=until())))

        assert sorted(item.subject for item in found) == sorted(str(order["id"]) for order in placed)

    def test_that_change_later_are_seen_from_every_kept_cursor(self, shop: Shop):
        placed = shop.place(count=5, spread_s=7200)
        pages = list(shop.connect(page_size="2").poll("orders", "", until=until()))
        shop.control(f"orders/{placed[0]['id']}/cancel")

        for page in pages:
            later = items(list(shop.channel.poll("orders", page.cursor, until=until())))
            assert str(placed[0]["id"]) in {item.subject for item in later}

    def test_seen_again_unchanged_are_the_same_event(self, shop: Shop):
        shop.place(count=2)
        first = list(shop.channel.poll("orders", "", until=until()))
        again = items(list(shop.channel.poll("orders", first[-1].cursor, until=until())))

        assert {item.event_id for item in again} == {item.event_id for item in items(first)}

    def test_carry_more_lines_than_one_answer(self, shop: Shop):
        shop.seed([{"sku": f"S-{n}", "title": "x", "price": "1.00", "stock": 5} for n in range(130)])
        order = shop.a_new_order(lines=[{"sku": f"S-{n}", "quantity": 1} for n in range(130)])

        assert len({line.sku for line in order.lines}) == 130

    def test_say_what_was_bought(self, shop: Shop):
        order = shop.a_new_order()

        assert [(line.sku, line.quantity, line.total) for line in order.lines] == [("AAA", 2, 20), ("BBB", 1, 10)]
        assert (order.state, order.payment_state, order.currency) == (OrderState.OPEN, PaymentState.PAID, "USD")
        assert order.shipping_address is not None and order.shipping_address.country == "US" and len(order.shipping_address.region) == 2

    def test_without_a_sku_arrive_all_the_same(self, shop: Shop):
        order = shop.a_new_order(missing_sku=True)

        assert order.lines[0].sku == "" and not order.lines[0].is_extra

    def test_with_units_taken_off_want_fewer(self, shop: Shop):
        placed = shop.place()[0]
        shop.control(f"orders/{placed['id']}/edit", sku="AAA", quantity=1)

        assert shop.order(str(placed["id"])).lines[0].cancelled == 1

    def test_that_are_cancelled_say_so(self, shop: Shop):
        placed = shop.place()[0]
        shop.control(f"orders/{placed['id']}/cancel")

        assert shop.order(str(placed["id"])).state is OrderState.CANCELLED

    def test_that_nobody_knows_are_none(self, shop: Shop):
        assert shop.channel.fetch_order("999999999") is None


class TestMoneyAndGoodsThatGoBack:
    def test_are_told_with_amount_and_line(self, shop: Shop):
        order = shop.a_new_order()
        shop.control(f"orders/{order.reference}/refund", sku="AAA", quantity=1, restock="CANCEL", reason="size")

        [refund] = read(shop, "refunds")

        assert isinstance(refund, Refund)
        assert (refund.order_reference, refund.amount, refund.currency, refund.quantity) == (order.reference, 10, "USD", 1)
        assert shop.channel.find_refunds(order.reference) == (refund,)

    def test_are_a_return_when_goods_are_awaited(self, shop: Shop):
        order = shop.a_new_order()
        shop.control(f"orders/{order.reference}/fulfil", number="T-1")
        shop.control(f"orders/{order.reference}/return", sku="AAA", quantity=1)

        [back] = read(shop, "returns")

        assert isinstance(back, ReturnOrder)
        assert back.order_reference == order.reference and back.state in (ReturnState.AUTHORISED, ReturnState.UNKNOWN)
        assert [(line.sku, line.quantity) for line in back.lines] == [("AAA", 1)]


class TestStock:
    def test_is_read_by_location(self, shop: Shop):
        places = shop.seed([{"sku": "AAA", "title": "A", "price": "1", "stock": {"Atlanta": 7, "Reno": 3}}], locations=("Atlanta", "Reno"))

        levels = read(shop, "snapshot")

        assert {(level.warehouse_code, level.available) for level in levels} >= {(str(places["Atlanta"]), 7), (str(places["Reno"]), 3)}

    def test_that_changes_is_seen_from_the_kept_cursor(self, shop: Shop):
        cursor = list(shop.channel.poll("stock", "", until=until()))[-1].cursor
        shop.control("stock", changes=[{"sku": "BBB", "available": 3}])

        changed = read(shop, "stock", cursor)

        assert [level.available for level in changed if isinstance(level, StockLevel) and level.sku == "BBB"] == [3]

    def test_of_a_few_skus_is_read_directly(self, shop: Shop):
        levels = list(shop.channel.read_stock(["AAA", "CCC", "nothing"]))

        assert sorted((level.sku, level.available) for level in levels) == [("AAA", 20), ("CCC", 20)]

    def test_goes_on_where_a_snapshot_was_cut_off(self, shop: Shop):
        shop.seed([{"sku": f"S-{n:03}", "title": "x", "price": "1.00", "stock": 5} for n in range(250)])
        pages = list(shop.channel.poll("snapshot", "", until=until()))
        rest = list(shop.channel.poll("snapshot", pages[0].cursor, until=until()))

        assert len(pages) > 2 and len(items(pages)) == 250 and items(rest) == items(pages[1:])


class TestTheCatalogue:
    def test_lists_missing_and_doubled_skus(self, shop: Shop):
        shop.control("seed-demo")
        listed = read(shop, "catalogue")

        assert all(isinstance(variant, Variant) for variant in listed)
        assert "" in {variant.sku for variant in listed} and len([variant for variant in listed if variant.sku == "CAP-BLK-S"]) == 2
        assert len(shop.channel.find_variants("CAP-BLK-S")) == 2

    def test_names_the_locations(self, shop: Shop):
        assert [code.label for code in shop.channel.codes(CodeKind.WAREHOUSE)] == ["Atlanta"]


class TestFaults:
    @pytest.mark.parametrize("status", [200, 429])
    def test_of_too_many_points_tell_how_long_to_wait(self, shop: Shop, status: int):  # R40
        shop.control("settings", throttle_status=status)
        shop.oddity("throttled", None)

        with pytest.raises(RateLimited) as caught:
            shop.channel.fetch_order("1")
        assert caught.value.retry_after_s is not None and 0 < caught.value.retry_after_s <= 60

    def test_of_too_costly_questions_are_answered_by_smaller_ones(self, shop: Shop):
        shop.place(count=6)
        shop.oddity("max_cost", 2)

        assert len(items(list(shop.channel.poll("orders", "", until=until())))) == 6

    @pytest.mark.parametrize(("fault", "error"), [("500", Unavailable), ("502", Unavailable), ("lost_before", Unavailable), ("429", RateLimited)])
    def test_are_named_by_what_to_do(self, shop: Shop, fault: str, error: type[Exception]):
        shop.fault(fault, times=None)

        with pytest.raises(error):
            shop.channel.fetch_order("1")

    @pytest.mark.parametrize("fault", ["malformed", "html"])
    def test_in_the_answer_conclude_nothing(self, shop: Shop, fault: str):
        shop.fault(fault, times=None)

        with pytest.raises(ContractError):
            list(shop.channel.poll("orders", "", until=until()))

    def test_inside_shopify_are_passing(self, shop: Shop):
        shop.oddity("internal_error", None)

        with pytest.raises(Unavailable):
            list(shop.channel.poll("orders", "", until=until()))

    def test_of_a_token_that_ended_are_mended_with_a_new_one(self, shop: Shop):
        shop.control("settings", token_form="short", token_life_s=0.2)
        channel = shop.connect(client_id="portal", token_mode="client_credentials")
        shop.place()

        for _ in range(3):
            assert items(list(channel.poll("orders", "", until=until())))

    def test_leave_no_secret_in_the_evidence(self, shop: Shop):
        shop.channel.fetch_order("1")

        evidence = [vars(each) for each in shop.channel.take_exchanges()]
        assert evidence and "shpat_" not in json.dumps(evidence)


class TestAReader:
    def test_can_read_all_of_it(self, shop: Shop):
        shop.place()
        channel = shop.connect(token=READ_TOKEN)

        assert all(list(channel.poll(feed, "", until=until())) is not None for feed in ("orders", "refunds", "returns", "stock", "snapshot"))


class TestAShopThatAnswersLess:
    """What the app may not see, or the shop's version does not have."""

    @pytest.fixture
    def lacking(self, monkeypatch):
        """Makes the shop refuse every question that asks for a field."""

        def lack(name: str, error: Exception) -> None:
            ask = Client.ask

            def asked(self: Client, question: str, variables: dict) -> object:
                if documents.asks_for(question, name):
                    raise error
                return ask(self, question, variables)

            monkeypatch.setattr(Client, "ask", asked)

        return lack

    @pytest.mark.parametrize("feed", ["refunds", "returns"])
    def test_has_no_refunds_or_returns_and_goes_on(self, shop: Shop, lacking, feed: str):
        lacking(feed, AccessDenied(NO_ACCESS["ACCESS_DENIED"], detail="Access denied"))
        shop.place()

        assert list(shop.channel.poll(feed, "", until=until())) == []

    def test_is_asked_for_less_and_tells_the_rest(self, shop: Shop, lacking):
        lacking("billingAddress", Rejected("no", detail="Field 'billingAddress' doesn't exist on type 'Order'", code=UNDEFINED))
        order = shop.a_new_order()

        assert order.billing_address is None and order.ship_service_label == "Standard"

    def test_finds_stock_by_location_where_it_knows_no_variants(self, shop: Shop, lacking):
        lacking("productVariants", Rejected("no", detail="Unknown root field", code=UNDEFINED))

        assert [verdict.ok for verdict in shop.channel.publish_stock([StockTarget("AAA", 4)])] == [True]
        assert [level.available for level in shop.channel.read_stock(["AAA"])] == [4]

    def test_tells_fulfillment_orders_apart_from_orders(self, shop: Shop, monkeypatch):
        ask = Client.ask

        def asked(self: Client, question: str, variables: dict) -> object:
            if question == documents.TO_SEND:
                raise Rejected("no", detail="Field 'fulfillmentOrders' doesn't exist", code=UNDEFINED)
            return ask(self, question, variables)

        monkeypatch.setattr(Client, "ask", asked)
        order = shop.a_new_order()

        assert not shop.channel.confirm_shipment(notice(order)).found
        assert shop.order(order.reference).shipment_state == "FULFILLED"
