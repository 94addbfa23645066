"""Small indexes that keep 100,000 orders or SKUs readable without scanning them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime

CHUNK = 512


class SortedIds:
    """Ids in ascending order; new ids are the highest, so adding is nearly always an append."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def add(self, id: int) -> None:
        if not self.ids or id > self.ids[-1]:
            self.ids.append(id)
        elif id not in self:
            insort(self.ids, id)

    def discard(self, id: int) -> None:
        at = bisect_left(self.ids, id)
        if at < len(self.ids) and self.ids[at] == id:
            del self.ids[at]

    def __contains__(self, id: int) -> bool:
        at = bisect_left(self.ids, id)
        return at < len(self.ids) and self.ids[at] == id

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids)


class Journal:
    """Ids in the order of their last change, so that "changed since" reads only what changed."""

    def __init__(self) -> None:
        self.stamps: OrderedDict[int, datetime] = OrderedDict()
        self.newest: datetime | None = None
        self.in_order = True

    def touch(self, id: int, *, at: datetime) -> None:
        if self.newest is not None and at < self.newest:
            self.in_order = False  # somebody turned the clock back; from now on every entry is looked at
        self.newest = at if self.newest is None else max(at, self.newest)
        self.stamps[id] = at
        self.stamps.move_to_end(id)

    def forget(self, id: int) -> None:
        self.stamps.pop(id, None)

    def since(self, bound: datetime) -> set[int]:
        found: set[int] = set()
        for id, at in reversed(self.stamps.items()):
            if at >= bound:
                found.add(id)
            elif self.in_order:
                break
        return found


class TextIndex:
    """Case-insensitive substring search: whole chunks first, then the entries of the chunks that hit."""

    def __init__(self) -> None:
        self.chunk_of: dict[int, int] = {}
        self.chunks: list[dict[int, str]] = []
        self.blobs: list[str | None] = []

    def put(self, id: int, text: str) -> None:
        at = self.chunk_of.get(id)
        if at is None:
            at = len(self.chunk_of) // CHUNK
            self.chunk_of[id] = at
            if at == len(self.chunks):
                self.chunks.append({})
                self.blobs.append(None)
        self.chunks[at][id] = text.lower()
        self.blobs[at] = None

    def drop(self, id: int) -> None:
        at = self.chunk_of.get(id)
        if at is not None:
            self.chunks[at].pop(id, None)  # the place stays taken, so that chunk numbers keep growing evenly
            self.blobs[at] = None

    def find(self, wanted: str) -> set[int]:
        needle = wanted.lower()
        found: set[int] = set()
        for at, chunk in enumerate(self.chunks):
            blob = self.blobs[at]
            if blob is None:
                blob = self.blobs[at] = "\n".join(chunk.values())
            if needle in blob:
                found.update(id for id, text in chunk.items() if needle in text)
        return found
