"""E30 and E31: raised with the sum, closed with proof."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from exceptions.actions import offered, perform
from exceptions.errors import CaseError
from exceptions.proof import check
from portal.reconciliation.finance.models import Cause, Tolerance
from tests.people import person
from tests.reconciliation.conftest import open_cases
from tests.reconciliation.finance.ledger import NOW, OCTOBER, Books


class TestAPayoutVariance:
    def test_is_a_case_with_its_sum(self, books: Books):  # E30, R92
        books.line("order", "19.00", books.sold("M-1", "20.00"))
        books.count()
        [case] = open_cases("E30")

        assert case.cause == "The statement of Harbour & Home tells 19.00 GBP for order M-1; the order says 20.00."
        assert case.items.get().value == Decimal(1)

    def test_of_a_cycle_names_what_its_lines_come_to(self, books: Books):  # E30
        books.october()
        books.line("fee", "-2.00", cycle="c1", vendor_kind="SUBSCRIPTION_FEE")
        books.count()

        assert [case.cause for case in open_cases("E30")] == [
            "Cycle to 2026-10-11: Harbour & Home pays 42.50 GBP; the lines of the cycle come to 40.50."
        ]

    def test_within_tolerance_or_young_is_none(self, books: Books):
        Tolerance.objects.create(currency="GBP", absolute=Decimal("1.00"))
        books.line("order", "19.00", books.sold("M-1", "20.00"))
        books.sold("M-2", "20.00", at=NOW - timedelta(days=2))
        books.count()

        assert open_cases("E30") == []

    def test_closes_itself_when_the_missing_line_comes(self, books: Books):  # E30
        order = books.sold("M-1", "20.00")
        books.line("order", "19.00", order)
        books.count()
        [case] = open_cases("E30")
        books.line("order", "1.00", order)
        books.count()

        assert check(case, at=NOW)
        case.refresh_from_db()
        assert case.proof == {"matching": "within tolerance, or the missing line came"}

    def test_is_one_case_when_there_are_many(self, books: Books):
        for number in range(30):
            books.sold(f"M-{number}", "20.00")
        books.line("order", "20.00", books.sold("M-99", "20.00"))
        books.count()
        books.count()
        [case] = open_cases("E30")

        assert case.items_open == 30

    def test_leads_to_the_difference(self, books: Books, as_: Any):  # A15
        books.line("order", "19.00", books.sold("M-1", "20.00"))
        books.count()
        [case] = open_cases("E30")
        page = as_("finn").get(f"/inbox/{case.pk}/").content.decode()

        assert "/reconciliation/finance/differences/?account=" in page


class TestACharge:
    def test_without_a_cause_is_a_case(self, books: Books):  # E31
        books.line("penalty", "-5.00")
        books.line("fee", "-39.00", vendor_kind="SUBSCRIPTION_FEE")
        books.count()
        [case] = open_cases("E31")

        assert case.cause == "Harbour & Home charged 5.00 GBP (penalty, SELLER_PENALTY_FEE); nothing known here explains it."

    def test_on_an_order_that_had_a_case_is_tied_to_it(self, books: Books):  # E31, A15
        order = books.sold("M-1", "20.00")
        case = books.case(order, "E18", "Shipped, but the channel does not know.")
        books.line("penalty", "-5.00", order)
        books.count()

        assert open_cases("E31") == []
        assert Cause.objects.get().label.startswith(f"E18 #{case.pk}")

    def test_is_tied_to_its_order_by_a_person(self, books: Books):  # E31
        books.sold("M-1", "20.00")
        books.line("penalty", "-5.00")
        books.count()
        [case] = open_cases("E31")
        perform(case, "tie_charge", by=person("finn"), token=uuid4(), data={"number": "m-1"}, at=OCTOBER)

        assert Cause.objects.get().order.number == "M-1"
        assert open_cases("E31") == []

    def test_is_disputed_by_a_person(self, books: Books):  # E31
        books.line("penalty", "-5.00")
        books.count()
        [case] = open_cases("E31")
        perform(case, "dispute_charge", by=person("finn"), token=uuid4(), data={"note": "mail of 3 November"}, at=OCTOBER)

        assert Cause.objects.get().disputed
        assert open_cases("E31") == []

    def test_is_not_tied_to_an_order_nobody_knows(self, books: Books):
        books.line("penalty", "-5.00")
        books.count()
        [case] = open_cases("E31")
        with pytest.raises(CaseError, match="Nothing was tied"):
            perform(case, "tie_charge", by=person("finn"), token=uuid4(), data={"number": "NOPE"}, at=OCTOBER)

        assert open_cases("E31") == [case]

    @pytest.mark.parametrize(("username", "may"), [("finn", True), ("omar", True), ("cora", False), ("aldo", False)])
    def test_is_explained_by_finance_and_operations(self, books: Books, username: str, may: bool):
        books.line("penalty", "-5.00")
        books.count()
        [case] = open_cases("E31")

        assert ("tie_charge" in [offer.action.name for offer in offered(case, person(username))]) is may
