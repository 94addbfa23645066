"""A CSV file as a multipart upload that is made while it is sent: fifty thousand lines never stand in memory as one text."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CHUNK = 64 * 1024


@dataclass
class CsvUpload:
    """The body of a request: `file` and plain text fields. Its length is known before it is sent, for not every edge takes chunks."""

    header: Sequence[str]
    lines: Callable[[], Iterable[Sequence[str]]]
    delimiter: str = ";"
    encoding: str = "utf-8"
    fields: Mapping[str, str] = field(default_factory=dict)
    name: str = "stock.csv"
    boundary: str = field(default_factory=lambda: f"lockstep-{secrets.token_hex(16)}")

    def __post_init__(self) -> None:
        self._length = sum(map(len, self._parts()))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        waiting = bytearray()
        for piece in self._parts():
            waiting += piece
            if len(waiting) >= CHUNK:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)

    def __str__(self) -> str:
        """What is kept as evidence: the file's first lines."""
        first = [self.line(self.header)]
        for number, cells in enumerate(self.lines()):
            if number == 20:
                first.append(b"...\n")
                break
            first.append(self.line(cells))
        return f"{self.name} ({len(self)} bytes):\n{b''.join(first).decode(self.encoding, 'replace')}"

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    def line(self, cells: Sequence[str]) -> bytes:
        quoted = (f'"{cell}"' for cell in (cell.replace('"', '""') for cell in cells))
        return f"{self.delimiter.join(quoted)}\n".encode(self.encoding)

    def _parts(self) -> Iterator[bytes]:
        for name, value in self.fields.items():
            yield f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        disposition = f'Content-Disposition: form-data; name="file"; filename="{self.name}"'
        yield f"--{self.boundary}\r\n{disposition}\r\nContent-Type: text/csv\r\n\r\n".encode()
        yield self.line(self.header)
        yield from map(self.line, self.lines())
        yield f"\r\n--{self.boundary}--\r\n".encode()
