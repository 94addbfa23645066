"""Payments, refunds and returns as an order tells them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.canonical import PaymentState, Refund, ReturnOrder, ReturnState, SalesOrder
from tests.connectors.commercetools.scripted import bare, raw, sample


def transaction(kind: str, cents: int, state: str = "Success") -> dict[str, Any]:
    amount = {"type": "centPrecision", "currencyCode": "GBP", "centAmount": cents, "fractionDigits": 2}
    return {"id": f"{kind}-{cents}", "type": kind, "amount": amount, "state": state}


def order_with(label: str | None, *transactions: dict[str, Any]) -> SalesOrder:
    body = sample("order_paid_with_gift")
    body.pop("paymentState")
    if label:
        body["paymentState"] = label
    body["paymentInfo"]["payments"][0]["obj"]["transactions"] = list(transactions)
    order = bare().parse("orders", raw(body))[0]
    assert isinstance(order, SalesOrder)
    return order


class TestThePaymentState:
    @pytest.mark.parametrize(
        ("label", "state"),
        [
            ("Paid", PaymentState.PAID),
            ("CreditOwed", PaymentState.PAID),
            ("BalanceDue", PaymentState.PENDING),
            ("Pending", PaymentState.PENDING),
            ("Failed", PaymentState.FAILED),
        ],
    )
    def test_is_the_label_where_there_is_one(self, label: str, state: PaymentState) -> None:
        assert order_with(label, transaction("Charge", 1)).payment_state is state

    @pytest.mark.parametrize(
        ("transactions", "state"),
        [
            ([transaction("Charge", 4698)], PaymentState.PAID),
            ([transaction("Charge", 4000)], PaymentState.PENDING),
            ([transaction("Charge", 4698, "Pending")], PaymentState.PENDING),
            ([transaction("Authorization", 4698)], PaymentState.AUTHORISED),
            ([transaction("Authorization", 4698), transaction("CancelAuthorization", 4698)], PaymentState.PENDING),
            ([transaction("Authorization", 4698, "Failure")], PaymentState.FAILED),
            ([transaction("Charge", 4698), transaction("Refund", 4698)], PaymentState.REFUNDED),
            ([transaction("Charge", 4698), transaction("Chargeback", 4698)], PaymentState.REFUNDED),
        ],
    )
    def test_follows_the_transactions_where_there_is_none(self, transactions: list[dict[str, Any]], state: PaymentState) -> None:
        assert order_with(None, *transactions).payment_state is state

    def test_is_not_told_without_label_and_payments(self) -> None:
        order = bare().parse("orders", raw(sample("order_imported_in_yen")))[0]

        assert isinstance(order, SalesOrder) and order.payment_state is PaymentState.NOT_TOLD

    def test_of_a_label_nobody_knows_holds_the_order(self) -> None:
        body = sample("order_shipped_in_part", paymentState="Haggling")

        assert bare().parse("orders", raw(body))[0].payment_state is PaymentState.PENDING  # type: ignore[union-attr]


class TestAPayment:
    def test_sums_what_succeeded(self) -> None:
        payments = order_with("Paid", transaction("Authorization", 4698), transaction("Charge", 4698), transaction("Refund", 500)).payments

        assert [(payment.authorised, payment.captured, payment.refunded) for payment in payments] == [
            (Decimal("46.98"), Decimal("46.98"), Decimal("5.00"))
        ]
        assert (payments[0].method, payments[0].currency, payments[0].failed) == ("CREDIT_CARD", "GBP", False)

    def test_that_was_not_expanded_is_not_guessed_at(self) -> None:
        assert bare().parse("orders", raw(sample("order_shipped_in_part")))[0].payments == ()  # type: ignore[union-attr]


class TestAReturnedOrder:
    def things(self) -> tuple[SalesOrder, ReturnOrder, Refund]:
        order, returned, refund = bare().parse("orders", raw(sample("order_returned_and_refunded")))
        assert isinstance(order, SalesOrder) and isinstance(returned, ReturnOrder) and isinstance(refund, Refund)
        return order, returned, refund

    def test_brings_its_return_along(self) -> None:
        order, returned, _ = self.things()

        assert (returned.reference, returned.order_reference, returned.order_number) == ("ri-1", order.reference, "WEB-10042")
        assert (returned.state, returned.vendor_state, returned.tracking_numbers) == (ReturnState.REFUNDED, "BackInStock/Refunded", ("RET-1",))

    def test_tells_what_became_of_the_units(self) -> None:
        [line] = self.things()[1].lines

        assert (line.sku, line.received, line.sellable, line.damaged, line.reason) == ("OXF-BLU-M", 1, 1, 0, "too small")

    def test_brings_the_money_that_went_back_and_no_more(self) -> None:
        refund = self.things()[2]

        assert (refund.reference, refund.amount, refund.currency) == ("t3", Decimal("19.99"), "GBP")
        assert refund.at.isoformat() == "2026-03-10T09:00:00+00:00"

    @pytest.mark.parametrize(
        ("shipment_state", "state", "received"),
        [
            ("Advised", ReturnState.AUTHORISED, 0),
            ("Returned", ReturnState.RECEIVED, 1),
            ("Unusable", ReturnState.ASSESSED, 1),
            ("Lost", ReturnState.UNKNOWN, 0),
        ],
    )
    def test_is_as_far_as_its_items_are(self, shipment_state: str, state: ReturnState, received: int) -> None:
        body = sample("order_returned_and_refunded")
        body["returnInfo"][0]["items"][0] |= {"shipmentState": shipment_state, "paymentState": "Initial"}

        returned = bare().parse("orders", raw(body))[1]

        assert isinstance(returned, ReturnOrder)
        assert (returned.state, returned.lines[0].received) == (state, received)
