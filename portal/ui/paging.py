"""Keyset paging: page 10,000 costs what page 1 costs, because the database goes on from a row instead of counting up to it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows, and the cursors of the pages before and after (empty: there is none)."""

    rows: list[Row]
    older: str
    newer: str

    def __len__(self) -> int:
        return len(self.rows)


class RowOf(Func):
    """`(a, b)`, so that PostgreSQL compares whole rows and walks one index."""

    template = "(%(expressions)s)"
    arg_joiner = ", "
    output_field = BooleanField()  # never read; comparing needs some type


def page_of(queryset: QuerySet[Any], *, order: Sequence[str], size: int = 50, cursor: str = "") -> Page[Any]:
    """One page in `order`, for example ("-due_at", "-id"): one direction, unique together, none of them null.

    The cursor comes from the page before; a broken one is a bad request. Works on models and on `.values()`.
    """
    names = [name.lstrip("-") for name in order]
    down = {name.startswith("-") for name in order}
    if len(down) != 1:
        raise ValueError("Keyset paging goes in one direction; order all columns up or all down.")
    backwards, start = read_cursor(cursor, queryset, names) if cursor else (False, None)
    descending = down.pop() != backwards
    rows = queryset.order_by(*(f"{'-' if descending else ''}{name}" for name in names))
    if start is not None:
        beyond = LessThan if descending else GreaterThan
        rows = rows.filter(beyond(RowOf(*map(F, names)), RowOf(*start)))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    return Page(
        found,
        older=write_cursor(found[-1], names, backwards=False) if found and (more or backwards) else "",
        newer=write_cursor(found[0], names, backwards=True) if found and (start is not None if not backwards else more) else "",
    )


def write_cursor(row: Any, names: Sequence[str], *, backwards: bool) -> str:
    values = [row[name] if isinstance(row, dict) else _value(row, name) for name in names]
    text = json.dumps([int(backwards), *(value if isinstance(value, int | str) else str(value) for value in values)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, queryset: QuerySet[Any], names: Sequence[str]) -> tuple[bool, list[Value]]:
    """Direction and place; every value is checked by its own field before the database sees it."""
    try:
        backwards, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fields = [_field(queryset, name) for name in names]
        place = [Value(field.to_python(value), output_field=field) for field, value in zip(fields, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError) as error:
        raise BadRequest("This link to a page of the list is broken. Open the list again.") from error
    if any(value.value is None for value in place):
        raise BadRequest("This link to a page of the list is broken. Open the list again.")
    return bool(backwards), place


def _field(queryset: QuerySet[Any], name: str) -> Field[Any, Any]:
    if name in queryset.query.annotations:
        return queryset.query.annotations[name].output_field
    meta = queryset.model._meta
    return meta.pk if name == "pk" else meta.get_field(name)


def _value(row: Model, name: str) -> Any:
    return getattr(row, name)
