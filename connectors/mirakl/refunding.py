"""OR28, which gives money back. Nothing at Mirakl protects from paying twice, so what is there already is looked for first.

https://developer.mirakl.com
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.canonical import Done, RefundRequest, round_money
from connectors.errors import OutcomeUnknown, Rejected
from connectors.mirakl.client import Client, Row, listed
from connectors.mirakl.lines import ZERO, first_number, price_of, tax_rate
from connectors.mirakl.pacing import keep, peek
from connectors.reading import text, whole

REMEMBER_S = 60 * 24 * 3600.0
COMPUTED = "PROPORTIONAL_TO_AMOUNT"  # the tax is worked out by Mirakl where it is left out


class Refunder:
    """Pays back, once for each key."""

    def __init__(self, client: Client, *, seen: Row | None = None) -> None:
        self.client = client
        self.seen = seen  # the order as the caller has just read it: OR11 may be called so rarely that a second look would always be refused

    def refund(self, request: RefundRequest) -> Done:
        order = self.seen or self.client.order(request.order_reference, as_platform=True)
        if order is None:
            raise Rejected("Mirakl does not know this order, or it belongs to another shop, so nothing was refunded.", code="404")
        line = the_line(order, request)
        wanted = entry(order, line, request, reason=request.reason_code or self.client.settings.text("refund_reason"))
        there = self.earlier(line, wanted, key=request.key)
        if there:
            self.remember(there, request.key)
            warning = f"Mirakl already shows a refund of this amount on this line ({there}), so none was made again."
            return Done(there, found=True, warnings=(warning,))
        if line.get("can_refund") is False:
            raise Rejected("Mirakl does not allow a refund on this line now.", detail=text(line.get("order_line_state")), code="cannot_refund")
        body = {"order_tax_mode": text(order.get("order_tax_mode")) or "TAX_INCLUDED", "refunds": [wanted]}
        made = listed(self.client.write("OR28", "PUT", "/orders/refund", body), "refunds")
        reference = text(made[0].get("refund_id")) if made else ""
        if not reference:
            raise OutcomeUnknown("Mirakl took the refund but did not say which it made, so it is not known whether it was made.")
        self.remember(reference, request.key)
        return Done(reference)

    def earlier(self, line: Row, wanted: Row, *, key: str) -> str:
        """A refund of the same amounts on the line that is not known to be another request's."""
        for refund in listed(line, "refunds"):
            reference = text(refund.get("id"))
            owner = peek(self.client.http.tokens, self.name(reference))
            if owner == key or (not owner and same_amounts(refund, wanted)):
                return reference
        return ""

    def remember(self, reference: str, key: str) -> None:
        keep(self.client.http.tokens, self.name(reference), key, lifetime_s=REMEMBER_S)

    def name(self, reference: str) -> str:
        return f"{self.client.scope}:refund:{reference}"


def the_line(order: Row, request: RefundRequest) -> Row:
    lines = listed(order, "order_lines")
    if not request.order_line and len(lines) == 1:
        return lines[0]
    found = next((line for line in lines if text(line.get("order_line_id")) == request.order_line), None)
    if found is None:
        raise Rejected("This line is not on the order at Mirakl, so nothing was refunded.", code="unknown_line", fields=(request.order_line,))
    return found


def entry(order: Row, line: Row, request: RefundRequest, *, reason: str) -> Row:
    """One refund as OR28 takes it. Where the order's prices are without tax, so are the amounts."""
    if not reason:
        raise Rejected("A refund at Mirakl needs a reason, and neither the request nor the connection names one.", code="no_reason")
    included = text(order.get("order_tax_mode")) != "TAX_EXCLUDED"
    currency = text(order.get("currency_iso_code")) or request.currency
    if request.currency and currency.upper() != request.currency.upper():
        raise Rejected(f"The order was paid in {currency}, so {request.currency} cannot be refunded on it.", code="wrong_currency")
    price = price_of(line, whole(line.get("quantity") or 1, what="quantity of the line"))
    amounts = {
        "amount": stated(request.amount, listed(line, "taxes"), price, included=included, currency=currency),
        "shipping_amount": stated(
            request.shipping_amount,
            listed(line, "shipping_taxes"),
            first_number(line.get("shipping_price")) or ZERO,
            included=included,
            currency=currency,
        ),
    }
    shares = {
        "taxes": tax_shares(listed(line, "taxes"), amounts["amount"], price, currency=currency),
        "shipping_taxes": tax_shares(
            listed(line, "shipping_taxes"), amounts["shipping_amount"], first_number(line.get("shipping_price")) or ZERO, currency=currency
        ),
    }
    return {
        "order_line_id": text(line.get("order_line_id")),
        **amounts,
        "reason_code": reason,
        "quantity": request.quantity,
        "currency_iso_code": currency,
        "excluded_from_shipment": bool(request.quantity) and text(line.get("order_line_state")) == "SHIPPING",
        **{name: rows for name, rows in shares.items() if rows},
    }


def stated(amount: Decimal, taxes: list[Row], price: Decimal, *, included: bool, currency: str) -> Decimal:
    """What goes back as the order's prices are stated: as it is, or without its tax."""
    rate = ZERO if included else tax_rate(taxes, price, included=False) or ZERO
    return round_money(amount / (1 + rate), currency)


def tax_shares(taxes: list[Row], amount: Decimal, price: Decimal, *, currency: str) -> list[dict[str, Any]]:
    """The refunded part of the taxes that Mirakl does not work out by itself; all of them, where one is such."""
    if not amount or not price or all(text(tax.get("tax_calculation_rule")) in ("", COMPUTED) for tax in taxes):
        return []
    share = min(Decimal(1), amount / price)
    return [{"code": text(tax.get("code")), "amount": round_money((first_number(tax.get("amount")) or ZERO) * share, currency)} for tax in taxes]


def same_amounts(refund: Row, wanted: Row) -> bool:
    return all((first_number(refund.get(name)) or ZERO) == wanted[name] for name in ("amount", "shipping_amount"))
