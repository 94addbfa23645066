"""Data-quality faults over time, by type and source (R82): the last result of each day, carried on until the next."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection as database

from portal.reconciliation.models import Audit
from portal.ui.charts import Chart, Mark, line_chart

DAYS = 30
WEEK = 7
DRAWN = 14  # days in the large chart, whose table stands beside it
COUNTED = (Audit.CATALOGUE, Audit.STRANDED, Audit.STOCK, Audit.MISSING, Audit.ORPHANS)
QUERY = """
SELECT DISTINCT ON (audit, label, day) label, (ended_at AT TIME ZONE 'UTC')::date AS day, found
  FROM reconciliation_run WHERE ended_at IS NOT NULL AND started_at > %s AND audit = ANY(%s)
 ORDER BY audit, label, day, started_at DESC
"""


@dataclass(frozen=True)
class Series:
    """One type of fault at one source, a value for each day."""

    fault: str
    source: str
    values: list[int]

    @property
    def now(self) -> int:
        return self.values[-1]

    @property
    def week_ago(self) -> int:
        return self.values[-1 - WEEK]

    @property
    def change(self) -> int:
        return self.now - self.week_ago

    @property
    def said(self) -> str:
        return f"{self.fault}, {self.source}: {self.week_ago} a week ago, {self.now} now"


@dataclass(frozen=True)
class Trend:
    """What the page draws. `fault` is the type chosen; "" for all of them."""

    fault: str
    faults: list[str]
    series: list[Series]
    chart: Chart


def trend(at: datetime, *, fault: str = "") -> Trend:
    days = [(at - timedelta(days=DAYS - 1 - number)).date() for number in range(DAYS)]
    series = all_series(at, days)
    faults = sorted({one.fault for one in series})
    shown = [one for one in series if one.fault == fault] if fault in faults else series
    marks = [Mark(f"{day.day} {day:%b}", sum(one.values[place] for one in shown)) for place, day in list(enumerate(days))[-DRAWN:]]
    title = f"Faults found, day by day: {fault if fault in faults else 'all types'}"
    return Trend(fault if fault in faults else "", faults, shown, line_chart(title, marks, columns=("Day", "Faults")))


def all_series(at: datetime, days: list[date]) -> list[Series]:
    """Newest value first in size."""
    with database.cursor() as cursor:
        cursor.execute(QUERY, [at - timedelta(days=DAYS), list(COUNTED)])
        rows = cursor.fetchall()
    told: dict[tuple[str, date], dict[str, int]] = {}
    for label, day, found in rows:
        told.setdefault((label, day), {}).update(as_counts(found))
    pairs = sorted({(fault, label) for (label, _), counts in told.items() for fault in counts})
    series = [Series(fault, label, carried(fault, label, days, told)) for fault, label in pairs]
    return sorted(series, key=lambda one: (-one.now, one.fault, one.source))


def as_counts(found: object) -> dict[str, int]:
    return dict(json.loads(found)) if isinstance(found, str) else dict(found)  # type: ignore[call-overload]


def carried(fault: str, label: str, days: list[date], told: dict[tuple[str, date], dict[str, int]]) -> list[int]:
    """A day without a comparison shows what the one before found; a comparison that did not find the fault shows none."""
    values, last = [], 0
    for day in days:
        counts = told.get((label, day))
        last = last if counts is None else counts.get(fault, 0)
        values.append(last)
    return values
