"""Makes the reports by the clock and opens them from what was stored: in constant time, whatever the history."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection as database
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.reconciliation.finance.entries import run, statement_accounts
from portal.reconciliation.finance.models import Report, ReportRow
from portal.reconciliation.finance.report_queries import REPORTS
from portal.reconciliation.finance.words import EXPLAINED_FEES

FILL = """
INSERT INTO reconciliation_reportrow (report_id, month, grouping, subject, label, account, currency, amount, other, since, note)
SELECT %(report)s, month, grouping, subject, left(label, 200), account, currency, amount, other, since, left(note, 300)
  FROM ({query}) AS q (month, grouping, subject, label, account, currency, amount, other, since, note) ORDER BY since DESC NULLS FIRST, subject
"""
TOTALS = """
SELECT month, grouping, currency, count(*), sum(amount), sum(other) FROM reconciliation_reportrow WHERE report_id = %s
 GROUP BY month, grouping, currency ORDER BY month DESC, grouping, currency
"""
STALE = "DELETE FROM reconciliation_report WHERE name = %(name)s AND id < %(newest)s"
STALE_ROWS = (
    "DELETE FROM reconciliation_reportrow AS r USING reconciliation_report AS p WHERE p.id = r.report_id AND p.name = %(name)s AND p.id < %(newest)s"
)


@dataclass
class Total:
    """One group in one currency. Currencies are never added up."""

    grouping: str
    currency: str
    number: int = 0
    amount: Decimal = Decimal(0)
    other: Decimal | None = None

    def add(self, number: int, amount: Decimal, other: Decimal | None) -> None:
        self.number += number
        self.amount += amount
        if other is not None:
            self.other = (self.other or Decimal(0)) + other


def make_all(*, at: datetime) -> None:
    for name in REPORTS:
        make(name, at=at)


def make(name: str, *, at: datetime) -> Report:
    """Compute it anew beside the one that is shown; it takes its place when it is whole."""
    with transaction.atomic():
        report = Report.objects.create(name=name, started_at=at)
        values = {"report": report.pk, "at": at, "statements": statement_accounts(), "explained": list(EXPLAINED_FEES)}
        report.rows = run(FILL.format(query=REPORTS[name].query), values)
        with database.cursor() as cursor:
            cursor.execute(TOTALS, [report.pk])
            report.totals = [[*row[:4], f"{row[4]:f}", None if row[5] is None else f"{row[5]:f}"] for row in cursor.fetchall()]
        report.ended_at = max(at, timezone.now())
        report.save(update_fields=["rows", "totals", "ended_at"])
        for statement in (STALE_ROWS, STALE):
            run(statement, {"name": name, "newest": report.pk})
    return report


def newest() -> dict[str, Report]:
    rows = Report.objects.filter(ended_at__isnull=False).order_by("name", "-started_at").distinct("name")
    return {report.name: report for report in rows}


def stored(name: str) -> Report | None:
    return Report.objects.filter(name=name, ended_at__isnull=False).order_by("-started_at").first()


def months(report: Report) -> list[str]:
    return sorted({str(row[0]) for row in totals_of(report)}, reverse=True)


def totals_of(report: Report) -> list[list[object]]:
    return json.loads(report.totals) if isinstance(report.totals, str) else report.totals


def totals(report: Report, *, month: str = "") -> list[Total]:
    """Of one month, or of all."""
    found: dict[tuple[str, str], Total] = {}
    for at, grouping, currency, number, amount, other in totals_of(report):
        if month in ("", at):
            total = found.setdefault((str(grouping), str(currency)), Total(str(grouping), str(currency)))
            total.add(int(str(number)), Decimal(str(amount)), None if other is None else Decimal(str(other)))
    return [found[key] for key in sorted(found)]


def sums(lines: list[Total]) -> list[Total]:
    """All groups together, currency by currency."""
    found: dict[str, Total] = defaultdict(lambda: Total("all", ""))
    for line in lines:
        found[line.currency].currency = line.currency
        found[line.currency].add(line.number, line.amount, line.other)
    return [found[currency] for currency in sorted(found)]


def lines(report: Report, *, month: str = "") -> QuerySet[ReportRow]:
    rows = ReportRow.objects.filter(report=report)
    return rows.filter(month=month) if month else rows
