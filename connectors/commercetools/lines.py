"""Lines of an order: what is paid for each after every discount, its tax and where it ships from.

https://docs.commercetools.com/api/projects/carts#lineitem
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from connectors.canonical import OrderLine, exponent
from connectors.commercetools.values import Body, amount, amount_or_none, exact, localised, mapping, objects, reference_code
from connectors.reading import decimal, need, text, whole

RATE_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Reading:
    """How lines are read: languages of names, and the line states that mean cancelled (keys or ids)."""

    locales: tuple[str, ...] = ()
    cancelled_states: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tax:
    """A tax rate as a fraction and whether the price contains it; None where commercetools does not tell."""

    rate: Decimal | None = None
    included: bool | None = None


def parse_lines(order: Body, *, reading: Reading) -> tuple[OrderLine, ...]:
    """Line items, gifts among them, then custom line items (fees) as extras. `tax_included` is told on each."""
    lines = [parse_line(line, reading=reading) for line in objects(order.get("lineItems"))]
    extras = [parse_extra(line, reading=reading) for line in objects(order.get("customLineItems"))]
    return tuple(lines + extras)


def parse_line(line: Body, *, reading: Reading) -> OrderLine:
    variant = mapping(line.get("variant"))
    quantity = whole(line.get("quantity"), what="quantity of a line item")
    tax = parse_tax(line)
    return OrderLine(
        reference=text(need(line, "id", what="line item")),
        sku=exact(variant.get("sku")),
        quantity=quantity,
        total=line_total(line, quantity),
        title=localised(line.get("name"), reading.locales),
        tax_rate=tax.rate,
        list_price=amount_or_none(mapping(line.get("price")).get("value"), what="price of a line item"),
        product_reference=text(line.get("productId")),
        cancelled=cancelled_units(line, reading.cancelled_states),
        warehouse_code=reference_code(line.get("supplyChannel")),
        state=line_state(line),
        tax_included=tax.included,
    )


def parse_extra(line: Body, *, reading: Reading) -> OrderLine:
    quantity = whole(line.get("quantity", 1), what="quantity of a custom line item")
    tax = parse_tax(line)
    return OrderLine(
        reference=text(need(line, "id", what="custom line item")),
        sku="",
        quantity=quantity,
        total=line_total(line, quantity),
        title=localised(line.get("name"), reading.locales) or text(line.get("slug")),
        tax_rate=tax.rate,
        list_price=amount_or_none(line.get("money"), what="price of a custom line item"),
        product_reference=text(line.get("slug")),
        cancelled=cancelled_units(line, reading.cancelled_states),
        is_extra=True,
        state=line_state(line),
        tax_included=tax.included,
    )


def line_total(line: Body, quantity: int) -> Decimal:
    """The stated total; on imported lines that have none, unit price times quantity."""
    stated = amount_or_none(line.get("totalPrice"), what="total of a line item")
    if stated is not None:
        return stated
    price = mapping(line.get("price"))
    unit = mapping(price.get("discounted")).get("value") or price.get("value") or line.get("money")
    return amount(unit, what="price of a line item") * quantity


def parse_tax(priced: Body) -> Tax:
    """From taxRate; with Multiple shipping from the rates of its methods, or from net and gross where those differ."""
    rates = [mapping(priced.get("taxRate"))] if priced.get("taxRate") else []
    rates = rates or [mapping(entry.get("taxRate")) for entry in objects(priced.get("perMethodTaxRate"))]
    told = {(decimal(rate["amount"], what="tax rate"), rate.get("includedInPrice")) for rate in rates if rate.get("amount") is not None}
    if len(told) == 1:
        [(rate, included)] = told
        return Tax(rate, included if isinstance(included, bool) else None)
    included_words = {included for _, included in told if isinstance(included, bool)}
    return Tax(effective_rate(priced.get("taxedPrice")), included_words.pop() if len(included_words) == 1 else None)


def effective_rate(taxed: object) -> Decimal | None:
    """Gross over net, less one; None where either is missing or nothing was paid."""
    body = mapping(taxed)
    net = amount_or_none(body.get("totalNet"), what="net price")
    gross = amount_or_none(body.get("totalGross"), what="gross price")
    return (gross / net - 1).quantize(RATE_PLACES) if net and gross is not None else None


def cancelled_units(line: Body, states: frozenset[str]) -> int:
    entries = [entry for entry in objects(line.get("state")) if states & state_names(entry)] if states else []
    return sum(whole(entry.get("quantity"), what="quantity in a line state") for entry in entries)


def state_names(entry: Body) -> set[str]:
    reference = mapping(entry.get("state"))
    return {text(reference.get("id")), reference_code(reference)} - {""}


def line_state(line: Body) -> str:
    """The line's workflow state: its key or id, each with its units where the line is split."""
    entries = [(entry.get("quantity"), reference_code(entry.get("state"))) for entry in objects(line.get("state"))]
    return entries[0][1] if len(entries) == 1 else ", ".join(f"{quantity} × {state}" for quantity, state in entries)


def spread_discount(lines: Sequence[OrderLine], *, discount: Decimal, currency: str) -> tuple[OrderLine, ...]:
    """Take a discount on the order's total off its lines in proportion, to the last cent."""
    base = sum((line.total for line in lines if line.total > 0), Decimal(0))
    discount = min(discount, base)
    if discount <= 0:
        return tuple(lines)
    cent = Decimal(1).scaleb(-exponent(currency))
    exact_shares = [max(line.total, Decimal(0)) * discount / base for line in lines]
    shares = [share.quantize(cent, rounding=ROUND_DOWN) for share in exact_shares]
    by_remainder = sorted(range(len(lines)), key=lambda index: shares[index] - exact_shares[index])
    left = discount - sum(shares, Decimal(0))
    for index in by_remainder:
        step = min(cent, left)
        shares[index] += step
        left -= step
    return tuple(replace(line, total=line.total - share) for line, share in zip(lines, shares, strict=True))
