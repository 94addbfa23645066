"""Holds the Mirakl connector to what every connector promises about reading, against the simulator."""

from __future__ import annotations

import pytest

from connectors.canonical import CodeKind, OrderState, PaymentState, PayoutLine, Refund, ReturnOrder, ReturnState, StockLevel, Variant
from connectors.errors import AccessDenied, ContractError, RateLimited, Rejected, Unavailable
from connectors.sandbox.mirakl import ADMIN_KEY, PARTNER_KEY
from tests.contract.mirakl_operator import Operator, items, operator, running, until

__all__ = ["operator", "running"]


class TestVerify:
    def test_says_whose_key_it_is(self, operator: Operator):
        found = operator.shop.verify()

        assert "Our Shop" in found.sentence and found.facts["shop id"] == "2310" and found.warnings == ()

    def test_refuses_a_wrong_key_and_a_foreign_shop(self, operator: Operator):
        for wrong in (operator.connect(key="nobody"), operator.connect(shop_id="999"), operator.connect(key="")):
            with pytest.raises(AccessDenied):
                wrong.verify()

    def test_refuses_an_address_without_mirakl(self, operator: Operator):
        with pytest.raises(Rejected, match="no Mirakl"):
            operator.connect(base=f"{operator.url}/elsewhere").verify()
        operator.forget_calls()  # what was asked there was not asked of Mirakl

    @pytest.mark.parametrize("ending", ["/api", "/api/", "/"])
    def test_takes_an_address_with_or_without_its_ending(self, operator: Operator, ending: str):
        assert operator.connect(base=operator.url + ending).verify().sentence

    def test_warns_of_payouts_that_the_key_may_not_read(self, operator: Operator):
        warnings = operator.connect(key=ADMIN_KEY).verify().warnings

        assert len(warnings) == 1 and "accountancy" in warnings[0]

    def test_warns_of_a_closed_shop(self, operator: Operator):
        operator.control("shop", state="SUSPENDED")

        assert "SUSPENDED" in operator.shop.verify().warnings[0]

    def test_proves_the_key_twice_a_day_though_the_shop_is_told_once(self, operator: Operator):
        operator.control("settings", rate_scale=1)
        operator.shop.verify()

        assert all("once a day" in operator.shop.verify().sentence for _ in range(2))
        assert len(operator.calls("GET", "/api/account")) == 2  # the second was refused, the third not made


class TestOrders:
    def test_arrive_through_several_pages_each_once(self, operator: Operator):
        placed = operator.place(count=230)
        pages = list(operator.shop.poll("orders", "", until=until()))

        assert len(pages) == 3 and sorted(item.subject for item in items(pages)) == sorted(placed)

    def test_that_change_later_are_seen_from_every_kept_cursor(self, operator: Operator):
        placed = operator.place(count=230)
        pages = list(operator.shop.poll("orders", "", until=until()))
        operator.shop.decide_order(operator.decision(placed[0]))

        for page in pages:
            rest = list(operator.shop.poll("orders", page.cursor, until=until()))
            again = items([*rest, *operator.shop.poll("orders", rest[-1].cursor, until=until())])
            assert OrderState.OPEN in {operator.shop.parse(one.topic, one.body)[0].state for one in again if one.subject == placed[0]}

    def test_are_read_on_where_a_limit_cut_the_pages_off(self, operator: Operator):  # R50
        placed = operator.place(count=250)
        operator.control("settings", rate_scale=60, pages_counted=True)
        seen, cursor = set(), ""
        for _ in range(3):
            operator.shop = operator.connect()
            pages = operator.shop.poll("orders", cursor, until=until())
            try:
                for page in pages:
                    seen, cursor = seen | {item.subject for item in page.items}, page.cursor
            except RateLimited as error:
                assert error.retry_after_s
                operator.control("advance", seconds=2)

        assert seen == set(placed)

    def test_keep_their_name_while_nothing_changes(self, operator: Operator):
        operator.place(count=3)
        names = [{item.event_id for item in items(list(operator.shop.poll("orders", "", until=until())))} for _ in range(2)]

        assert names[0] == names[1]

    def test_name_the_shop_the_sort_and_the_page_on_every_call(self, operator: Operator):
        operator.place(count=101)
        operator.forget_calls()
        list(operator.connect(start_at="2026-01-01T00:00:00Z", channel_codes="UK").poll("orders", "", until=until()))

        for call in operator.calls("GET", "/api/orders"):
            for sent in (
                "shop_id=2310",
                "sort=dateCreated",
                "order=asc",
                "max=100",
                "start_update_date=2026-01-01T00%3A00%3A00Z",
                "channel_codes=UK",
            ):
                assert sent in call["query"]

    def test_hide_the_address_until_acceptance_in_every_form(self, operator: Operator):
        for form in ("nulls", "null", "missing"):
            operator.control("settings", hidden_address=form)
            [reference] = operator.place()
            assert operator.order(reference).shipping_address is None
            operator.shop.decide_order(operator.decision(reference))
            address = operator.order(reference).shipping_address
            assert address is not None and address.country == "GB" and address.line1

    def test_add_up_with_and_without_tax(self, operator: Operator):
        for mode in ("TAX_INCLUDED", "TAX_EXCLUDED"):
            operator.control("settings", order_tax_mode=mode)
            order = operator.order(operator.place()[0])
            tax = 0 if order.prices_include_tax else order.total_tax
            assert sum(line.total for line in order.lines) + order.shipping_price + tax == order.total
            assert {line.tax_rate for line in order.lines} == {order.lines[0].tax_rate}

    def test_tell_an_automatic_refusal_from_ours(self, operator: Operator):  # R54
        ours, theirs = operator.place(count=2)
        operator.shop.decide_order(operator.decision(ours, False, False))
        operator.control("move", order_ids=[theirs], to="REFUSED")

        assert operator.order(theirs).extra["auto_refused"] == "true" and operator.order(theirs).state is OrderState.REFUSED
        assert "auto_refused" not in operator.order(ours).extra

    def test_wait_for_payment_after_acceptance(self, operator: Operator):
        operator.control("settings", debit_delay_s=None)
        [reference] = operator.place()
        operator.shop.decide_order(operator.decision(reference))

        assert (operator.order(reference).state, operator.order(reference).payment_state) == (OrderState.WAITING_PAYMENT, PaymentState.PENDING)

    @pytest.mark.parametrize("oddity", ["unknown_state", "unknown_keys", "nulls", "missing_optional"])
    def test_are_read_however_odd_they_look(self, operator: Operator, oddity: str):
        [reference] = operator.place()
        operator.control("oddities", name=oddity)

        assert len(operator.order(reference).lines) == 2

    def test_are_not_there_for_another_shop(self, operator: Operator):
        [reference] = operator.place(shop_id=2311)

        assert operator.shop.fetch_order(reference) is None and operator.connect(shop_id="2311").fetch_order(reference)

    def test_of_a_partner_are_asked_for_every_quarter_of_an_hour(self, operator: Operator):
        shop = operator.connect(key=PARTNER_KEY, tier="partner")
        [page] = shop.poll("orders", "", until=until())

        assert list(shop.poll("orders", page.cursor, until=until())) == []

    def test_are_swept_from_time_to_time(self, operator: Operator):
        placed = operator.place(count=3)

        assert {item.subject for item in items(list(operator.shop.poll("sweep", "", until=until())))} == set(placed)


class TestOffers:
    def test_become_levels_and_variants(self, operator: Operator):
        stock = items(list(operator.shop.poll("snapshot", "", until=until())))
        goods = items(list(operator.shop.poll("catalogue", "", until=until())))
        level, variant = operator.shop.parse("stock", stock[0].body)[0], operator.shop.parse("catalogue", goods[0].body)[0]

        assert len(stock) == len(goods) == 60 and isinstance(level, StockLevel) and isinstance(variant, Variant)
        assert (level.sku, level.available, variant.sku, variant.barcode[:3]) == ("MUG-BLU", 40, "MUG-BLU", "501")

    def test_are_found_by_sku(self, operator: Operator):
        assert [level.available for level in operator.shop.read_stock(["CAP-RED", "NOT-OURS"])] == [40 + 13 * 7 % 60]
        assert operator.shop.find_variants("NOT-OURS") == ()


class TestMoneyAndReturns:
    def test_bring_account_lines_and_none_without_the_right(self, operator: Operator):  # R92
        reference = operator.accepted()
        lines = [operator.shop.parse(one.topic, one.body)[0] for one in items(list(operator.shop.poll("payouts", "", until=until())))]

        assert {line.kind for line in lines if isinstance(line, PayoutLine)} >= {"order", "shipping", "commission"}
        assert {line.order_reference for line in lines} == {reference}
        assert list(operator.connect(key=ADMIN_KEY).poll("payouts", "", until=until())) == []

    def test_bring_returns_and_none_where_they_are_off(self, operator: Operator):
        reference = operator.accepted()
        operator.control("move", order_ids=[reference], to="SHIPPED")
        operator.control("returns", order_ids=[reference], accepted=True)
        [item] = items(list(operator.shop.poll("returns", "", until=until())))
        [found] = operator.shop.parse(item.topic, item.body)

        assert isinstance(found, ReturnOrder) and (found.order_reference, found.state) == (reference, ReturnState.IN_TRANSIT)
        for status in (403, 404):
            operator.control("settings", returns=False, returns_off_status=status)
            assert list(operator.shop.poll("returns", "", until=until())) == []

    def test_show_refunds_in_their_order(self, operator: Operator):
        from tests.contract.test_mirakl_writes import request_for

        reference = operator.accepted()
        operator.control("settings", balance_check=False)
        operator.shop.refund(request_for(reference))
        received = operator.received(reference)

        [_, refund] = operator.shop.parse(received.topic, received.body)
        assert isinstance(refund, Refund) and refund == operator.shop.find_refunds(reference)[0]


class TestCodes:
    def test_are_the_operators_own_lists(self, operator: Operator):  # R61
        assert [code.value for code in operator.shop.codes(CodeKind.CARRIER)] == ["DPD-UK", "EVRI", "RM"]
        assert [code.value for code in operator.shop.codes(CodeKind.SHIP_SERVICE)] == ["STD", "EXP", "OPS"]
        assert [code.value for code in operator.shop.codes(CodeKind.STORE)] == ["UK"] and operator.shop.codes(CodeKind.SKU) == ()

    def test_are_asked_for_once_a_day(self, operator: Operator):
        operator.control("settings", rate_scale=1)
        for _ in range(3):
            assert operator.shop.codes(CodeKind.CARRIER)

        assert len(operator.calls("GET", "carriers")) == 1

    def test_tell_the_reasons_that_are_ours_to_use(self, operator: Operator):
        assert operator.shop.reasons("REFUND") and not operator.shop.reasons("NO_SUCH_TYPE")


class TestFaultsWhileReading:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("429", RateLimited), ("500", Unavailable), ("502", Unavailable), ("lost_before", Unavailable), ("lost_after", Unavailable),
            ("malformed", ContractError), ("html", ContractError),
        ],
    )  # fmt: skip
    def test_have_their_own_names(self, operator: Operator, fault: str, error: type[Exception]):
        operator.fault(fault, path="/api/orders", times=None)

        with pytest.raises(error):
            list(operator.shop.poll("orders", "", until=until()))

    def test_close_one_operation_and_leave_the_others_open(self, operator: Operator):
        operator.control("settings", injected_retry_after_s=60)
        [reference] = operator.place()
        decision = operator.decision(reference)
        operator.fault("429", method="GET", path="/api/orders")
        for _ in range(2):
            with pytest.raises(RateLimited):
                list(operator.shop.poll("orders", "", until=until()))

        assert len(operator.calls("GET", "/api/orders")) <= 1
        assert operator.shop.decide_order(decision).reference == reference
