"""Holds the Xoro connector to what it promises about reading, against the simulator."""

from __future__ import annotations

import pytest

from connectors.canonical import OrderState, StockLevel, Variant
from connectors.errors import AccessDenied, ContractError, RateLimited, Unavailable
from connectors.sandbox.xoro import API_KEY, ORDERS_KEY, ORDERS_SECRET, SALES_KEY, SALES_SECRET
from tests.contract.xoro_shop import XoroShop, items, running, shop, until

__all__ = ["running", "shop"]


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.time.sleep", lambda _: None)


class TestVerify:
    def test_says_what_the_key_may_read_and_what_is_off(self, shop: XoroShop):
        found = shop.connect().verify()

        assert "sales orders, waves, stock and items" in found.sentence
        assert sum("path" in warning for warning in found.warnings) == 2

    @pytest.mark.parametrize("manner", ["401", "redirect", "html"])
    def test_refuses_a_wrong_secret_however_xoro_says_so(self, shop: XoroShop, manner: str):
        shop.control("settings", bad_key=manner)

        with pytest.raises(AccessDenied):
            shop.connect(credentials={"api_key": API_KEY, "api_secret": "wrong"}).verify()

    def test_names_the_missing_scope(self, shop: XoroShop):
        with pytest.raises(AccessDenied, match="sales orders"):
            shop.connect(credentials={"api_key": SALES_KEY, "api_secret": SALES_SECRET}).verify()

    def test_uses_the_key_of_each_scope(self, shop: XoroShop):
        pairs = {"orders_key": ORDERS_KEY, "orders_secret": ORDERS_SECRET, "inventory_key": SALES_KEY, "inventory_secret": SALES_SECRET}

        with pytest.raises(AccessDenied, match="stock"):
            shop.connect(credentials=pairs).verify()

    def test_wants_a_key(self, shop: XoroShop):
        with pytest.raises(AccessDenied, match="no key"):
            shop.connect(credentials={}).verify()


class TestOrders:
    def test_come_only_once_they_are_on_a_wave(self, shop: XoroShop):  # R146
        waved, waiting = shop.place("1"), shop.place("2", waved=False)
        first, cursor = shop.polled()
        shop.control("waves", numbers=[waiting])
        second, _ = shop.polled(cursor)

        assert set(first) == {waved} and first[waved].state == OrderState.OPEN
        assert second[waiting].state == OrderState.OPEN

    def test_are_cancelled_when_their_wave_is_voided(self, shop: XoroShop):
        number = shop.place()
        _, cursor = shop.polled()
        shop.control("waves/void", waves=[shop.there(number)["waves"][0]["number"]])

        after, cursor = shop.polled(cursor)
        again, _ = shop.polled(cursor)
        assert after[number].state == OrderState.CANCELLED and "Void" in after[number].vendor_state
        assert number not in again

    def test_are_cancelled_by_nothing_that_xoro_leaves_out(self, shop: XoroShop):
        number = shop.place()
        _, cursor = shop.polled()
        shop.control("settings", throttle_as=["empty"], burst=0.0001, rate_scale=0.000001)

        with pytest.raises(RateLimited):
            list(shop.xoro.poll("orders", cursor, until=until()))
        shop.control("settings", rate_scale=0)
        assert shop.polled(cursor)[0][number].state == OrderState.OPEN

    def test_follow_what_is_shipped_in_xoro(self, shop: XoroShop):
        number = shop.place(lines={"TEE-BLK-S": 3})
        _, cursor = shop.polled()
        shop.control("ship", numbers=[number], units={"TEE-BLK-S": 1})
        part, cursor = shop.polled(cursor)
        shop.control("ship", numbers=[number])
        whole, _ = shop.polled(cursor)

        assert part[number].state == OrderState.OPEN and part[number].shipments[0].lines[0].quantity == 1
        assert whole[number].state == OrderState.SHIPPED

    def test_page_through_and_bring_the_same_event_again(self, shop: XoroShop):
        shop.control("orders", count=7, lines={"CAP-BLK-S": 1}, wave=True)
        small = shop.connect(page_size="2")

        pages = list(small.poll("orders", "", until=until()))
        assert len({order.subject for order in items(pages)}) == 7 and len(pages) > 3
        again = list(small.poll("orders", "", until=until()))
        assert {item.event_id for item in items(again)} == {item.event_id for item in items(pages)}

    @pytest.mark.parametrize("settings", [{"total_pages": "one"}, {"total_pages": "more"}, {"past_the_end": "repeat"}, {"spelling": "QtyOrdered"}])
    def test_survive_what_xoro_says_of_its_pages(self, shop: XoroShop, settings: dict[str, str]):
        shop.control("settings", text_numbers=True, wide_rows=True, **settings)
        shop.control("orders", count=4, lines={"CAP-BLK-S": 1}, wave=True)

        found = items(list(shop.connect(page_size="2").poll("sweep", "", until=until())))
        assert {shop.parsed(item).lines[0].quantity for item in found} == {1} and len(found) == 4

    def test_continue_from_every_page(self, shop: XoroShop):
        shop.control("orders", count=6, lines={"CAP-BLK-S": 1}, wave=True)
        small = shop.connect(page_size="2")
        every = {item.subject for item in items(list(small.poll("orders", "", until=until())))}

        for stop in (1, 2, 3):
            poll = small.poll("orders", "", until=until())
            first = [next(poll) for _ in range(stop)]
            rest = list(small.poll("orders", first[-1].cursor, until=until()))
            assert {item.subject for item in items([*first, *rest])} == every

    def test_stop_at_waves_that_contradict_themselves(self, shop: XoroShop):
        shop.place()
        shop.control("oddities", name="uneven_wave_lists", times=1)

        with pytest.raises(ContractError, match="differ in length"):
            list(shop.xoro.poll("orders", "", until=until()))

    def test_do_not_move_on_over_a_single_empty_answer(self, shop: XoroShop):
        number = shop.place()
        shop.control("oddities", name="empty_read", times=1)

        assert number in shop.polled()[0]

    def test_are_refused_when_quantities_contradict_each_other(self, shop: XoroShop):
        number = shop.place()
        shop.control("oddities", name="remaining_differs", times=1)

        with pytest.raises(ContractError, match="contradicts itself"):
            shop.order(number)

    def test_have_a_state_nobody_knows_when_xoro_names_a_new_one(self, shop: XoroShop):
        number = shop.place()
        shop.control("oddities", name="unknown_status", times=1)

        assert shop.order(number).state == OrderState.UNKNOWN

    def test_that_do_not_exist_are_none_only_when_xoro_answers(self, shop: XoroShop):
        with pytest.raises(RateLimited):
            shop.xoro.fetch_order("DMO-S999999")
        shop.place()

        assert shop.connect().fetch_order("DMO-S999999") is None


class TestStock:
    def test_comes_whole(self, shop: XoroShop):
        pages = list(shop.connect(page_size="10").poll("snapshot", "", until=until()))
        levels = [level for item in items(pages) for level in shop.xoro.parse(item.topic, item.body)]

        assert len(pages) > 2 and pages[-1].cursor == ""
        assert {level.warehouse_code for level in levels if isinstance(level, StockLevel)} == {"Main Warehouse", "West Warehouse"}

    def test_tells_what_may_be_sold(self, shop: XoroShop):
        shop.place(lines={"TEE-BLK-S": 2}, waved=False)
        (level,) = [each for each in shop.xoro.read_stock(["TEE-BLK-S"]) if each.warehouse_code == "Main Warehouse"]

        assert level.on_hand is not None and level.available == level.on_hand - 2

    def test_is_not_cut_short_by_empty_answers_in_the_middle(self, shop: XoroShop):
        poll = shop.connect(page_size="10").poll("snapshot", "", until=until())
        pages = [next(poll)]
        shop.control("oddities", name="empty_read", times=1)
        whole = [*pages, *poll]

        assert len({item.subject for item in items(whole)}) == len(
            {item.subject for item in items(list(shop.xoro.poll("snapshot", "", until=until())))}
        )

    def test_that_is_not_told_is_no_zero(self, shop: XoroShop):
        shop.control("oddities", name="empty_read", times=None)

        with pytest.raises(ContractError, match="no level was set to zero"):
            list(shop.xoro.poll("snapshot", "", until=until()))

    def test_of_an_item_without_a_row_is_unknown(self, shop: XoroShop):
        assert [level.warehouse_code for level in shop.xoro.read_stock(["CAP-RED-S"])] == ["Main Warehouse"]

    def test_and_orders_go_by_upc_where_chosen(self, shop: XoroShop):  # R109
        number, by_upc = shop.place(), shop.connect(item_identifier="upc")
        code = shop.order(number, by=by_upc).lines[0].sku

        assert code.isdecimal() and len(code) == 12
        assert {level.sku for level in by_upc.read_stock([code])} == {code}

    def test_items_come_with_their_codes(self, shop: XoroShop):
        found = [each for item in items(list(shop.xoro.poll("catalogue", "", until=until()))) for each in shop.xoro.parse(item.topic, item.body)]

        assert {each.sku: each.barcode for each in found if isinstance(each, Variant)}["TEE-RED-L"] == "81234599008"


class TestFaults:
    @pytest.mark.parametrize("manner", ["refused", "empty", "html", "unavailable"])
    def test_of_too_many_calls_bring_neither_zero_nor_no_orders(self, shop: XoroShop, manner: str):
        shop.place()
        shop.control("settings", throttle_as=[manner], burst=0.0001, rate_scale=0.000001)

        with pytest.raises((RateLimited, Unavailable, ContractError)):
            list(shop.xoro.poll("snapshot", "", until=until()))
        with pytest.raises((RateLimited, Unavailable)):
            shop.xoro.fetch_order("DMO-S000001")

    def test_that_are_seen_everywhere_are_not_the_keys(self, shop: XoroShop):
        shop.fault("500", times=50)

        with pytest.raises(Unavailable):
            list(shop.xoro.poll("snapshot", "", until=until()))

    def test_that_only_one_call_has_are_a_missing_scope(self, shop: XoroShop):
        pairs = {"api_key": SALES_KEY, "api_secret": SALES_SECRET, "orders_key": ORDERS_KEY, "orders_secret": ORDERS_SECRET}

        with pytest.raises(AccessDenied, match="permission"):
            list(shop.connect(credentials=pairs).poll("snapshot", "", until=until()))

    def test_of_half_a_body_is_a_contract_error(self, shop: XoroShop):
        shop.fault("malformed", path="inventory", times=5)

        with pytest.raises(ContractError):
            list(shop.xoro.poll("snapshot", "", until=until()))
