"""Keyset paging: a page costs the same however deep it is, and the cursor says nothing to the caller."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Model, QuerySet
from django.db.models.expressions import RawSQL
from rest_framework import serializers
from rest_framework.response import Response

from portal.api.problems import Unprocessable

MOST, USUAL = 500, 100
NO_CURSOR = "This cursor is not one of ours. Begin without one."


class PageQuery(serializers.Serializer):
    """What every list takes."""

    cursor = serializers.CharField(required=False, allow_blank=True, max_length=400, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(required=False, default=USUAL, min_value=1, max_value=MOST, help_text=f"Rows on a page, at most {MOST}.")


def encode(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The values in a cursor; Unprocessable when it was not made by `encode` with such values."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [read(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, RecursionError) as error:
        raise Unprocessable(NO_CURSOR, {"cursor": [NO_CURSOR]}) from error


def read(value: Any, kind: Any) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment
    if not isinstance(value, kind) or isinstance(value, bool) or (kind is int and abs(value) >= 2**63):
        raise ValueError("another kind of value")
    return value


def column(table: type[Model], name: str) -> str:
    return str(getattr(table._meta.get_field(name), "column"))  # noqa: B009 - only relations have none


class Keyset:
    """An order that walks an index: column → type, all ascending or all descending."""

    def __init__(self, *columns: tuple[str, type], descending: bool = False) -> None:
        self.columns, self.descending = columns, descending

    def page(self, rows: QuerySet[Any], *, cursor: str, limit: int) -> tuple[list[Any], str | None]:
        """The rows after `cursor`, and the cursor that continues; None at the end."""
        names = [name for name, _ in self.columns]
        if cursor:
            rows = self.after(rows, decode(cursor, [kind for _, kind in self.columns]))
        found = list(rows.order_by(*(f"-{name}" if self.descending else name for name in names))[: limit + 1])
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], encode([getattr(last, name) for name in names])

    def after(self, rows: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
        """A row comparison, which the index answers; `a > x OR (a = x AND b > y)` would scan."""
        table: type[Model] = rows.model
        columns = ", ".join(f'"{table._meta.db_table}"."{column(table, name)}"' for name, _ in self.columns)
        sign = "<" if self.descending else ">"
        marks = ", ".join(["%s"] * len(values))
        return rows.filter(RawSQL(f"({columns}) {sign} ({marks})", values, output_field=BooleanField()))  # noqa: S611 - our own names; the values are bound


def listed(rows: Sequence[Any], cursor: str | None, shape: Callable[[Any], dict[str, Any]]) -> Response:
    return Response({"data": [shape(row) for row in rows], "next_cursor": cursor})
