"""Files that go up and reports that come back."""

from __future__ import annotations

import csv
import json
import tracemalloc
from io import BytesIO, StringIO
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

from connectors.canonical import StockTarget
from connectors.mirakl.doors import OF01, STO01
from connectors.mirakl.report import read_report
from connectors.mirakl.stock import fingerprint
from connectors.mirakl.upload import CHUNK, CsvUpload
from tests.connectors.mirakl.scripted import connector

CELL = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)


def file_in(upload: CsvUpload) -> str:
    """The file part of a multipart body."""
    body = b"".join(upload).decode(upload.encoding)
    return body.split("Content-Type: text/csv\r\n\r\n", 1)[1].rsplit(f"\r\n--{upload.boundary}--", 1)[0]


def report(*lines: str) -> bytes:
    return "\n".join(lines).encode()


class TestUpload:
    @given(st.lists(st.tuples(CELL, CELL), max_size=30), st.sampled_from(";,\t"))
    def test_is_read_back_as_it_was_written(self, rows: list[tuple[str, str]], delimiter: str):
        upload = CsvUpload(("sku", "quantity"), lambda: rows, delimiter=delimiter)

        assert list(csv.reader(StringIO(file_in(upload), newline=""), delimiter=delimiter)) == [["sku", "quantity"], *map(list, rows)]
        assert len(upload) == len(b"".join(upload))

    def test_of_many_lines_is_made_while_it_is_sent(self):
        made = 0

        def lines():
            nonlocal made
            for number in range(50_000):
                made += 1
                yield f"SKU-{number}", "1"

        upload = CsvUpload(("offer-sku", "quantity"), lines)
        made = 0
        first = next(iter(upload))

        assert made < 5000 and CHUNK <= len(first) < 2 * CHUNK

    def test_is_written_as_the_record_shows_it(self):
        upload = CsvUpload(STO01.columns, lambda: [("KET-1L-RED", "14", "", "")])

        assert file_in(upload) == '"offer-sku";"quantity";"warehouse-code";"update-delete"\n"KET-1L-RED";"14";"";""\n'

    def test_shows_its_first_lines_as_evidence(self):
        shown = str(CsvUpload(("sku",), lambda: ((f"S-{number}",) for number in range(1000))))

        assert "S-3" in shown and "S-900" not in shown


class Counting(BaseAdapter):
    """Takes a file as it comes, keeps nothing of it, and notes how much memory that took."""

    def __init__(self) -> None:
        super().__init__()
        self.sent, self.peak = 0, 0

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        if request.method == "POST":
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            self.sent = sum(map(len, request.body))  # type: ignore[arg-type]
            self.peak = tracemalloc.get_traced_memory()[1] - before
        response = requests.Response()
        response.status_code, response.request, response.url = (201 if self.sent and request.method == "POST" else 200), request, str(request.url)
        response.raw = BytesIO(json.dumps({"import_id": "3f6a", "status": "COMPLETE", "has_error_report": False}).encode())
        return response

    def close(self) -> None:
        """Nothing is open."""


class TestAFileOfFiftyThousandSkus:
    def test_is_never_in_memory_as_a_whole(self, monkeypatch: pytest.MonkeyPatch):  # R11
        monkeypatch.setattr("connectors.mirakl.stock.pause", lambda seconds: None)
        shop, _ = connector(lambda asked: (500, {}))
        counting = Counting()
        shop.client.http.session.mount("http://", counting)
        targets = [StockTarget(f"SKU-WITH-A-RATHER-LONG-NAME-{number:06}", 7) for number in range(50_000)]
        tracemalloc.start()
        shown = sum(verdict.ok for verdict in shop.publish_stock(targets))
        tracemalloc.stop()

        assert shown == 50_000
        assert counting.sent > 2_000_000
        assert counting.peak < counting.sent / 4

    def test_has_the_same_fingerprint_in_any_order_and_another_with_another_level(self):
        first, second = StockTarget("A", 7), StockTarget("B", 3)

        assert fingerprint(STO01, [first, second]) == fingerprint(STO01, [second, first])
        assert fingerprint(STO01, [first, second]) != fingerprint(STO01, [first, StockTarget("B", 4)])


class TestStockReport:
    def read(self, *lines: str, door=STO01):
        return list(read_report(report(*lines), sent=door.columns, first=door.reason_first, encoding="utf-8"))

    def test_names_line_and_reason(self):  # R21
        [failure] = self.read(
            '"error-line";"error-message";"offer-sku";"quantity";"warehouse-code";"update-delete"',
            '"3";"The offer does not exist";"MUG-SETX";"0";"";""',
        )

        assert (failure.reason, failure.columns["offer-sku"]) == ("The offer does not exist", "MUG-SETX")

    def test_is_read_by_position_whatever_the_added_columns_are_called(self):
        [failure] = self.read('"ligne";"erreur";"offer-sku";"quantity";"warehouse-code";"update-delete"', '"3";"inconnue";"A";"0";"W";""')

        assert failure.reason == "inconnue" and STO01.key(failure.columns) == ("A", "W")

    def test_loses_only_the_broken_line(self):
        found = self.read(
            "error-line;error-message;offer-sku;quantity;warehouse-code;update-delete",
            '2;no;"A";1;;',
            '"4";"The quantity is not "valid;"',
            "5;no;B;1;;",
        )

        assert [failure.columns.get("offer-sku", "?") for failure in found] == ["A", "?", "B"]

    def test_without_a_header_is_read(self):
        [failure] = self.read('"3";"no offer";"A";"0";"";""')

        assert (failure.reason, failure.columns["offer-sku"]) == ("no offer", "A")

    def test_of_offers_has_its_reason_last(self):
        [failure] = self.read("sku;update-delete;quantity;error-line;error-message", "A;;7;2;unknown offer", door=OF01)

        assert (failure.reason, OF01.key(failure.columns)) == ("unknown offer", ("A", ""))

    def test_that_is_empty_names_nothing(self):
        assert self.read("") == []
