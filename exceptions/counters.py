"""Counts of the inbox, from the counter table: exact at any moment, whatever the number of cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import OuterRef, Subquery, Sum

from exceptions.models import CaseCounter
from portal.connections.models import Connection

FOLD_ABOVE = 500
FOLD = """
WITH gone AS (DELETE FROM exceptions_casecounter RETURNING owner, kind, severity, state, connection_id, number)
INSERT INTO exceptions_casecounter (owner, kind, severity, state, connection_id, number)
SELECT owner, kind, severity, state, connection_id, sum(number) FROM gone GROUP BY 1, 2, 3, 4, 5 HAVING sum(number) <> 0
"""
DIMENSIONS = ("owner", "kind", "severity", "state", "connection_id")


@dataclass(frozen=True)
class Cell:
    """How many cases are of exactly this sort."""

    owner: str
    kind: str
    severity: int
    state: str
    connection_id: int
    number: int
    connection: str = ""


def cells() -> list[Cell]:
    """Every sort there is, in one small query."""
    name = Connection.objects.filter(pk=OuterRef("connection_id")).values("name")
    rows = CaseCounter.objects.values_list(*DIMENSIONS).annotate(number=Sum("number"), connection=Subquery(name)).filter(number__gt=0).order_by()
    return [Cell(*row) for row in rows]


def total(found: Iterable[Cell], fits: Callable[[Cell], bool]) -> int:
    return sum(cell.number for cell in found if fits(cell))


def by(found: Iterable[Cell], dimension: str, fits: Callable[[Cell], bool]) -> dict[str | int, int]:
    """How many of each value of one dimension."""
    numbers: Counter[str | int] = Counter()
    for cell in found:
        if fits(cell):
            numbers[getattr(cell, dimension)] += cell.number
    return dict(numbers)


def fold(*, above: int = FOLD_ABOVE) -> bool:
    """Make one row of each sort again, when there are many; True when it did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT 1 FROM exceptions_casecounter LIMIT %s) AS few", [above + 1])
        if cursor.fetchone()[0] <= above:
            return False
        cursor.execute(FOLD)
    return True
