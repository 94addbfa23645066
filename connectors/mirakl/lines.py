"""Order lines as OR11 tells them: what was bought, its tax rate, and what of it will never be shipped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from connectors.canonical import OrderLine
from connectors.errors import ContractError
from connectors.mirakl.client import Row, listed
from connectors.reading import decimal, need, text, whole

ZERO = Decimal(0)
RATE_PLACES = Decimal("0.0001")
FEE = "/fee/"  # between a line and the code of a fee on it, in the reference of the fee's own line
DEAD = frozenset({"REFUSED", "CANCELED"})  # Mirakl spells it with one L


def parse_lines(order: Row, *, included: bool) -> tuple[OrderLine, ...]:
    rows = order.get("order_lines")
    if not isinstance(rows, list):
        raise ContractError("The order has no order_lines.")
    return tuple(found for row in listed(order, "order_lines") for found in (parse_line(row, included=included), *fee_lines(row)))


def parse_line(line: Row, *, included: bool) -> OrderLine:
    reference = text(need(line, "order_line_id", what="order line"))
    quantity = whole(need(line, "quantity", what=f"order line {reference}"), what=f"quantity of {reference}")
    total = price_of(line, quantity)
    return OrderLine(
        reference=reference,
        sku=text(line.get("offer_sku")),
        quantity=quantity,
        total=total,
        title=text(line.get("product_title")),
        tax_rate=tax_rate(listed(line, "taxes"), total, included=included),
        list_price=first_number(line.get("origin_unit_price"), line.get("price_unit")),
        product_reference=text(line.get("product_sku")),
        cancelled=never_shipped(line, quantity),
        state=text(line.get("order_line_state")),
    )


def price_of(line: Row, quantity: int) -> Decimal:
    """`price` is quantity times unit, without shipping."""
    told = first_number(line.get("price"))
    if told is not None:
        return told
    return quantity * decimal(line.get("price_unit"), what=f"price of {text(line.get('order_line_id'))}")


def fee_lines(line: Row) -> Iterator[OrderLine]:
    """Fees the customer pays on a line are in the totals, so they are lines of their own."""
    reference, dead = text(line.get("order_line_id")), text(line.get("order_line_state")) in DEAD
    for fee in listed(line, "fees"):
        amount, code = first_number(fee.get("amount")), text(fee.get("code"))
        if amount:
            yield OrderLine(f"{reference}{FEE}{code}", "", 1, amount, title=code or "Fee", is_extra=True, cancelled=int(dead))


def never_shipped(line: Row, quantity: int) -> int:
    """Units of a refused or canceled line, units canceled from it, and a line refunded in full before it was shipped."""
    state = text(line.get("order_line_state"))
    if state in DEAD or (state == "REFUNDED" and not line.get("shipped_date")):
        return quantity
    gone = sum(whole(each.get("quantity") or 0, what="quantity of a cancelation") for each in listed(line, "cancelations"))
    return min(quantity, gone)


def live(line: Row) -> bool:
    return text(line.get("order_line_state")) not in DEAD


def wanted_units(order: Row) -> dict[str, int]:
    """Units that are to be shipped, by order line."""
    found = {}
    for line in listed(order, "order_lines"):
        reference = text(line.get("order_line_id"))
        quantity = whole(line.get("quantity") or 0, what=f"quantity of {reference}")
        found[reference] = quantity - never_shipped(line, quantity)
    return {reference: units for reference, units in found.items() if units > 0}


def tax_rate(taxes: list[Row], total: Decimal, *, included: bool) -> Decimal | None:
    """All taxes on an amount as one fraction: from their rates, else from their amounts. None where none is told."""
    if not taxes:
        return None
    rates = [first_number(tax.get("rate")) for tax in taxes]
    if all(rate is not None for rate in rates):
        return sum((rate for rate in rates if rate is not None), ZERO) / 100
    amount = tax_sum(taxes)
    net = total - amount if included else total
    return (amount / net).quantize(RATE_PLACES) if net > 0 else None


def tax_sum(taxes: Iterable[Row]) -> Decimal:
    return sum((first_number(tax.get("amount"), tax.get("total_amount")) or ZERO for tax in taxes), ZERO)


def first_number(*values: Any) -> Decimal | None:
    """The first of these that is a number."""
    for value in values:
        try:
            return decimal(value, what="number")
        except ContractError:
            continue
    return None
