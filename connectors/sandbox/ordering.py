"""Ids kept in the order of a key that changes, so that "changed since, oldest first, after this one" never scans."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any


class Ordered:
    """Each id once, under its present key; entries are (key, id), ascending."""

    def __init__(self) -> None:
        self.entries: list[tuple[Any, int]] = []
        self.keys: dict[int, Any] = {}

    def put(self, id: int, key: Any) -> None:
        self.drop(id)
        self.keys[id] = key
        if not self.entries or (key, id) > self.entries[-1]:
            self.entries.append((key, id))
        else:
            insort(self.entries, (key, id))

    def drop(self, id: int) -> None:
        key = self.keys.pop(id, None)
        if key is not None:
            del self.entries[bisect_left(self.entries, (key, id))]

    def walk(self, *, least: Any = None, after: tuple[Any, int] | None = None, reverse: bool = False) -> Iterator[tuple[Any, int]]:
        """Entries whose key is at least `least`, beyond `after`."""
        start = 0 if least is None else bisect_left(self.entries, (least,))
        end = len(self.entries)
        if after is not None and reverse:
            end = bisect_left(self.entries, after)
        elif after is not None:
            start = max(start, bisect_right(self.entries, after))
        steps = range(end - 1, start - 1, -1) if reverse else range(start, end)
        return (self.entries[at] for at in steps)

    def __len__(self) -> int:
        return len(self.entries)
