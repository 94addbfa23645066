"""Reads what two tables disagree on as a stream: merge joins over sorted indexes, so that memory does not grow with the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection as database
from django.db import transaction

FETCH = 1000


def differences(query: str, values: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The query's rows in bunches. The server keeps them, so that what is done to one bunch is committed before the next."""
    with transaction.atomic():
        with database.cursor() as cursor:
            # A hash join of two million rows would spill to disk; sorted indexes are there.
            cursor.execute("SET LOCAL enable_hashjoin = off")
        assert database.connection is not None
        stream = database.connection.cursor(name="audit_differences", withhold=True)
        stream.execute(query, values)
    try:
        while bunch := stream.fetchmany(FETCH):
            yield bunch
    finally:
        stream.close()


def number(query: str, values: Mapping[str, Any]) -> int:
    """One count."""
    with database.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])
