"""What each report finds, and that page and files tell the same sums."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.ledger.models import HubOrder, Payment, Stage
from portal.reconciliation.finance import reports
from portal.reconciliation.finance.models import Report, ReportRow
from portal.reconciliation.finance.report_queries import REPORTS
from tests.dashboard.world import ago
from tests.reconciliation.finance.ledger import NOVEMBER, NOW, OCTOBER, Books
from tests.reconciliation.test_pages import text


def found(name: str) -> list[tuple[str, str, Decimal]]:
    rows = ReportRow.objects.filter(report__name=name).order_by("label", "grouping")
    return [(row.label, row.grouping, row.amount) for row in rows]


class TestPayouts:
    def test_lists_every_cycle_and_every_order_that_differs(self, books: Books):  # R92
        books.october()
        books.line("order", "19.00", books.sold("M-2", "20.00"))
        books.cycle("c2", "3.00", at=OCTOBER + timedelta(days=16))
        books.count()

        assert found("payouts") == [
            ("Cycle to 2026-10-11", "exact", Decimal("42.50")),
            ("Cycle to 2026-10-21", "unexplained", Decimal(3)),
        ]
        assert found("statement") == [("M-2", "sale, unexplained", Decimal(19))]


class TestSales:
    def test_holds_what_the_shop_sold_against_what_left(self, books: Books):  # R93
        for number, stage in (("SO-1", Stage.DONE), ("SO-2", Stage.DONE), ("SO-3", Stage.QUEUED), ("SO-4", Stage.PART_SHIPPED)):
            order = books.order(number, stage)
            if stage != Stage.QUEUED:
                books.ship(books.with_hub(order), lines=(("MUG-1", 2),))
        books.count()

        assert found("sales") == [
            ("2 orders", "sold and dispatched", Decimal("85.00")), ("SO-3", "sold, not dispatched", Decimal("42.50")),
            ("SO-4", "dispatched in part", Decimal("42.50")),
        ]  # fmt: skip

    def test_leaves_out_what_was_cancelled(self, books: Books):
        books.order("SO-1", Stage.CANCELLED)
        books.count()

        assert found("sales") == []


class TestPaidNeverFulfilled:
    def test_is_aged_by_thirty_days(self, books: Books):  # R94, E29
        for days in (5, 40, 70, 100):
            books.order(f"SO-{days:03}", changed_at=NOW - timedelta(days=days))
        shipped = books.order("SO-999", Stage.DONE)
        books.ship(books.with_hub(shipped))
        books.count()

        assert [row[:2] for row in found("unfulfilled")] == [
            ("SO-005", "up to 30 days"), ("SO-040", "31 to 60 days"), ("SO-070", "61 to 90 days"), ("SO-100", "over 90 days"),
        ]  # fmt: skip

    def test_ends_with_the_refund(self, books: Books):
        order = books.order("SO-1", Stage.CANCELLED)
        Payment.objects.create(order=order, reference="p", currency="GBP", captured=Decimal("42.50"), refunded=Decimal("40.00"))
        books.count()

        assert found("unfulfilled") == [("SO-1", "up to 30 days", Decimal("2.50"))]


class TestOversell:
    def test_tells_what_was_given_back_and_the_gap(self, books: Books):  # R95
        order = books.order("SO-1", Stage.CANCELLED)
        books.case(order, "E23", "MUG-1 is oversold by 2.")
        books.refund(order, "30.00")
        books.case(books.order("SO-2"), "E23", "MUG-1 is oversold by 2.")
        books.order("SO-3")
        books.count()
        rows = ReportRow.objects.filter(report__name="oversell").order_by("label").values_list("label", "grouping", "amount", "other")

        assert list(rows) == [
            ("SO-1", "refunded", Decimal("30.00"), Decimal("12.50")), ("SO-2", "not decided yet", Decimal(0), Decimal("42.50")),
        ]  # fmt: skip


class TestMovement:
    def test_lists_sales_without_a_warehouse_order_and_the_reverse(self, books: Books):  # R96
        from portal.connections.models import Integration

        Integration.objects.create(name="Market", channel=books.account, hub=books.hub, enabled=True, number_prefix="HH-")
        books.sold("M-1", "20.00", stage=Stage.QUEUED, state="open")
        there = books.sold("M-2", "30.00")
        HubOrder.objects.create(connection=books.hub, order=there, reference="h2", number="HH-M-2", version="1", state="received", changed_at=OCTOBER)
        HubOrder.objects.create(connection=books.hub, reference="h9", number="HH-X", version="1", state="received", changed_at=OCTOBER)
        books.count()

        assert found("movement") == [("HH-X", "in the warehouse, no sale known", Decimal(0)), ("M-1", "sold, nothing in the warehouse", Decimal(20))]


class TestDelayedPayments:
    def test_are_told_with_what_the_channel_knows(self, books: Books):  # R98, R66, E28
        for number, shown in (("SO-1", False), ("SO-2", True)):
            order = books.order(number, Stage.SHIPPED, payment_state="authorised")
            Payment.objects.create(order=order, reference="p", currency="GBP", authorised=Decimal("42.50"), captured=Decimal("10.00"))
            books.ship(books.with_hub(order), tracking=number, shown=shown)
        books.count(at=ago(minutes=0))

        assert found("captures") == [
            ("SO-1", "the channel does not know of the dispatch", Decimal("32.50")), ("SO-2", "the channel knows of the dispatch", Decimal("32.50")),
        ]  # fmt: skip


class TestStillOpen:
    def test_lists_what_left_and_is_open_in_the_channel(self, books: Books):  # R71
        books.order("SO-1", Stage.DONE, state="open")
        books.order("SO-2", Stage.DONE, state="complete")
        books.count()

        assert [row[0] for row in found("still_open")] == ["SO-1"]


class TestPenalties:
    def test_are_grouped_by_their_cause(self, books: Books):  # A15
        late = books.sold("M-1", "20.00")
        case = books.case(late, "E18", "Shipped, but the channel does not know.")
        books.line("penalty", "-5.00", late)
        books.line("penalty", "-7.00")
        books.line("fee", "-39.00", vendor_kind="SUBSCRIPTION_FEE")
        books.count()
        rows = ReportRow.objects.filter(report__name="penalties").order_by("amount").values_list("grouping", "amount", "note")

        assert list(rows) == [
            ("contract", Decimal(-39), ""), ("no cause known", Decimal(-7), ""),
            ("E18 case", Decimal(-5), f"E18 #{case.pk}: Shipped, but the channel does not know."),
        ]  # fmt: skip


@pytest.fixture
def mixed(books: Books) -> Books:
    """Orders of two months in two currencies, unshipped."""
    for number, (currency, at) in enumerate((("GBP", OCTOBER), ("GBP", NOVEMBER), ("EUR", OCTOBER), ("GBP", OCTOBER))):
        books.order(f"SO-{number}", currency=currency, total=Decimal("10.25") + number, placed_at=at, changed_at=at)
    books.count()
    return books


class TestAReport:
    @pytest.mark.parametrize("month", ["", "2026-10"])
    def test_has_the_same_totals_on_the_page_as_csv_and_as_xlsx(self, mixed: Books, as_: Any, month: str):
        client = as_("finn")
        page = text(client.get(f"/reconciliation/reports/sales/?month={month}"))
        lines = list(csv.reader(io.StringIO(b"".join(client.get(f"/reconciliation/reports/sales.csv?month={month}").streaming_content).decode())))
        book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(f"/reconciliation/reports/sales.xlsx?month={month}").streaming_content)))
        cells = [list(row) for row in book.active.iter_rows(values_only=True)]
        sums: Counter[str] = Counter()
        for line in lines[1:]:
            if line[0] != "total":
                sums[line[4]] += Decimal(line[5])  # type: ignore[assignment]
        told = {line[4]: Decimal(line[5]) for line in lines if line[0] == "total"}

        assert dict(sums) == told == {row[4]: Decimal(str(row[5])) for row in cells if row[0] == "total"}
        assert all(f"{amount:,.2f} {currency}" in page for currency, amount in told.items())
        assert set(told) == {"EUR", "GBP"}  # never added up

    def test_is_opened_from_what_was_stored(self, mixed: Books, as_: Any):
        client = as_("finn")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/reconciliation/reports/sales/")
        touched = [query["sql"] for query in queries if "reconciliation_entry" in query["sql"] or "ledger_" in query["sql"]]

        assert touched == []

    def test_takes_the_place_of_the_one_before(self, mixed: Books):
        reports.make("sales", at=NOW)

        assert Report.objects.filter(name="sales").count() == 1
        assert ReportRow.objects.exclude(report__in=Report.objects.all()).count() == 0

    @pytest.mark.parametrize("name", list(REPORTS))
    def test_opens_empty_and_filled(self, books: Books, as_: Any, name: str):
        client = as_("aldo")
        before = client.get(f"/reconciliation/reports/{name}/").status_code
        books.count()

        assert (before, client.get(f"/reconciliation/reports/{name}/").status_code) == (200, 200)

    def test_is_not_for_those_without_a_role(self, books: Books, as_: Any):
        books.count()

        assert as_("nell").get("/reconciliation/reports/sales.csv").status_code == 403

    def test_cannot_make_a_spreadsheet_run_anything(self, books: Books, as_: Any):
        books.order("=1+1")
        books.count()

        assert b"'=1+1" in b"".join(as_("finn").get("/reconciliation/reports/sales.csv").streaming_content)
