"""Reads what two tables disagree on as a stream: merge joins over sorted indexes, so that neither memory nor disk grows with the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.db import connection as database
from django.db import transaction

FETCH = 1000


def differences(query: str, values: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The query's rows in bunches, from a cursor that the server keeps."""
    with transaction.atomic():
        with database.cursor() as cursor:
            # A hash join of two million rows would spill to disk; sorted indexes are there.
            cursor.execute("SET LOCAL enable_hashjoin = off")
        assert database.connection is not None
        with database.connection.cursor(name="audit_differences") as stream:
            stream.itersize = FETCH
            stream.execute(query, values)
            rows = iter(stream)
            while bunch := list(islice(rows, FETCH)):
                yield bunch


def number(query: str, values: Mapping[str, Any]) -> int:
    """One count."""
    with database.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])
