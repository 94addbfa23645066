"""Returns, account lines, billing cycles and offers as the vendor's examples show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.canonical import PayoutLine, ReturnOrder, ReturnState, StockLevel, Variant
from connectors.errors import ContractError
from connectors.mirakl.payouts import kind_of
from tests.connectors.mirakl.scripted import bare, raw, sample

GOOD, BAD = {"compliant": True}, {"compliant": False, "non_compliance_reason_code": "RETURN_NON_COMPLIANT_DAMAGED_PRODUCT"}
LOST = {"compliant": False, "non_compliance_reason_code": "RETURN_NON_COMPLIANT_MISSING_ITEM"}


def read_return(**changes: Any) -> ReturnOrder:
    found = bare().parse("returns", raw(sample("return", **changes)))[0]
    assert isinstance(found, ReturnOrder)
    return found


def payout(body: dict[str, Any]) -> PayoutLine:
    found = bare().parse("payouts", raw(body))[0]
    assert isinstance(found, PayoutLine)
    return found


class TestReturn:
    def test_names_its_order_lines_and_tracking(self):  # R83
        found = read_return()

        assert (found.order_reference, found.rma, found.tracking_numbers) == ("W-48213377-A", "RMA-1182", ("TT123456785GB",))
        assert [(line.order_line, line.quantity, line.reason) for line in found.lines] == [("W-48213377-A-1", 1, "RETURN_DEFECTIVE_ITEM")]

    @pytest.mark.parametrize(("word", "state"), [
        ("WAITING_ACCEPTANCE", ReturnState.UNKNOWN), ("IN_PROGRESS", ReturnState.IN_TRANSIT), ("RECEIVED", ReturnState.RECEIVED),
        ("CLOSED", ReturnState.ASSESSED), ("REFUSED", ReturnState.REFUSED), ("NO_RECEPTION", ReturnState.CANCELLED), ("NEW", ReturnState.UNKNOWN),
    ])  # fmt: skip
    def test_knows_every_state(self, word: str, state: ReturnState):
        assert read_return(state=word).state is state and read_return(state=None, status=word).vendor_state == word

    @pytest.mark.parametrize(("told", "expected"), [
        (None, (None, None, None)), ([GOOD], (2, 0, 0)), ([BAD], (0, 2, 0)), ([GOOD, BAD], (1, 1, 0)), ([LOST, GOOD], (1, 0, 1)),
    ])  # fmt: skip
    def test_reads_what_was_found_on_arrival(self, told: Any, expected: tuple[Any, ...]):
        line = read_return(return_lines=[{"order_line_id": "L", "quantity": 2, "compliance": told}]).lines[0]

        assert (line.sellable, line.damaged, line.missing) == expected

    def test_is_assessed_when_all_its_lines_are(self):
        lines = [{"order_line_id": "L", "quantity": 1, "compliance": [GOOD]}]

        assert read_return(state="RECEIVED", return_lines=lines).state is ReturnState.ASSESSED


class TestPayout:
    def test_is_signed_and_tied_to_its_line_and_cycle(self):  # R92
        lines = [payout({"currency_iso_code": "GBP", "date_created": "2026-08-04T10:02:20Z", **each}) for each in sample("account_lines")["data"]]

        assert [line.kind for line in lines] == ["order", "shipping", "commission", "commission"]
        assert sum(line.amount for line in lines) == Decimal("44.03") and {line.order_line for line in lines} == {"W-48213377-A-1"}
        assert lines[0].cycle == "5d2a0b0e-54d7-4c4e-8f0b-9a3f1a2b3c4d" and lines[0].state == "PAID"

    @pytest.mark.parametrize(("word", "kind"), [
        ("SELLER_PENALTY_FEE_TAX", "penalty"), ("PAYMENT", "payout"), ("RESERVE_FUNDING", "reserve"), ("REFUND_ORDER_AMOUNT", "refund"),
        ("ORDER_SHIPPING_AMOUNT_TAX", "tax"), ("ORDER_AMOUNT_TAX", "tax"), ("SUBSCRIPTION_FEE", "fee"), ("NEW_THING", "fee"),
    ])  # fmt: skip
    def test_has_a_word_for_every_type(self, word: str, kind: str):
        assert kind_of(word) == kind

    def test_is_credit_less_debit_where_the_amount_is_missing(self):
        line = {"id": "1", "type": "COMMISSION_FEE", "amount_credited": 0, "amount_debited": "8.06", "last_updated": "2026-08-04T10:02:20Z"}

        assert payout(line).amount == Decimal("-8.06")

    def test_without_any_amount_is_not_readable(self):
        with pytest.raises(ContractError, match="amount"):
            payout({"id": "1", "date_created": "2026-08-04T10:02:20Z"})

    def test_of_a_cycle_says_what_was_transferred(self):
        found = payout({"cycle": sample("billing_cycle")})

        assert (found.kind, found.amount, found.state) == ("cycle", Decimal("58.79"), "PAID") and "BACS-778120" in found.note


class TestOffer:
    def test_is_one_level_without_warehouses(self):
        assert bare().parse("stock", raw(sample("offer"))) == (StockLevel("KET-1L-RED", "", 14, reference="70211"),)

    def test_is_a_level_for_each_warehouse(self):
        levels = bare().parse("stock", raw(sample("offer", warehouses=[{"code": "A", "quantity": 9}, {"code": "B", "quantity": 5}])))

        assert [(level.warehouse_code, level.available) for level in levels if isinstance(level, StockLevel)] == [("A", 9), ("B", 5)]

    def test_is_a_variant(self):
        [found] = bare().parse("catalogue", raw(sample("offer")))

        assert isinstance(found, Variant) and (found.reference, found.sku, found.product_reference) == ("70211", "KET-1L-RED", "P000481")
        assert (found.barcode, found.price, found.currency, found.active, found.pack_size) == ("5012345678900", Decimal("24.90"), "GBP", True, 1)

    def test_without_a_sku_is_not_readable(self):
        with pytest.raises(ContractError, match="shop_sku"):
            bare().parse("stock", raw(sample("offer", shop_sku=None)))
