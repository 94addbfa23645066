"""Mappings as a CSV file and back. The file's first header names its kind and form; each row carries the version it was written from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from mappings.changes import fields_of
from mappings.kinds import Kind
from mappings.models.base import with_version

FORM = 1
MAX_BYTES, MAX_ROWS = 10 * 1024 * 1024, 50_000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")  # a spreadsheet would run it, or eat the apostrophe
YES, NO = "yes", "no"
BOOLEANS = frozenset({"way_back", "confirmed_catch_all"})
MOMENTS = frozenset({"effective_from", "effective_to"})


class FileError(Exception):
    """The file as a whole cannot be read; the text is a sentence for the person who brought it."""


@dataclass(frozen=True)
class Line:
    """One row of a file, still text. `number` is the row as a spreadsheet counts it."""

    number: int
    pk: str
    version: str
    scope: str
    told: dict[str, str]


def header(kind: Kind) -> list[str]:
    return [f"lockstep {kind.slug} {FORM}", "version", kind.scope, *fields_of(kind)]


def write(rows: QuerySet[Any], kind: Kind) -> Iterator[str]:
    """The file, line by line, whatever its length."""
    yield _line(header(kind))
    names = fields_of(kind)
    values = with_version(rows).values_list("pk", "version", f"{kind.scope}__name", *names)
    for pk, version, scope, *several in values.iterator(chunk_size=2000):
        yield _line([str(pk), str(version), guarded(scope), *(as_text(value) for value in several)])


def read(content: str, kind: Kind) -> list[Line]:
    """Every row. FileError when this is not a file of this kind."""
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    wanted = header(kind)
    try:
        found = next(reader, [])
        if found != wanted:
            raise FileError(_what_is_wrong(found, wanted, kind))
        lines = [_read_line(number, cells, wanted) for number, cells in enumerate(reader, start=2) if any(cells)]
    except csv.Error as error:
        raise FileError(f"This is not a CSV file: {error} (row {reader.line_num}).") from error
    if len(lines) > MAX_ROWS:
        raise FileError(f"The file has {len(lines):,} rows. Bring at most {MAX_ROWS:,} at a time.")
    return lines


def guarded(text: str) -> str:
    """A leading apostrophe keeps a spreadsheet from running the text; `plain` takes it away again."""
    return f"'{text}" if text.startswith(FORMULA) else text


def plain(text: str) -> str:
    return text[1:] if text.startswith("'") else text


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return guarded(str(value)) if value is not None else ""


def as_value(name: str, text: str) -> Any:
    """The cell as the table keeps it. ValueError with a sentence when it cannot be."""
    if name in BOOLEANS:
        if text not in (YES, NO, ""):
            raise ValueError(f"{name} is “{text}”; it must be yes or no")
        return text == YES
    if name in MOMENTS:
        return _moment(name, text)
    return plain(text)


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{name} is “{text}”; it must be a moment with its zone, like 2026-10-05T12:00:00+00:00")
    return moment


def _read_line(number: int, cells: list[str], wanted: list[str]) -> Line:
    if len(cells) != len(wanted):
        raise FileError(f"Row {number} has {len(cells)} cells; the header has {len(wanted)}. Nothing was read.")
    pk, version, scope, *several = cells
    return Line(number, pk.strip(), version.strip(), plain(scope), dict(zip(wanted[3:], several, strict=True)))


def _what_is_wrong(found: list[str], wanted: list[str], kind: Kind) -> str:
    first = found[0] if found else ""
    if not first.startswith("lockstep "):
        return f"This is no file of ours: its first cell must be “{wanted[0]}”. Export the {kind.name} first, change that file, and bring it back."
    if first != wanted[0]:
        return f"This file is “{first}”, but here belongs “{wanted[0]}”."
    return f"The columns must be: {', '.join(wanted[1:])}."


class _Echo:
    """Gives back what the csv module writes."""

    def write(self, text: str) -> str:
        return text


def _line(cells: Iterable[str]) -> str:
    return str(csv.writer(_Echo(), lineterminator="\r\n").writerow(cells))
