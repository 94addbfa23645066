"""The shop's account at the operator: what every debit, refund and arrival of goods writes into it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from connectors.sandbox.mirakl.models import ZERO, Json, Line, Order, Refund, Transaction
from connectors.sandbox.mirakl.store import Shop, State

PENDING, PAYABLE, PAID = "PENDING", "PAYABLE", "PAID"
EXCLUDED = "TAX_EXCLUDED"


def write(
    state: State, shop: Shop, kind: str, amount: Decimal, *, at: datetime, payment_state: str, order: Order | None = None, **entities: Json
) -> Transaction | None:
    """Add a line to the account; nothing is written for no money."""
    if not amount:
        return None
    shop.balance += amount
    entry = Transaction(state.uuid(), kind, amount, shop.balance, at, at, payment_state, entities, order)
    shop.transactions[entry.id] = entry
    shop.transactions_changed.touch(entry.id, at=at)
    shop.open_transactions[entry.id] = None
    shop.balances[payment_state] += amount
    if order is not None:
        shop.order_transactions[order.id].append(entry.id)
    return entry


def restate(shop: Shop, entry: Transaction, to: str, *, at: datetime) -> None:
    shop.balances[entry.payment_state] -= entry.amount
    shop.balances[to] += entry.amount
    entry.payment_state, entry.updated_at = to, at
    shop.transactions_changed.touch(entry.id, at=at)


def extra_tax(order: Order, amount: Decimal, line: Line) -> Decimal:
    """Taxes beside the amount, where prices are without them; inside it they have no line of their own."""
    if order.tax_mode != EXCLUDED:
        return ZERO
    return sum(((amount * rate / 100).quantize(Decimal("0.01")) for _, rate in line.taxes), ZERO)


def on_debit(state: State, shop: Shop, order: Order, *, at: datetime) -> None:
    """The customer was debited: the shop's share is on its way, still pending."""
    for line in order.live_lines:
        amounts = {
            "ORDER_AMOUNT": line.price,
            "ORDER_AMOUNT_TAX": extra_tax(order, line.price, line),
            "ORDER_SHIPPING_AMOUNT": line.shipping_price,
            "ORDER_SHIPPING_AMOUNT_TAX": extra_tax(order, line.shipping_price, line),
            "COMMISSION_FEE": -line.commission_fee,
            "COMMISSION_VAT": -line.commission_tax,
        }
        post(state, shop, order, line, amounts, at=at, payment_state=PENDING, entities={})


def post(
    state: State, shop: Shop, order: Order, line: Line, amounts: dict[str, Decimal], *, at: datetime, payment_state: str, entities: Json
) -> None:
    tax = {"code": "TAXDEFAULT", "rate": float(line.commission_tax_rate)}
    for kind, amount in amounts.items():
        more = {"shop_tax": tax} if "COMMISSION" in kind else {}
        write(state, shop, kind, amount, at=at, payment_state=payment_state, order=order, order_line={"id": line.id}, **entities, **more)


def on_received(shop: Shop, order: Order, *, at: datetime) -> None:
    """The goods arrived: what was pending will be in the next billing cycle."""
    for id in shop.order_transactions[order.id]:
        entry = shop.transactions[id]
        if entry.payment_state == PENDING:
            restate(shop, entry, PAYABLE, at=at)


def funds(shop: Shop, order: Order) -> Decimal:
    """The balance that must cover a refund: pending until the goods arrive, payable afterwards."""
    return shop.balances[PENDING if order.state in ("SHIPPING", "SHIPPED", "TO_COLLECT") else PAYABLE]


def on_refund(state: State, shop: Shop, order: Order, line: Line, refund: Refund, *, at: datetime) -> None:
    payment_state = PENDING if order.state in ("SHIPPING", "SHIPPED", "TO_COLLECT") else PAYABLE
    amounts = {
        "REFUND_ORDER_AMOUNT": -refund.amount,
        "REFUND_ORDER_AMOUNT_TAX": -extra_tax(order, refund.amount, line),
        "REFUND_ORDER_SHIPPING_AMOUNT": -refund.shipping_amount,
        "REFUND_ORDER_SHIPPING_AMOUNT_TAX": -extra_tax(order, refund.shipping_amount, line),
        "REFUND_COMMISSION_FEE": refund.commission,
        "REFUND_COMMISSION_VAT": refund.commission_tax,
    }
    post(state, shop, order, line, amounts, at=at, payment_state=payment_state, entities={"refund": {"id": refund.id}})
