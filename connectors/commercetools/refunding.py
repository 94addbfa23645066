"""Gives money back: a Refund transaction in state Initial on the payment that took it, for the shop's payment integration to carry out.

commercetools moves no money itself (https://docs.commercetools.com/api/projects/payments#transaction), so this is off until an option says
that such an integration is there. The transaction's interactionId is our key, by which it is found again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.canonical import Done, Refund, RefundRequest, exponent
from connectors.commercetools.client import Client
from connectors.commercetools.payments import expanded_payments, payment_currency, succeeded
from connectors.commercetools.values import Body, amount_or_none, currency, objects
from connectors.errors import AccessDenied, Rejected
from connectors.reading import moment, moment_or_none, text, whole

BACK = ("Refund", "Chargeback")
EXPAND = (("expand", "paymentInfo.payments[*]"),)
OFF = (
    "This shop's own people give money back: commercetools keeps books on refunds but pays none. "
    "Give it back there; where a payment integration carries out refunds, switch that on in the connection's options."
)


@dataclass
class Refunder:
    """Refunds of one project."""

    client: Client

    def find(self, order_reference: str) -> tuple[Refund, ...]:
        """Every refund that gave money back or still may; those that failed are told with that state."""
        order = self.order(order_reference)
        at = moment(order.get("lastModifiedAt"), what="lastModifiedAt of the order")
        return tuple(
            Refund(
                reference=text(each.get("id")),
                order_reference=order_reference,
                amount=amount_or_none(each.get("amount"), what="refund") or Decimal(0),
                currency=currency(each.get("amount")),
                at=told_at(each) or at,
                state=text(each.get("state")),
            )
            for payment in expanded_payments(order)
            for each in objects(payment.get("transactions"))
            if each.get("type") in BACK
        )

    def refund(self, request: RefundRequest) -> Done:
        """Once for each key. A stale version raises Conflict: whoever calls looks again."""
        if not self.client.settings.flag("makes_refunds"):
            raise Rejected(OFF, code="refunds_off")
        payments = expanded_payments(self.order(request.order_reference))
        for payment in payments:
            for each in objects(payment.get("transactions")):
                if each.get("interactionId") == request.key:
                    return Done(text(each.get("id")), found=True)
        able = [one for one in payments if payment_currency(one) == request.currency and left(one) >= request.amount]
        if not able:
            raise Rejected("No payment of this order has taken that much and still holds it, so nothing was given back.", code="no_payment")
        return self.write(able[0], request)

    def write(self, payment: Body, request: RefundRequest) -> Done:
        cents = int(request.amount.scaleb(exponent(request.currency)))
        transaction = {
            "type": "Refund",
            "state": "Initial",
            "amount": {"currencyCode": request.currency, "centAmount": cents},
            "interactionId": request.key,
        }
        body: dict[str, Any] = {
            "version": whole(payment.get("version"), what="version of the payment"),
            "actions": [{"action": "addTransaction", "transaction": transaction}],
        }
        try:
            made = self.client.post(f"/payments/{quote(text(payment.get('id')), safe='')}", body)
        except AccessDenied as error:
            sentence = "The API client may not write payments (scope manage_payments), so nothing was given back."
            raise Rejected(sentence, detail=error.detail, exchange=error.exchange, code="scope") from error
        found = next((each for each in objects(made.get("transactions")) if each.get("interactionId") == request.key), {})
        return Done(text(found.get("id")) or request.key)

    def order(self, reference: str) -> Body:
        order = self.client.get(f"{self.client.orders_path()}/{quote(reference, safe='')}", EXPAND)
        if order is None:
            raise Rejected("commercetools does not know this order any more, so nothing was given back.", code="ResourceNotFound")
        return order


def left(payment: Body) -> Decimal:
    """What the payment took and has not given back, nor been asked to."""
    asked = (
        amount_or_none(each.get("amount"), what="refund") or Decimal(0)
        for each in objects(payment.get("transactions"))
        if each.get("type") in BACK and each.get("state") != "Failure"
    )
    return succeeded(payment, "Charge") - sum(asked, Decimal(0))


def told_at(transaction: Body) -> datetime | None:
    return moment_or_none(transaction.get("timestamp"), what="time of the refund")
