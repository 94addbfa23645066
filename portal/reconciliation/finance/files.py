"""Reports and periods as files: CSV straight out of the database, XLSX row by row into a file on disk; neither ever holds the whole in memory."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins with these
CSV, XLSX = "csv", "xlsx"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FETCH = 2000
Row = Sequence[object]


def safe(column: str) -> str:
    """A text column as a spreadsheet may read it."""
    return f"CASE WHEN left({column}, 1) IN ('=', '+', '-', '@', E'\\t', E'\\r') THEN '''' || {column} ELSE {column} END"


def amount(column: str) -> str:
    """With two places, or as many as it needs."""
    return f"CASE WHEN {column} = round({column}, 2) THEN round({column}, 2) ELSE trim_scale({column}) END"


def moment(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""


@dataclass(frozen=True)
class Listing:
    """What a file tells: the rows of a statement, already safe, and under them the rows of its foot."""

    columns: Sequence[str]
    query: str
    values: Mapping[str, Any]
    foot: Sequence[Row] = field(default_factory=tuple)


def as_file(kind: str, name: str, listing: Listing) -> HttpResponseBase:
    """Streamed. An XLSX is written first, so that its length is told and the browser shows how far it is."""
    if kind == XLSX:
        return FileResponse(written(listing), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE)
    answer = StreamingHttpResponse(csv_parts(listing), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def csv_parts(listing: Listing) -> Iterator[bytes]:
    """As PostgreSQL writes it; a row made in Python would cost many times as much."""
    yield csv_text([listing.columns])
    with database.cursor() as cursor, cursor.copy(f"COPY ({listing.query}) TO STDOUT WITH (FORMAT csv)", listing.values) as stream:
        for part in stream:
            yield bytes(part)
    yield csv_text(listing.foot)


def csv_text(rows: Sequence[Row]) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows([plain(value) for value in row] for row in rows)
    return sink.getvalue().encode()


def plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}" if value == value.quantize(Decimal("0.01")) else f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def rows_of(listing: Listing) -> Iterator[Row]:
    """The rows as Python has them; the server keeps what was not fetched yet."""
    with transaction.atomic():
        database.ensure_connection()
        assert database.connection is not None
        stream = database.connection.cursor(name="finance_file")
        try:
            stream.execute(listing.query, listing.values)
            while bunch := stream.fetchmany(FETCH):
                yield from bunch
        finally:
            stream.close()


def written(listing: Listing) -> tempfile._TemporaryFileWrapper[bytes]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Lockstep")
    sheet.append(list(listing.columns))
    for row in rows_of(listing):
        sheet.append(row)
    for row in listing.foot:
        sheet.append([value if isinstance(value, Decimal | int) else plain(value) for value in row])
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the answer closes it
    book.save(file)
    file.seek(0)
    return file
