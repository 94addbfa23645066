"""Whether an order's money is there, by the integration's own rule (R36-R38)."""

from __future__ import annotations

from decimal import Decimal

from connectors.canonical import PaymentState
from portal.connections.models import PaymentGate
from portal.ledger.models import SalesOrder

SETTLED_STATES = {
    PaymentGate.SETTLED: {PaymentState.PAID},
    PaymentGate.AUTHORISED: {PaymentState.PAID, PaymentState.AUTHORISED},
}


ACCEPTED = "payment_accepted"  # the correction by which a person vouches for the money


def is_settled(order: SalesOrder, gate: str) -> bool:
    """The channel's label decides; where it tells none, the sums of the payments do. A failed payment never settles."""
    if gate == PaymentGate.ANY or order.corrections.get(ACCEPTED):
        return True
    if order.payment_state == PaymentState.NOT_TOLD:
        return _covered(order, gate)
    return order.payment_state in SETTLED_STATES[PaymentGate(gate)]


def _covered(order: SalesOrder, gate: str) -> bool:
    payments = [payment for payment in order.payments.all() if payment.currency == order.currency and not payment.failed]
    captured = sum((payment.captured - payment.refunded for payment in payments), Decimal(0))
    if gate == PaymentGate.AUTHORISED:
        captured = sum((max(payment.captured - payment.refunded, payment.authorised) for payment in payments), Decimal(0))
    return order.total == 0 or (bool(payments) and captured >= order.total)
