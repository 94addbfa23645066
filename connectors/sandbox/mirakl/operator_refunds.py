"""Refunds that the operator makes itself: out of goodwill, or for a return that was found compliant."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from connectors.sandbox.mirakl import payouts
from connectors.sandbox.mirakl.lifecycle import touch
from connectors.sandbox.mirakl.models import CENT, ZERO, Order, Refund
from connectors.sandbox.mirakl.order_view import tax_rows
from connectors.sandbox.mirakl.refunds import commission_of, settle_later
from connectors.sandbox.mirakl.store import Shop, State


def refund_units(here: State, mine: Shop, order: Order, line_id: str, *, units: Decimal, reason_code: str, at: datetime) -> Refund | None:
    """Give the price of some units back, as far as it was not given back already; nothing for a line that is not paid."""
    line = next(each for each in order.lines if each.id == line_id)
    left = line.price - sum((each.amount for each in line.refunds), ZERO)
    amount = min((line.price_unit * units).quantize(CENT), left)
    if line.debited_at is None or amount <= 0:
        return None
    fee, fee_tax = commission_of(line, amount)
    made = Refund(here.uuid(), here.uuid(), at, int(units), amount, ZERO, reason_code, fee, fee_tax)
    made.taxes = tax_rows(amount, line, mode=order.tax_mode)
    line.refunds.append(made)
    payouts.on_refund(here, mine, order, line, made, at=at)
    touch(mine, order, at=at, lines=[line])
    settle_later(here, mine, order, line, made, at=at)
    return made
