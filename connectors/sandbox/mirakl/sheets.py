"""Uploaded CSV files and their error reports: `;` between quoted columns, a header first."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from flask import Response, request

from connectors.sandbox.mirakl.answers import Refused
from connectors.sandbox.mirakl.models import Import
from connectors.sandbox.mirakl.oddities import Oddities

BROKEN_LINE = '"4";"The quantity is not "valid;"'


def uploaded() -> bytes:
    """The part `file` of a multipart body."""
    if request.mimetype != "multipart/form-data":
        raise Refused(415)
    part = request.files.get("file")
    if part is None:
        raise Refused(400, "The field file is required.")
    return part.read()


def parse(data: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and each line with its number in the file (the header is line 1); blank lines count but say nothing."""
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";")
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        return [], []
    if not rows:
        return [], []
    return [name.strip() for name in rows[0][1]], [(at, row) for at, row in rows[1:] if row]


def report(done: Import, *, first: bool, oddities: Oddities) -> Response:
    """The lines that failed: why comes first (stock, prices) or last (offers)."""
    if not done.failures:
        raise Refused(404)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    added = ["error-line", "error-message"]
    writer.writerow(joined(added, done.header, first=first))
    for at, why, row in done.failures:
        writer.writerow(joined([str(at), why], row, first=first))
    if oddities.take("broken_report"):
        out.write(BROKEN_LINE + "\n")
    return Response(out.getvalue(), mimetype="text/csv")


def joined(added: Sequence[str], own: Sequence[str], *, first: bool) -> list[str]:
    return [*added, *own] if first else [*own, *added]
