"""Refunds as the lines of an order tell them. https://developer.mirakl.com"""

from __future__ import annotations

from connectors.canonical import Refund
from connectors.mirakl.client import Row, listed
from connectors.mirakl.lines import ZERO, first_number, tax_sum
from connectors.reading import moment, need, text, whole


def parse_refunds(order: Row) -> tuple[Refund, ...]:
    return tuple(parse_refund(refund, line, order) for line in listed(order, "order_lines") for refund in listed(line, "refunds"))


def parse_refund(refund: Row, line: Row, order: Row) -> Refund:
    """One refund with its shipping, and with its taxes where the order's prices are without them."""
    amount = sum((first_number(refund.get(name)) or ZERO for name in ("amount", "shipping_amount")), ZERO)
    if text(order.get("order_tax_mode")) == "TAX_EXCLUDED":
        amount += tax_sum([*listed(refund, "taxes"), *listed(refund, "shipping_taxes")])
    written = refund.get("created_date") or order.get("last_updated_date") or need(order, "created_date", what="order")
    return Refund(
        reference=text(need(refund, "id", what="refund")),
        order_reference=text(order.get("order_id")),
        amount=amount,
        currency=text(order.get("currency_iso_code")).upper(),
        at=moment(written, what="created_date of a refund"),
        order_line=text(line.get("order_line_id")),
        quantity=whole(refund.get("quantity") or 0, what="quantity of a refund"),
        reason=text(refund.get("reason_code")),
        state=text(refund.get("refund_state")) or text(refund.get("state")),
    )
