"""The files of finance: every entry of a period, every line of a report, and at the foot the sums the page shows."""

from __future__ import annotations

from decimal import Decimal

from portal.reconciliation.finance import reports
from portal.reconciliation.finance.files import Listing, Row, amount, moment, safe
from portal.reconciliation.finance.models import Period, Report
from portal.reconciliation.finance.report_queries import Kind
from portal.reconciliation.finance.words import Basis

ENTRY_COLUMNS = ("part", "at", "kind", "type", "order", "tied by", "cycle", "amount", "currency", "source")
PART = f"""SELECT '{{part}}' AS part, {moment("e.at")} AS at, e.kind, {safe("e.vendor_kind")} AS type,
  coalesce({safe("o.number")}, '') AS number, e.tied_by, {safe("e.cycle")} AS cycle, {amount("e.amount")} AS amount, e.currency,
  e.source || ' ' || e.source_id AS source FROM reconciliation_entry AS e LEFT JOIN ledger_salesorder AS o ON o.id = e.order_id WHERE {{only}}"""  # noqa: S608 - columns of ours
PARTS = {
    Basis.MONTH: (("activity", "e.month_id = %(period)s"),),
    Basis.CYCLE: (("activity", "e.interval_id = %(period)s AND e.kind <> 'payout'"), ("settled", "e.settled_id = %(period)s AND e.kind <> 'payout'")),
}
LINE_COLUMNS = ("month", "group", "what", "account", "currency")
LINES = f"""SELECT month, {safe("grouping")}, {safe("label")}, {safe("account")}, currency, {amount("amount")}, {amount("other")},
  {moment("since")}, {safe("note")} FROM reconciliation_reportrow WHERE report_id = %(report)s"""  # noqa: S608 - columns of ours


def of_period(period: Period) -> Listing:
    """Itemised; the foot has the figures themselves."""
    query = " UNION ALL ".join(PART.format(part=part, only=only) for part, only in PARTS[Basis(period.basis)])
    foot: list[Row] = [
        [f"total {one.part}", period.ends_at, one.kind, f"{one.entries} entries", "", "", "", one.amount, period.currency, ""]
        for one in period.figures.order_by("part", "kind")
    ]
    for label, sum_ in (("opening balance", period.opening), ("ending balance", period.ending)):
        foot.append([label, period.ends_at, "", "", "", "", "", sum_, period.currency, ""])
    return Listing(ENTRY_COLUMNS, query, {"period": period.pk}, foot)


def of_report(report: Report, kind: Kind, *, month: str) -> Listing:
    query = f"{LINES}{' AND month = %(month)s' if month else ''} ORDER BY id"
    foot: list[Row] = [
        ["total", one.grouping, f"{one.number} lines", "", one.currency, one.amount, one.other or Decimal(0), None, ""]
        for one in reports.totals(report, month=month)
    ]
    columns = (*LINE_COLUMNS, kind.amount, kind.other or "–", kind.since, "note")
    return Listing(columns, query, {"report": report.pk, "month": month}, foot)
