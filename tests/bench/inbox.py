"""The inbox at a million cases: pages, depth, archive, search, upserts and bulk resolving against the bare SQL of the same work."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from itertools import islice
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exceptions.cases import CaseEntry, NewCase, open_case, open_cases
from exceptions.models import ExceptionCase, Resolution
from exceptions.resolving import resolve_many
from tests.bench.crowd import crowd_rows
from tests.bench.table import Row, row, timed
from tests.people import person

OPEN = 100_000
ARCHIVE = {1: 500_000, 10: 10_000_000}  # scale → closed cases; the quick one ends within 90 s on two busy cores
RESOLVED, RESOLVE_RUNS = 10_000, 3
FILL = """
INSERT INTO exceptions_exceptioncase (kind, fingerprint, owner, severity, is_open, cause, consequence, waiting_for, evidence, items_open, items_total,
  units, value, worth, oldest_at, last_seen_at, regressions, opened_at, ack_due_at, resolve_due_at, paused_reason, snooze_if_worse, checked_at,
  resolution, resolution_note, resolved_at)
SELECT (ARRAY['E04','E05','E16','E18','E03','E08','E11','E22'])[1 + n %% 8], %(word)s || n,
  (ARRAY['OPS','OPS','OPS','OPS','CX','FIN','MER','OPS'])[1 + n %% 8],
  1 + n %% 4, %(open)s, 'Order WEB-' || n || ' has not reached the warehouse.', '', '', '{}', 1, 1, 1, '{"GBP": "20.00"}', 20,
  now() - n * interval '1 second', now(), 0, now() - n * interval '1 second', now() + n * interval '1 second', now() + n * interval '2 second',
  '', false,
  now(), CASE WHEN %(open)s THEN '' ELSE 'fixed_verified' END, '', CASE WHEN %(open)s THEN NULL ELSE now() - n * interval '1 second' END
FROM generate_series(1, %(count)s) AS n
"""
KEYS = """
INSERT INTO exceptions_casekey (case_id, key, reversed)
SELECT id, 'WEB-' || id, reverse('WEB-' || id) FROM exceptions_exceptioncase WHERE is_open
"""


def rows(scale: int) -> list[Row]:
    fill(OPEN * scale, ARCHIVE[scale] // 10)
    client = Client()
    client.force_login(person("omar"))
    found = page_rows(client)
    settle()
    small = timed(lambda: client.get("/inbox/"))
    fill(0, ARCHIVE[scale] * 9 // 10)
    settle()
    found.append(row("inbox page with ten times the archive / without", timed(lambda: client.get("/inbox/")), small, goal=1.3, limit=2))
    return found + search_rows(client) + crowd_rows(client, newest_number()) + write_rows()


def fill(count_open: int, count_closed: int) -> None:
    with connection.cursor() as cursor:
        for word, is_open, count in (("open-", True, count_open), (f"closed-{count_closed}-", False, count_closed)):
            if count:
                cursor.execute(FILL, {"word": word, "open": is_open, "count": count})
        if count_open:
            cursor.execute(KEYS)
        cursor.execute("ANALYZE")


def settle() -> None:
    """What the server does in its own time after so many rows, done at once: otherwise the page pays for the filling."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) exceptions_exceptioncase")
        cursor.execute("CHECKPOINT")


def page_rows(client: Client) -> list[Row]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get("/inbox/")
    number = len(captured)  # before the next request empties the record
    statements = [query["sql"] for query in captured.captured_queries if query["sql"].lstrip().upper().startswith(("SELECT", "WITH"))]
    floor = floor_b(statements, response.content.decode())
    page = timed(lambda: client.get("/inbox/"))
    found = [
        row("inbox page / floor B", page, timed(floor), goal=12, limit=20),
        row("queries on an inbox page", number, 6, unit="", goal=1, limit=2),
    ]
    deep = deep_address(client)
    if deep:
        found.append(row("inbox page deep down / page 1", timed(lambda: client.get(deep)), page, goal=1.2, limit=1.5))
    return found


def floor_b(statements: list[str], page: str) -> Callable[[], object]:
    """The bare SQL of the page, and its rows written as escaped strings."""

    def run() -> object:
        rows: list[Any] = []
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                if cursor.description:
                    rows = max(rows, cursor.fetchall(), key=len)
        return "".join(f"<li>{'</td><td>'.join(html.escape(str(value)) for value in one[:12])}</li>" for one in rows)

    return run


def deep_address(client: Client) -> str:
    """Fifty pages on, by the page's own link to older ones."""
    address = "/inbox/"
    for _ in range(50):
        link = re.search(r'href="(\?[^"]*(?:after|cursor|older)[^"]*)"', client.get(address).content.decode())
        if link is None:
            return "" if address == "/inbox/" else address
        address = "/inbox/" + html.unescape(link[1])
    return address


def search_rows(client: Client) -> list[Row]:
    number = newest_number()
    page = timed(lambda: client.get("/inbox/"))
    return [
        row(f"search {name} / inbox page", timed(lambda q=q: client.get("/inbox/", {"q": q})), page, goal=3, limit=6)
        for name, q in (("exact", f"WEB-{number}"), ("prefix", f"WEB-{number // 100}"), ("suffix", f"{number}"))
    ]


def newest_number() -> int:
    """One that is in the order number of an open case."""
    return ExceptionCase.objects.filter(is_open=True).order_by("-pk").values_list("pk", flat=True)[1000]


def write_rows() -> list[Row]:
    at = timezone.now()

    def new(word: str, number: int) -> NewCase:
        return NewCase("E05", f"{word}-{number}", "x", at, [CaseEntry(f"order:{number}", f"B-{number}", at)])

    counter = iter(range(10**9))
    batch = timed(lambda: open_cases([new("batch", next(counter)) for _ in range(1000)]), repeats=3) / 1000

    def one() -> None:
        fresh = new("single", next(counter))
        open_case(fresh.kind, fingerprint=fresh.fingerprint, cause=fresh.cause, items=fresh.items, at=at)

    single = timed(one, repeats=50)
    return [row("case upserts: one a transaction / in batches of 1,000 (per case)", single, batch, goal=7, limit=4, more=True), *resolve_rows()]


def resolve_rows() -> list[Row]:
    """By a person, with a line in each timeline and in the audit trail, against the same columns written bare."""
    at, by = timezone.now(), person("omar")
    spans: dict[str, list[float]] = {"bare": [], "ours": []}
    pks = iter(ExceptionCase.objects.filter(is_open=True, fingerprint__startswith="open-", owner="OPS").order_by("pk").values_list("pk", flat=True))
    columns = {"is_open": False, "resolved_at": at, "resolved_by": by, "resolution": Resolution.BY_HAND, "resolution_note": "Done."}
    work: dict[str, Callable[[list[int]], object]] = {
        "bare": lambda chosen: ExceptionCase.objects.filter(pk__in=chosen).update(**columns),
        "ours": lambda chosen: resolve_many(chosen, Resolution.BY_HAND, "Done.", by=by, at=at),
    }
    for _ in range(RESOLVE_RUNS):
        for name, do in work.items():
            chosen = list(islice(pks, RESOLVED))
            started = time.perf_counter()
            do(chosen)
            spans[name].append((time.perf_counter() - started) * 1000)
    ours, bare = median(spans["ours"]), median(spans["bare"])
    return [row(f"resolving {RESOLVED:,} cases with audit / bare UPDATE", ours, bare, goal=1.6, limit=3)]
