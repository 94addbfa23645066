"""Finance at a million statement lines: the matching, a report opened from its stored state, and files, each against the bare SQL or COPY."""

from __future__ import annotations

import io
import resource
from dataclasses import replace

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.connections.models import Connection
from portal.reconciliation.finance import matching, reports
from portal.reconciliation.finance.booking import book
from portal.reconciliation.finance.entries import alone, collect
from portal.reconciliation.finance.files import csv_parts, written
from portal.reconciliation.finance.listings import of_period
from portal.reconciliation.finance.models import Entry, Period
from portal.reconciliation.finance.words import Side
from tests.bench.table import Row, row, timed
from tests.people import person

ROWS = 100_000  # orders, and as many lines; ten times that at full scale
FILES = 20_000
ORDERS = """
INSERT INTO ledger_salesorder (connection_id, reference, number, number_key, number_reversed, version, state, vendor_state, payment_state,
  shipment_state, stage, stage_at, stage_note, currency, total, shipping_price, prices_include_tax, store_code, ship_service_code, ship_service_label,
  carrier_code, email, customer_reference, corrections, note, extra, tags, placed_at, changed_at, seen_at, sent_version)
SELECT %(account)s, 'M-' || n, 'M-' || n, 'M-' || n, n || '-M', '1', 'complete', '', 'not_told', '', 'done', m.at, '', 'GBP', 10 + n %% 90,
       0, true, '', '', '', '', '', '', '{}', '', '{}', '{}', m.at, m.at, m.at, ''
  FROM generate_series(1, %(count)s) AS n, LATERAL (SELECT now() - interval '40 days' - (n %% 86400) * interval '1 second' AS at) AS m
"""
LINES = """
INSERT INTO ledger_payoutline (connection_id, order_id, reference, kind, vendor_kind, amount, currency, at, order_reference, order_line, cycle,
  state, note)
SELECT connection_id, id, 't' || id, 'order', 'ORDER_AMOUNT', total + CASE WHEN id %% 1000 = 0 THEN 1 ELSE 0 END, 'GBP', placed_at,
       reference, '', '', 'PAID', ''
  FROM ledger_salesorder WHERE connection_id = %(account)s
"""
# What anybody would write: both sides joined, the lines summed, every order judged and counted.
BARE = """
SELECT t.amount IS NOT DISTINCT FROM o.total AS agrees, count(*), sum(o.total), sum(t.amount) FROM ledger_salesorder AS o
  FULL JOIN (SELECT order_id, currency, sum(amount) AS amount FROM ledger_payoutline WHERE connection_id = %(account)s
              GROUP BY order_id, currency) AS t
    ON t.order_id = o.id AND t.currency = o.currency
 WHERE o.connection_id = %(account)s GROUP BY 1
"""


def rows(scale: int) -> list[Row]:
    account = Connection.objects.create(name="Operator", system="mirakl", base_url="https://mkp.example.test", account="1").pk
    values = {"account": account, "count": ROWS * scale}
    with connection.cursor() as cursor:
        cursor.execute(ORDERS, values)
        cursor.execute(LINES, values)
    at = timezone.now()
    with alone():
        collect(at=at)
        book(at=at)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    before = peak()
    matched = timed(lambda: matched_once(account), repeats=3)
    memory = peak() - before
    bare = timed(lambda: asked(BARE, account), repeats=3)
    return [
        row(f"matching {ROWS * scale:,} lines with as many orders / the bare join", matched, bare, goal=1.5, limit=5),
        row("memory the matching adds to a worker / 50 MB", memory, 50, unit="MB", goal=0.5, limit=1),
        *opened_rows(),
        *file_rows_of(Period.objects.filter(basis="month").order_by("-entries")[0]),
    ]


def matched_once(account: int) -> None:
    """The sale side, as the job does it, with everything it keeps."""
    with transaction.atomic():
        for statement in matching.CLEAR:
            matching.run(statement, {"account": account})
        matching.judge(account, Side.SALE, matching.SALE, at=timezone.now())


def asked(statement: str, account: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"account": account})
        return cursor.fetchall()


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def opened_rows() -> list[Row]:
    """The SQL of the page, whatever lies behind it; and the whole page."""
    reports.make_all(at=timezone.now())
    client = Client()
    client.force_login(person("finn"))
    with CaptureQueriesContext(connection) as captured:
        client.get("/reconciliation/reports/statement/")
    statements = [query["sql"] for query in captured.captured_queries if "reconciliation_report" in query["sql"]]

    def run() -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()

    return [row("SQL of a report opened from its stored state / 1 ms", timed(run), 1.0, goal=1, limit=50)]


def file_rows_of(period: Period) -> list[Row]:
    """The itemised file of a month against COPY of the same columns; XLSX on fewer rows, told per row."""
    copied = timed(lambda: copy(period), repeats=3)
    total = Entry.objects.filter(month=period).count()
    listing = of_period(period)
    as_csv = timed(lambda: drain(csv_parts(listing)), repeats=3)
    few = replace(listing, query=f"{listing.query} LIMIT {FILES}")
    as_xlsx = timed(lambda: written(few).close(), repeats=3) / min(FILES, total) * total
    return [
        row("CSV of a month's entries / COPY", as_csv, copied, goal=1.3, limit=5),
        row("XLSX of a month's entries / COPY", as_xlsx, copied, goal=8, limit=30),
    ]


def drain(lines: object) -> None:
    for _ in lines:  # type: ignore[attr-defined]
        pass


def copy(period: Period) -> None:
    statement = f"""COPY (SELECT e.at, e.kind, e.vendor_kind, o.number, e.tied_by, e.cycle, e.amount, e.currency, e.source || ' ' || e.source_id
      FROM reconciliation_entry AS e LEFT JOIN ledger_salesorder AS o ON o.id = e.order_id WHERE e.month_id = {period.pk}) TO STDOUT WITH CSV"""  # noqa: S608 - a number of ours
    sink = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for part in stream:
            sink.write(part)
