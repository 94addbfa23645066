"""Prices as a warehouse hub wants them: net of tax, exact to four decimals, so that its totals come out as the channel's."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from connectors.canonical import round_money
from portal.ledger.models import OrderLine, SalesOrder

FOUR_PLACES = Decimal("0.0001")


def net(amount: Decimal, rate: Decimal | None, *, included: bool) -> Decimal:
    """The amount without tax; unchanged where tax is not in it or the rate is unknown."""
    if not included or not rate:
        return amount
    return amount / (1 + rate)


def line_net(line: OrderLine) -> Decimal:
    """Net price of one unit after discounts, 4 decimals."""
    whole = net(line.total, line.tax_rate, included=line.tax_included)
    return (whole / (line.quantity or 1)).quantize(FOUR_PLACES, rounding=ROUND_HALF_EVEN)


def shipping_net(order: SalesOrder) -> Decimal:
    return net(order.shipping_price, order.shipping_tax_rate, included=order.prices_include_tax).quantize(FOUR_PLACES, rounding=ROUND_HALF_EVEN)


def order_tax(order: SalesOrder) -> Decimal:
    """The channel's own tax total; where it tells none, the sum of the lines' and the shipping's."""
    if order.total_tax is not None:
        return order.total_tax
    total = sum((tax(line.total, line.tax_rate, included=line.tax_included) for line in order.lines.all()), Decimal(0))
    return round_money(total + tax(order.shipping_price, order.shipping_tax_rate, included=order.prices_include_tax), order.currency)


def tax(amount: Decimal, rate: Decimal | None, *, included: bool) -> Decimal:
    if not rate:
        return Decimal(0)
    return amount - net(amount, rate, included=True) if included else amount * rate
