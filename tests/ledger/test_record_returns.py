"""Goods and money that go back, and the lines of statements."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.canonical import PayoutLine, Refund, ReturnLine, ReturnOrder, ReturnState
from portal.ledger import models
from portal.ledger.record_returns import order_of, record_payout_line, record_refund, record_return
from tests.ledger.orders import NOON, a_connection, kept, later

BACK = ReturnOrder("r1", "a", "WEB-a", "1", ReturnState.AUTHORISED, (ReturnLine("l1", "MUG-1", 2),), NOON)
MONEY = Refund("f1", "a", Decimal("12.00"), "GBP", NOON)
PAID = PayoutLine("t1", "order", "ORDER_AMOUNT", Decimal("12.00"), "EUR", NOON, state="PENDING")


@pytest.fixture
def shop(db):
    return a_connection()


class TestItsOrder:
    def test_is_found_by_the_channels_id(self, shop):
        assert order_of(shop, reference="a") is None
        assert order_of(shop, reference=kept(shop).reference) is not None

    def test_is_found_by_a_number_that_only_one_order_has(self, shop):
        order = kept(shop, number="100")

        assert order_of(a_connection("Warehouse", "veeqo"), reference="", number="100") == order

    def test_is_nobodys_when_two_have_the_number(self, shop):  # only a 1:1 match links by itself
        kept(shop, number="100")
        kept(a_connection("Other"), number="100")

        assert order_of(a_connection("Warehouse", "veeqo"), reference="", number="100") is None

    def test_is_not_found_by_nothing(self, shop):
        kept(shop, reference="", number="")

        assert order_of(shop, reference="", number="") is None


class TestAReturn:
    def test_follows_its_newest_version(self, shop):  # R83, R91
        record_return(BACK, connection=shop, order=None, at=NOON)
        assessed = (ReturnLine("l1", "MUG-1", 2, received=2, sellable=1, damaged=1),)
        newer = replace(BACK, version="2", state=ReturnState.ASSESSED, lines=assessed, changed_at=later())
        _, changed = record_return(newer, connection=shop, order=None, at=later())
        _, older = record_return(BACK, connection=shop, order=None, at=later())

        row, line = models.ReturnOrder.objects.get(), models.ReturnLine.objects.get()
        assert (changed, older) == (True, False)
        assert (row.state, line.sellable, line.damaged) == ("assessed", 1, 1)

    def test_keeps_its_order_when_a_later_reading_does_not_know_it(self, shop):
        order = kept(shop)
        record_return(BACK, connection=shop, order=order, at=NOON)
        row, _ = record_return(replace(BACK, version="2", changed_at=later()), connection=shop, order=None, at=later())

        assert row.order == order


class TestMoney:
    def test_given_back_is_kept_once(self, shop):
        found = [record_refund(MONEY, connection=shop, order=None)[1] for _ in range(2)]

        assert (found, models.Refund.objects.get().amount) == ([True, False], Decimal("12.0000"))

    def test_on_a_statement_never_changes_but_for_its_state(self, shop):  # R92
        record_payout_line(PAID, connection=shop, order=None)
        record_payout_line(replace(PAID, amount=Decimal("99"), state="PAID", cycle="c1"), connection=shop, order=None)

        row = models.PayoutLine.objects.get()
        assert (row.amount, row.state, row.cycle) == (Decimal("12.0000"), "PAID", "c1")
