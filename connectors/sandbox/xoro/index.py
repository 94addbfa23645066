"""Small indexes that keep 100,000 orders or items readable without scanning them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, overload

SLACK = timedelta(seconds=1)  # what fell due is done a moment after its time


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
        if self.newest is not None and at < self.newest - SLACK:
            self.in_order = False  # somebody turned the clock back; from now on every entry is looked at
        self.newest = at if self.newest is None else max(at, self.newest)
        self.stamps[id] = at
        self.stamps.move_to_end(id)

    def within(self, least: datetime, most: datetime | None) -> set[int]:
        found: set[int] = set()
        for id, at in reversed(self.stamps.items()):
            if at >= least:
                if most is None or at <= most:
                    found.add(id)
            elif self.in_order and at < least - SLACK:
                break
        return found


class Chained(Sequence[Any]):
    """Several lists read as one, without copying them: (name of the list, its element)."""

    def __init__(self, parts: Iterable[tuple[Any, Sequence[int]]]) -> None:
        self.parts = [(name, rows) for name, rows in parts if len(rows)]
        self.length = sum(len(rows) for _, rows in self.parts)

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, at: int) -> Any: ...

    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...

    def __getitem__(self, at: int | slice) -> Any:
        wanted = at if isinstance(at, slice) else slice(at, at + 1)
        start, stop, _ = wanted.indices(self.length)
        found: list[Any] = []
        for name, rows in self.parts:
            if start < len(rows) and stop > 0:
                found += [(name, each) for each in rows[max(0, start) : stop]]
            start, stop = start - len(rows), stop - len(rows)
        return found if isinstance(at, slice) else found[0]
