"""What mappings cannot know by themselves: which orders wait for a code, and which ones used a row. The corridor registers the answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True)
class Waiting:
    """What waits for one answer; values stay apart by currency."""

    orders: int = 0
    values: dict[str, Decimal] = field(default_factory=dict)

    @property
    def worth(self) -> Decimal:
        """Only to put the heaviest first: currencies are added up as if they were one."""
        return sum(self.values.values(), Decimal(0))


@dataclass(frozen=True)
class OrderLink:
    """An order, for a list of orders to look at again."""

    label: str
    url: str
    at: datetime


class Orders(Protocol):
    """The questions."""

    def waiting(self, keys: Collection[str]) -> dict[str, Waiting]:
        """Key of an UnmappedCode → what waits for it."""
        ...

    def used(self, kind: str, mapping_id: int, *, since: datetime, limit: int) -> list[OrderLink]:
        """Orders sent with this row since then, newest first."""
        ...

    def count_used(self, kind: str, mapping_ids: Collection[int], *, since: datetime) -> int:
        """How many orders were sent with any of these rows since then."""
        ...


class NoOrders:
    """While nobody has registered."""

    def waiting(self, keys: Collection[str]) -> dict[str, Waiting]:
        return {}

    def used(self, kind: str, mapping_id: int, *, since: datetime, limit: int) -> list[OrderLink]:
        return []

    def count_used(self, kind: str, mapping_ids: Collection[int], *, since: datetime) -> int:
        return 0


_answering: list[Orders] = [NoOrders()]


def register(orders: Orders) -> None:
    _answering[:] = [orders]


def ask() -> Orders:
    return _answering[0]
