"""Small indexes that keep 100,000 orders readable without scanning them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime

Key = tuple[datetime, str]


class ByCreation:
    """Ids by creation, ties by id; new ones are nearly always the last."""

    def __init__(self) -> None:
        self.keys: list[Key] = []

    def add(self, at: datetime, id: str) -> None:
        insort(self.keys, (at, id))

    def discard(self, at: datetime, id: str) -> None:
        place = bisect_left(self.keys, (at, id))
        if place < len(self.keys) and self.keys[place] == (at, id):
            del self.keys[place]

    def between(self, start: datetime | None, end: datetime | None) -> list[Key]:
        first = bisect_left(self.keys, (start, "")) if start else 0
        last = bisect_right(self.keys, (end, "\U0010ffff")) if end else len(self.keys)
        return self.keys[first:last]

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)


class Journal:
    """Ids in the order of their last change, so that "changed since" reads only what changed."""

    def __init__(self) -> None:
        self.stamps: OrderedDict[str, datetime] = OrderedDict()
        self.newest: datetime | None = None
        self.in_order = True

    def touch(self, id: str, *, at: datetime) -> None:
        if self.newest is not None and at < self.newest:
            self.in_order = False  # something happened in the past; from now on every entry is looked at
        self.newest = at if self.newest is None else max(at, self.newest)
        self.stamps[id] = at
        self.stamps.move_to_end(id)

    def since(self, bound: datetime) -> list[str]:
        found = []
        for id, at in reversed(self.stamps.items()):
            if at >= bound:
                found.append(id)
            elif self.in_order:
                break
        return found
