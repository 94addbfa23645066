"""Prices without tax, so exact that the warehouse's total is the channel's."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from connectors.canonical import exponent, round_money
from portal.ledger.models import OrderLine, SalesOrder
from portal.sync.net_prices import FOUR_PLACES, line_net, net, order_tax, shipping_net, tax

RATES = [Decimal(rate) for rate in ("0", "0.05", "0.077", "0.10", "0.19", "0.20", "0.255")]
CURRENCIES = ["GBP", "EUR", "JPY", "KWD"]
D = Decimal

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the code


def line(total, *, quantity=1, rate="0.2", included=True) -> OrderLine:
    return OrderLine(total=D(total), quantity=quantity, tax_rate=None if rate is None else D(rate), tax_included=included)


class TestNet:
    @pytest.mark.parametrize(
        ("total", "quantity", "rate", "included", "expected"),
        [
            ("12.00", 1, "0.2", True, "10.0000"),
            ("12.00", 1, "0.2", False, "12.0000"),
            ("10.00", 3, "0.2", True, "2.7778"),
            ("10.00", 3, "0", True, "3.3333"),
            ("10.00", 3, None, True, "3.3333"),
            ("0.00", 2, "0.2", True, "0.0000"),
            ("1000", 7, "0.10", True, "129.8701"),
        ],
    )
    def test_of_one_unit_has_four_places(self, total, quantity, rate, included, expected):
        assert str(line_net(line(total, quantity=quantity, rate=rate, included=included))) == expected

    def test_of_a_gift_is_nothing(self):
        assert line_net(line("0", quantity=0)) == 0

    def test_of_shipping_follows_the_order(self):
        order = SalesOrder(shipping_price=D("6.00"), shipping_tax_rate=D("0.2"), prices_include_tax=True)

        assert shipping_net(order) == D("5.0000")


class TestTax:
    def test_is_the_channels_own_where_it_tells_one(self):
        assert order_tax(SalesOrder(total_tax=D("3.21"), currency="GBP")) == D("3.21")

    @pytest.mark.parametrize(("included", "expected"), [(True, "2"), (False, "2.4")])
    def test_is_in_the_price_or_on_top(self, included, expected):
        assert tax(D("12"), D("0.2"), included=included) == D(expected)

    @patient
    @given(amount=some.decimals(0, 100_000, places=2), rate=some.sampled_from(RATES))
    def test_and_net_are_the_price(self, amount, rate):
        assert abs(net(amount, rate, included=True) + tax(amount, rate, included=True) - amount) < D("1e-20")


@some.composite
def orders(draw):
    """(currency, included, lines, shipping): amounts the currency can express, quantities people order."""
    currency, included = draw(some.sampled_from(CURRENCIES)), draw(some.booleans())
    amounts = some.decimals(0, 5_000, places=exponent(currency))
    rates = some.sampled_from(RATES)
    lines = draw(some.lists(some.tuples(amounts, some.integers(1, 50), rates), min_size=1, max_size=8))
    return currency, included, lines, draw(some.tuples(amounts, rates))


class TestAWarehouseTotal:
    @patient
    @given(orders())
    def test_is_the_channels_within_the_currencys_rounding(self, drawn):  # prices included or excluded, any rate
        currency, included, wanted, (shipping, shipping_rate) = drawn
        lines = [line(total, quantity=quantity, rate=rate, included=included) for total, quantity, rate in wanted]
        order = SalesOrder(currency=currency, shipping_price=shipping, shipping_tax_rate=shipping_rate, prices_include_tax=included, total_tax=None)
        taxes = sum((tax(one.total, one.tax_rate, included=included) for one in lines), D(0)) + tax(shipping, shipping_rate, included=included)
        order.total_tax = round_money(taxes, currency)
        parts = sum((one.total for one in lines), shipping)
        channel_total = parts if included else parts + order.total_tax

        warehouse_total = sum((line_net(one) * one.quantity for one in lines), D(0)) + shipping_net(order) + order_tax(order)

        smallest_unit = D(1).scaleb(-exponent(currency))
        rounding = sum((one.quantity for one in lines), 1) * FOUR_PLACES / 2 + smallest_unit / 2
        assert abs(warehouse_total - channel_total) <= rounding

    @patient
    @given(some.decimals("0.01", 5_000, places=2), some.integers(1, 50), some.sampled_from(RATES))
    def test_differs_by_less_than_a_penny_on_a_line_people_order(self, total, quantity, rate):
        one = line(total, quantity=quantity, rate=rate)
        exact = net(one.total, one.tax_rate, included=True)

        rounded = (line_net(one) * quantity).quantize(D("0.01"), rounding=ROUND_HALF_EVEN)
        assert abs(rounded - exact) < D("0.01")
