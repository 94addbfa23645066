"""What a change would have meant for the last orders (A9), before it is saved. The corridor, which can replay them, registers how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mappings.models import Mapping

ORDERS = 200  # how many of the newest orders are tried


@dataclass(frozen=True)
class Change:
    """One order that would go differently. `then` and `now` are codes, or sentences where there is no code."""

    label: str
    now: str
    then: str
    url: str = ""


@dataclass(frozen=True)
class Outlook:
    """Nothing was sent: orders tried, and those that change, newly fail or newly pass."""

    tried: int
    changes: list[Change] = field(default_factory=list)
    fails: list[Change] = field(default_factory=list)
    passes: list[Change] = field(default_factory=list)

    @property
    def touched(self) -> int:
        return len(self.changes) + len(self.fails) + len(self.passes)


# (row as it would be, not saved; orders to try) → Outlook
Provider = Callable[[Mapping, int], Outlook]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    _providers[:] = [provider]


def outlook(row: Mapping) -> Outlook | None:
    """None while nobody can tell."""
    return _providers[0](row, ORDERS) if _providers else None
