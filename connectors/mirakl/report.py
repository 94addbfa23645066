"""Error reports of imports, read to the end: a line that is no CSV costs that line and no other.

The added columns (line number, reason) come first in stock reports (STO03) and last in offer reports (OF03); their names are not
published, so they are read by position. https://developer.mirakl.com
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = ";,\t|"


@dataclass(frozen=True)
class Failure:
    """One line of a report: why, and the columns as they were sent ({} where the line cannot be read)."""

    reason: str
    columns: dict[str, str]
    raw: str = ""


def read_report(data: bytes, *, sent: Sequence[str], first: bool, encoding: str) -> Iterator[Failure]:
    """`sent` are the columns of the file that was uploaded; `first`: the added two come before them."""
    lines = [line for line in decoded(data, encoding).splitlines() if line.strip()]
    if not lines:
        return
    delimiter = max(DELIMITERS, key=lines[0].count)
    header = cells_of(lines[0], delimiter)
    if not set(sent) & set(header):
        header = ["error-line", "error-message", *sent] if first else [*sent, "error-line", "error-message"]
        body = lines if looks_like_data(lines[0], delimiter, first=first) else lines[1:]
    else:
        body = lines[1:]
    for line in body:
        yield read_line(line, header, delimiter=delimiter, sent=sent, first=first)


def read_line(line: str, header: list[str], *, delimiter: str, sent: Sequence[str], first: bool) -> Failure:
    cells = cells_of(line, delimiter)
    if len(cells) != len(header):
        return Failure(line.strip()[:300], {}, raw=line)
    columns = {name: cell for name, cell in zip(header, cells, strict=True) if name in sent}
    added = [cell for name, cell in zip(header, cells, strict=True) if name not in sent]
    reason = cells[1] if first else (added[-1] if added else cells[-1])
    return Failure(reason.strip(), columns, raw=line)


def cells_of(line: str, delimiter: str) -> list[str]:
    """One line for itself: a quote left open must not swallow the lines behind it."""
    return next(csv.reader([line], delimiter=delimiter), [])


def looks_like_data(line: str, delimiter: str, *, first: bool) -> bool:
    cells = cells_of(line, delimiter)
    return bool(cells) and (cells[0] if first else cells[-2] if len(cells) > 1 else "").strip().isdecimal()


def decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(encoding, "replace") if encoding != "utf-8" else data.decode("iso-8859-1")
