"""The pages of finance: who reads, who acts, and that every figure leads to its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest
from portal.audit.models import AuditEvent
from portal.reconciliation.finance.models import Discrepancy, Entry, Period, Tolerance, WriteOff
from portal.reconciliation.finance.words import Basis, Match, PeriodState
from tests.reconciliation.finance.ledger import Books
from tests.reconciliation.finance.test_periods import fiona, signed
from tests.reconciliation.test_pages import text

READ = [
    "/reconciliation/finance/",
    "/reconciliation/finance/?basis=cycle",
    "/reconciliation/finance/differences/",
    "/reconciliation/finance/tolerances/",
]


@pytest.fixture
def october(books: Books) -> Books:
    books.october()
    books.line("order", "19.00", books.sold("M-2", "20.00"))
    books.count()
    return books


class TestEveryPage:
    @pytest.mark.parametrize("url", READ)
    def test_is_read_by_the_auditor_and_closed_without_a_role(self, october: Books, as_: Any, url: str):
        assert as_("aldo").get(url).status_code == 200
        assert as_("nell").get(url).status_code == 403

    @pytest.mark.parametrize("username", ["cora", "omar", "mira", "ada", "aldo"])
    def test_lets_nobody_but_finance_act(self, october: Books, as_: Any, username: str):
        pk, row = october.month().pk, Discrepancy.objects.get().pk
        client = as_(username)

        assert client.post(f"/reconciliation/finance/periods/{pk}/do/prepare/").status_code == 403
        assert client.post(f"/reconciliation/finance/periods/{pk}/reopen/", {"reason": "x"}).status_code == 403
        assert client.get(f"/reconciliation/finance/tolerances/{Tolerance.objects.get().pk}/").status_code == 403
        if username != "omar":  # operations may ask finance
            assert client.post(f"/reconciliation/finance/differences/{row}/write-off/").status_code == 403
        assert october.month().state == PeriodState.OPEN

    def test_is_in_the_navigation_of_finance(self, october: Books, as_: Any):
        page = as_("finn").get("/reconciliation/finance/").content.decode()
        assert 'href="/reconciliation/finance/"' in page
        assert 'href="/reconciliation/reports/"' in page


class TestTheOverview:
    def test_shows_balances_and_what_is_not_explained(self, october: Books, as_: Any):
        page = text(as_("finn").get("/reconciliation/finance/"))

        assert "October 2026 Harbour & Home open 0.00 GBP 19.00 GBP" in page
        assert "Unexplained: 1 difference, together 1.00 GBP" in page

    def test_shows_cycles_with_what_the_statement_pays(self, october: Books, as_: Any):
        assert "42.50 GBP" in text(as_("finn").get("/reconciliation/finance/?basis=cycle"))


class TestThePeriodsPage:
    def test_leads_from_every_figure_to_its_lines_its_order_and_the_case(self, october: Books, as_: Any):  # A15
        client, cycle = as_("finn"), Period.objects.get(basis=Basis.MONTH, key="2026-10")
        page = client.get(f"/reconciliation/finance/periods/{cycle.pk}/").content.decode()
        bars = [kind for kind in ("order", "shipping", "commission", "payout") if f"?part=activity&amp;kind={kind}" in page]
        lines = text(client.get(f"/reconciliation/finance/periods/{cycle.pk}/entries/?part=activity&kind=order"))

        assert bars == ["order", "shipping", "commission", "payout"]
        assert "M-2 E30 #" in lines
        assert "2 entries, together 65.10 GBP" in lines

    def test_of_a_cycle_draws_what_the_payout_is_made_of(self, october: Books, as_: Any):
        cycle = Period.objects.get(basis=Basis.CYCLE)
        page = as_("finn").get(f"/reconciliation/finance/periods/{cycle.pk}/").content.decode()

        assert "Payout of the cycle to 11 Oct 2026, GBP" in page
        assert "?part=settled&amp;kind=commission" in page

    def test_is_closed_by_two_and_reopened_by_two(self, october: Books, as_: Any):
        pk = october.month().pk
        as_("finn").post(f"/reconciliation/finance/periods/{pk}/do/prepare/")
        refused = as_("finn").post(f"/reconciliation/finance/periods/{pk}/do/close/").status_code
        client = as_("finn")
        client.force_login(fiona())
        client.post(f"/reconciliation/finance/periods/{pk}/do/close/")
        client.post(f"/reconciliation/finance/periods/{pk}/reopen/", {"reason": "A fee was forgotten."})

        assert refused == 403
        assert october.month().state == PeriodState.CLOSED
        assert ApprovalRequest.objects.get().summary.startswith("Reopen Harbour & Home, October 2026, GBP")

    def test_shows_late_items_on_both_sides(self, october: Books, as_: Any):
        signed(october.month())
        october.line("fee", "-3.00")
        october.count()
        closed, later = (text(as_("aldo").get(f"/reconciliation/finance/periods/{october.month(key).pk}/")) for key in ("2026-10", "2026-11"))

        assert "Came after the close" in closed
        assert "Late items counted here" in later

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_is_exported_with_the_same_totals(self, october: Books, as_: Any, kind: str):
        answer = as_("finn").get(f"/reconciliation/finance/periods/{october.month().pk}/file.{kind}")
        body = b"".join(answer.streaming_content)

        assert (b"total activity" in body and b"ending balance" in body) if kind == "csv" else body[:2] == b"PK"


class TestAnEntrysPage:
    def test_opens_with_its_evidence(self, october: Books, as_: Any):
        entry = Entry.objects.filter(kind="commission").get()
        page = text(as_("finn").get(f"/reconciliation/finance/entries/{entry.pk}/"))

        assert "Commission: −7.50 GBP" in page
        assert "COMMISSION_FEE" in page


class TestWritingOff:
    def test_up_to_the_limit_is_one_persons_decision(self, october: Books, as_: Any):
        row = Discrepancy.objects.get()
        as_("finn").post(f"/reconciliation/finance/differences/{row.pk}/write-off/", {"reason": "too_small", "note": "A pound."})

        assert (WriteOff.objects.get().amount, Discrepancy.objects.get().state) == (Decimal(1), Match.EXACT)
        assert AuditEvent.objects.get(action="difference.written_off").reason == "A pound."

    def test_beyond_it_waits_for_a_second_person(self, october: Books, as_: Any):
        Tolerance.objects.update(write_off_limit=Decimal("0.50"))
        row = Discrepancy.objects.get()
        as_("finn").post(f"/reconciliation/finance/differences/{row.pk}/write-off/", {"reason": "operator", "note": "They refuse."})
        before = WriteOff.objects.exists()
        approvals.approve(ApprovalRequest.objects.get().pk, by=fiona())

        assert not before
        assert WriteOff.objects.get().approved_by == fiona()

    def test_is_refused_when_the_difference_changed_meanwhile(self, october: Books, as_: Any):
        Tolerance.objects.update(write_off_limit=Decimal(0))
        row = Discrepancy.objects.get()
        as_("finn").post(f"/reconciliation/finance/differences/{row.pk}/write-off/", {"reason": "operator", "note": "They refuse."})
        october.line("order", "0.40", row.order)
        october.count()
        with pytest.raises(approvals.ApprovalError, match="not what it was"):
            approvals.approve(ApprovalRequest.objects.get().pk, by=fiona())


class TestATolerance:
    def test_is_changed_with_a_trace(self, october: Books, as_: Any):
        pk = Tolerance.objects.get().pk
        new = {"absolute": "1.00", "percent": "0.5", "timing_days": "10", "write_off_limit": "50"}
        as_("finn").post(f"/reconciliation/finance/tolerances/{pk}/", new)
        october.count()

        assert Tolerance.objects.get().relative == Decimal("0.005")
        assert Discrepancy.objects.get().state == Match.TOLERATED
        assert AuditEvent.objects.get(action="tolerance.changed").old["absolute"] == "0.0100"

    def test_is_never_below_nothing(self, october: Books, as_: Any):
        pk = Tolerance.objects.get().pk
        answer = as_("finn").post(
            f"/reconciliation/finance/tolerances/{pk}/", {"absolute": "-1", "percent": "0", "timing_days": "10", "write_off_limit": "50"}
        )

        assert "cannot be less than 0" in text(answer)
