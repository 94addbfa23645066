"""Which buffer holds for a SKU at a moment: one with a period before a standing one, then the most exact (R10, R26)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from django.db.models import Q

from portal.connections.models import Integration
from portal.ledger.models import Buffer

ANY = "*"
NOT_SAVED = 1 << 62


def holding(at: datetime) -> Q:
    """Buffers whose period the moment is in."""
    return (Q(starts_at=None) | Q(starts_at__lte=at)) & (Q(ends_at=None) | Q(ends_at__gt=at))


@lru_cache(maxsize=1000)
def pattern_of(text: str) -> re.Pattern[str]:
    """Only * stands for anything; every other character is itself."""
    return re.compile(".*".join(map(re.escape, text.split(ANY))), re.DOTALL)


def begins_with(pattern: str) -> str:
    """What every SKU of the pattern begins with."""
    return pattern.partition(ANY)[0]


def fits(pattern: str, sku: str) -> bool:
    return pattern_of(pattern).fullmatch(sku) is not None


def rank(row: Buffer) -> tuple[bool, bool, int, int]:
    return row.ends_at is not None, bool(row.skus) or ANY not in row.pattern, len(row.pattern), row.pk or NOT_SAVED


@dataclass(frozen=True)
class BufferBook:
    """The buffers of an integration that hold at a moment."""

    rows: tuple[Buffer, ...]
    default: int
    at_source: bool

    @classmethod
    def of(cls, integration: Integration, at: datetime) -> BufferBook:
        return cls(tuple(integration.buffers.filter(holding(at), units__isnull=False)), integration.buffer, integration.buffer_at_source)

    @cached_property
    def exact(self) -> dict[str, list[Buffer]]:
        found: dict[str, list[Buffer]] = defaultdict(list)
        for row in self.rows:
            for sku in row.skus or ([] if ANY in row.pattern else [row.pattern]):
                found[sku].append(row)
        return found

    @cached_property
    def classes(self) -> list[Buffer]:
        return [row for row in self.rows if not row.skus and ANY in row.pattern]

    def row_for(self, sku: str) -> Buffer | None:
        """The buffer that holds for the SKU; None: the integration's own number, or none because the hub keeps it back itself (R11)."""
        if self.at_source:
            return None
        fitting = [*self.exact.get(sku, ()), *(row for row in self.classes if fits(row.pattern, sku))]
        return max(fitting, key=rank, default=None)

    def units(self, sku: str) -> int:
        """Units to keep back of a SKU; none where the hub has done so already, so that it is never done twice (R11)."""
        if self.at_source:
            return 0
        row = self.row_for(sku)
        return self.default if row is None else row.units or 0
