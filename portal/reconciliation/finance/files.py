"""Reports and periods as files: CSV line by line, XLSX row by row into a file on disk; neither ever holds the whole in memory."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins with these
CSV, XLSX = "csv", "xlsx"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = Sequence[object]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_file(kind: str, name: str, columns: Sequence[str], rows: Iterable[Row]) -> HttpResponseBase:
    """Streamed. An XLSX is written first, so that its length is told and the browser shows how far it is."""
    if kind == XLSX:
        answer: HttpResponseBase = FileResponse(written(columns, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE)
        return answer
    answer = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([plain(value) for value in row])


def plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}" if value == value.quantize(Decimal("0.01")) else f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def written(columns: Sequence[str], rows: Iterable[Row]) -> tempfile._TemporaryFileWrapper[bytes]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Lockstep")
    sheet.append(list(columns))
    for row in rows:
        sheet.append([cell(value) for value in row])
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the answer closes it
    book.save(file)
    file.seek(0)
    return file


def cell(value: object) -> object:
    """Amounts stay numbers; a spreadsheet knows no time zones, so moments are written out."""
    if isinstance(value, Decimal | int):
        return value
    return plain(value)
