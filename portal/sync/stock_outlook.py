"""What a buffer would change, before anybody saves it: units that the channels would show less, or more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from portal.connections.models import Integration
from portal.ledger.models import Buffer, StockPublication
from portal.sync.codes import skus_to_channel
from portal.sync.stock import INFINITE_UNITS
from portal.sync.stock_buffers import BufferBook, holding
from portal.sync.stock_replan import chunks

CHUNK = 5000


@dataclass
class Outlook:
    """`skus`: how many the buffer is about; `published`: how many of them the channel is told of; `changes`: levels that would differ."""

    integration: Integration
    skus: int = 0
    published: int = 0
    changes: int = 0
    before: int = 0
    after: int = 0
    soldout: int = 0
    overruled: int = 0

    @property
    def more(self) -> int:
        return self.after - self.before

    @property
    def less(self) -> int:
        return self.before - self.after


def outlook(row: Buffer, *, at: datetime) -> Outlook:
    """With the stock as it is now, and the other buffers that hold when this one begins. A saved row is compared with what it said."""
    begins = max(at, row.starts_at or at)
    before = BufferBook.of(row.integration, begins)
    others = row.integration.buffers.filter(holding(begins), units__isnull=False).exclude(pk=row.pk)
    after = replace(before, rows=(*others, *([row] if row.units is not None else [])))
    told = Outlook(row.integration)
    for skus, _ in chunks(row.integration.hub, row.pattern, row.skus, size=CHUNK):
        told.skus += len(skus)
        look(told, row, skus, before, after, at=at)
    return told


def look(told: Outlook, row: Buffer, skus: list[str], before: BufferBook, after: BufferBook, *, at: datetime) -> None:
    hub_sku = {name.value: sku for sku, name in skus_to_channel(skus, row.integration, at).items()}
    rows = StockPublication.objects.filter(integration=row.integration, sku__in=hub_sku)
    seen: set[str] = set()
    for sku, free in free_now(rows.values_list("sku", "wanted", "withheld").iterator()):
        old, new = min(before.units(hub_sku[sku]), free), min(after.units(hub_sku[sku]), free)
        told.before += old
        told.after += new
        told.changes += old != new
        told.soldout += free > 0 and new == free and old != free
        if sku not in seen:
            told.overruled += row.units is not None and after.row_for(hub_sku[sku]) is not row
            seen.add(sku)
    told.published += len(seen)


def free_now(rows: Iterable[tuple[str, int, int]]) -> Iterable[tuple[str, int]]:
    """What is published and what is kept back are together what is free; stock without end has no buffer."""
    return ((sku, wanted + withheld) for sku, wanted, withheld in rows if not (wanted == INFINITE_UNITS and withheld == 0))
