"""Small indexes that keep 100,000 orders or items readable without scanning them."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime


class Journal:
    """Ids in the order of their last change, so that "changed since" reads only what changed."""

    def __init__(self) -> None:
        self.stamps: OrderedDict[int, datetime] = OrderedDict()
        self.newest: datetime | None = None
        self.in_order = True
        self.version = 0

    def touch(self, id: int, *, at: datetime) -> None:
        if self.newest is not None and at < self.newest:
            self.in_order = False  # the clock was turned back; from now on every entry is looked at
        self.newest = at if self.newest is None else max(at, self.newest)
        self.stamps[id] = at
        self.stamps.move_to_end(id)
        self.version += 1

    def after(self, bound: datetime) -> set[int]:
        found: set[int] = set()
        for id, at in reversed(self.stamps.items()):
            if at > bound:
                found.add(id)
            elif self.in_order:
                break
        return found
