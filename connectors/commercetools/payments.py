"""Payments of an order: what was authorised, captured and given back, and the payment state they add up to.

https://docs.commercetools.com/api/projects/payments
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from connectors.canonical import Payment, PaymentState, Refund
from connectors.commercetools.values import Body, amount_or_none, currency, localised, mapping, objects
from connectors.reading import moment_or_none, need, text

PAYMENT_STATES = {  # the order's paymentState → ours; CreditOwed is more than was due, BalanceDue less
    "Paid": PaymentState.PAID,
    "CreditOwed": PaymentState.PAID,
    "BalanceDue": PaymentState.PENDING,
    "Pending": PaymentState.PENDING,
    "Failed": PaymentState.FAILED,
}
BACK = {"Refund": "", "Chargeback": "Chargeback"}  # transaction type → reason of the refund
ZERO = Decimal(0)


def expanded_payments(order: Body) -> list[Body]:
    """The payments the order was read with; [] unless every one of them is there."""
    references = objects(mapping(order.get("paymentInfo")).get("payments"))
    found = [mapping(reference.get("obj")) for reference in references]
    return found if all(payment.get("id") for payment in found) else []


def parse_payments(order: Body, *, locales: Sequence[str]) -> tuple[Payment, ...]:
    return tuple(parse_payment(payment, locales=locales) for payment in expanded_payments(order))


def parse_payment(payment: Body, *, locales: Sequence[str]) -> Payment:
    """Sums of the successful transactions; `failed` when something failed and nothing else happened or may still happen."""
    info = mapping(payment.get("paymentMethodInfo"))
    states = {text(transaction.get("state")) for transaction in objects(payment.get("transactions"))}
    return Payment(
        reference=text(need(payment, "id", what="payment")),
        authorised=max(ZERO, succeeded(payment, "Authorization") - succeeded(payment, "CancelAuthorization")),
        captured=succeeded(payment, "Charge"),
        refunded=sum((succeeded(payment, kind) for kind in BACK), ZERO),
        method=text(info.get("method")) or localised(info.get("name"), locales) or text(info.get("paymentInterface")),
        currency=payment_currency(payment),
        failed="Failure" in states and not states & {"Success", "Pending"},
    )


def payment_currency(payment: Body) -> str:
    amounts = (payment.get("amountPlanned"), *(transaction.get("amount") for transaction in objects(payment.get("transactions"))))
    return next((found for found in map(currency, amounts) if found), "")


def succeeded(payment: Body, kind: str) -> Decimal:
    """Sum of the payment's transactions of one type that the payment provider confirmed."""
    sums = (
        amount_or_none(transaction.get("amount"), what=f"{kind} transaction")
        for transaction in objects(payment.get("transactions"))
        if transaction.get("type") == kind and transaction.get("state") == "Success"
    )
    return sum((found for found in sums if found is not None), ZERO)


def payment_state(order: Body, payments: Sequence[Payment], *, due: Decimal, due_currency: str) -> PaymentState:
    """The label somebody set on the order; without one, what the transactions add up to; NOT_TOLD when neither is there.

    A label we do not know counts as pending: it holds the order for a person instead of releasing it.
    """
    label = text(order.get("paymentState"))
    if label in PAYMENT_STATES:
        return PAYMENT_STATES[label]
    ours = [payment for payment in payments if payment.currency in ("", due_currency)]
    if ours:
        return state_of_sums(ours, due=due)
    return PaymentState.PENDING if label else PaymentState.NOT_TOLD


def state_of_sums(payments: Sequence[Payment], *, due: Decimal) -> PaymentState:
    captured = sum((payment.captured for payment in payments), ZERO)
    refunded = sum((payment.refunded for payment in payments), ZERO)
    authorised = sum((payment.authorised for payment in payments), ZERO)
    if captured > 0 and refunded >= captured:
        return PaymentState.REFUNDED
    if captured >= due:
        return PaymentState.PAID
    if authorised >= due:
        return PaymentState.AUTHORISED
    return PaymentState.FAILED if all(payment.failed for payment in payments) else PaymentState.PENDING


def parse_refunds(order: Body, *, fallback_at: datetime) -> tuple[Refund, ...]:
    """Money that went back: the successful Refund and Chargeback transactions of the expanded payments."""
    return tuple(
        parse_refund(transaction, payment, order=order, fallback_at=fallback_at)
        for payment in expanded_payments(order)
        for transaction in objects(payment.get("transactions"))
        if transaction.get("type") in BACK and transaction.get("state") == "Success" and amount_or_none(transaction.get("amount"), what="refund")
    )


def parse_refund(transaction: Body, payment: Body, *, order: Body, fallback_at: datetime) -> Refund:
    at = moment_or_none(transaction.get("timestamp") or payment.get("lastModifiedAt"), what="time of the refund")
    return Refund(
        reference=text(need(transaction, "id", what="refund transaction")),
        order_reference=text(order.get("id")),
        amount=amount_or_none(transaction.get("amount"), what="refund") or ZERO,
        currency=currency(transaction.get("amount")),
        at=at or fallback_at,
        reason=BACK[str(transaction.get("type"))],
        state=text(transaction.get("state")),
    )
