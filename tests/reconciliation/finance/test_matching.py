"""Both sides held against each other: a random ledger with planted differences, and each rule by itself."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.ledger.models import HubOrder, PayoutLine, SalesOrder
from portal.reconciliation.finance import jobs
from portal.reconciliation.finance.models import Discrepancy, Entry, MatchTotal, Tolerance
from portal.reconciliation.finance.words import Match, Side
from tests.reconciliation.finance.ledger import NOVEMBER, NOW, OCTOBER, Books

PENNIES = st.integers(min_value=10, max_value=500_000)
FAULTS = ("none", "missing", "off", "refund off", "stranger", "recent", "penny")
PLANTS = st.lists(st.tuples(st.sampled_from(FAULTS), PENNIES, st.integers(2, 900), st.integers(1, 3)), min_size=1, max_size=12)
Planted = dict[tuple[str, str], Decimal]


def pounds(pennies: int) -> Decimal:
    return Decimal(pennies) / 100


class _Undo(Exception):
    """Each example leaves the books as they were."""


def plant(books: Books, number: int, fault: str, *, total: Decimal, off: Decimal, parts: int) -> tuple[Planted, int]:
    """One order with its lines; what the report must find of it, and how many of its lines move money in the cycle."""
    at = NOW - timedelta(days=2) if fault == "recent" else OCTOBER
    if fault == "stranger":
        line = books.line("order", str(total), at=at, order_reference=f"NOBODY-{number}")
        return {("untied", line.reference): total}, 1
    order = books.sold(f"P-{number}", str(total), at=at)
    if fault in ("missing", "recent"):
        return ({("sale", order.number): -total} if fault == "missing" else {}), 0
    told = total + {"off": off, "penny": Decimal("0.01")}.get(fault, Decimal(0))
    shares = [told - pounds(parts - 1), *[pounds(1)] * (parts - 1)]
    for kind, share in zip(("order", "shipping", "tax"), shares, strict=False):
        books.line(kind, str(share), order, at=at)
    books.refund(order, "1.00", at=at)
    books.line("refund", str(Decimal("-1.00") - (off if fault == "refund off" else 0)), order, at=at)
    found = {"off": {("sale", order.number): off}, "refund off": {("refund", order.number): -off}}
    return found.get(fault, {}), parts + 1


def unexplained(books: Books) -> Planted:
    rows = Discrepancy.objects.filter(connection=books.account, state=Match.UNEXPLAINED).exclude(side=Side.CYCLE)
    entries = {f"entry:{entry.pk}": PayoutLine.objects.get(pk=entry.source_id).reference for entry in Entry.objects.filter(source="payout")}
    return {(row.side, entries[row.subject] if row.side == Side.UNTIED else row.label): row.difference for row in rows}


class TestTheMatching:
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(plants=PLANTS, short=st.integers(-300, 300))
    def test_finds_exactly_the_planted_differences_to_the_penny(self, books: Books, plants: list[tuple[str, int, int, int]], short: int):  # R92
        with pytest.raises(_Undo), transaction.atomic():
            wanted: Planted = {}
            for number, (fault, pennies, off, parts) in enumerate(plants):
                wanted |= plant(books, number, fault, total=pounds(pennies), off=pounds(off), parts=parts)[0]
            PayoutLine.objects.update(cycle="c1", state="PAID")
            inside = sum((line.amount for line in PayoutLine.objects.all()), Decimal(0))
            books.cycle("c1", str(max(Decimal(0), inside) + pounds(short)), at=OCTOBER + timedelta(days=5))
            jobs.tie_out(at=NOW)
            cycle = Discrepancy.objects.filter(side=Side.CYCLE).first()

            assert unexplained(books) == wanted
            assert (cycle.difference if cycle else Decimal(0)) == pounds(short)
            assert (cycle.state if cycle else "exact") == ("exact" if not short else "tolerated" if abs(short) == 1 else "unexplained")
            raise _Undo


class TestALine:
    def test_is_tied_by_the_first_rule_that_fits(self, books: Books):
        order = books.sold("M-1", "10.00")
        named = books.line("order", "4.00", order_reference="M-1")
        SalesOrder.objects.filter(pk=order.pk).update(reference="other-id")
        by_number = books.line("order", "6.00", order_reference="M-1")
        HubOrder.objects.create(connection=books.hub, order=order, reference="h1", number="HH-1", version="1", state="received", changed_at=OCTOBER)
        by_hub = books.line("commission", "-1.00", order_reference="HH-1")
        SalesOrder.objects.filter(pk=order.pk).update(reference="M-1")
        books.count()

        tied = dict(Entry.objects.filter(source="payout").values_list("source_id", "tied_by"))
        assert tied == {named.pk: "reference", by_number.pk: "reference", by_hub.pk: "hub_number"}

    def test_that_two_orders_could_have_made_stays_untied(self, books: Books):
        for reference in ("a", "b"):
            books.sold("SAME", "10.00", reference=reference)
        books.line("order", "10.00", order_reference="SAME")
        books.count()

        assert Discrepancy.objects.get(side=Side.UNTIED).state == Match.UNEXPLAINED

    def test_in_another_currency_is_never_netted(self, books: Books):
        order = books.sold("M-1", "10.00")
        books.line("order", "10.00", order, currency="EUR")
        books.count()

        rows = Discrepancy.objects.filter(side=Side.SALE).values_list("currency", "expected", "actual")
        assert sorted(rows) == [("EUR", Decimal(0), Decimal(10)), ("GBP", Decimal(10), Decimal(0))]

    def test_that_comes_after_its_order_ties_what_was_timing(self, books: Books):
        order = books.sold("M-1", "10.00", at=NOW - timedelta(days=3))
        books.count()
        before = Discrepancy.objects.get(side=Side.SALE).state
        books.line("order", "10.00", order, at=NOW)
        books.count(at=NOW + timedelta(hours=1))

        assert before == Match.TIMING
        assert not Discrepancy.objects.filter(side=Side.SALE).exists()


class TestATolerance:
    @pytest.mark.parametrize(
        ("absolute", "relative", "state"), [("0.01", "0", "unexplained"), ("0.50", "0", "tolerated"), ("0.01", "0.01", "tolerated")]
    )
    def test_is_absolute_or_relative(self, books: Books, absolute: str, relative: str, state: str):
        Tolerance.objects.create(currency="GBP", absolute=Decimal(absolute), relative=Decimal(relative))
        books.line("order", "99.60", books.sold("M-1", "100.00"))
        books.count()

        assert Discrepancy.objects.get(side=Side.SALE).state == state

    def test_of_one_currency_says_nothing_of_another(self, books: Books):
        Tolerance.objects.create(currency="EUR", absolute=Decimal(5))
        books.line("order", "99.00", books.sold("M-1", "100.00"))
        books.count()

        assert Discrepancy.objects.get().state == Match.UNEXPLAINED


class TestACancelledOrder:
    def test_agrees_when_the_statement_nets_to_nothing(self, books: Books):
        order = books.sold("M-1", "10.00", state="cancelled", stage="cancelled")
        books.line("order", "10.00", order)
        books.line("refund", "-10.00", order)
        books.count()

        assert MatchTotal.objects.get(side=Side.SALE).state == Match.EXACT


class TestCommission:
    def test_is_held_against_what_the_operator_told(self, books: Books):
        order = books.sold("M-1", "10.00", extra={"total_commission": "1.50"})
        books.line("order", "10.00", order)
        books.line("commission", "-1.25", order)
        books.line("commission", "-0.30", order, vendor_kind="COMMISSION_VAT", at=NOVEMBER)
        books.count(at=NOW + timedelta(days=30))

        assert Discrepancy.objects.get(side=Side.COMMISSION).difference == Decimal("-0.05")
