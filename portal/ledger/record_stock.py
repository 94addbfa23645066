"""Writes stock levels into the ledger, and keeps what changed for the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection as database

from connectors import canonical
from portal.connections.models import Connection
from portal.ledger.models import StockChange, StockLevel

WATCHED = ("available", "on_hand", "allocated", "incoming", "infinite", "reference", "version")
# One statement of arrays: Django's bulk_update builds a CASE for each row and column, which is most of the cost of a full reading.
SAVE = """
UPDATE ledger_stocklevel AS kept
SET available = told.available, on_hand = told.on_hand, allocated = told.allocated, incoming = told.incoming, infinite = told.infinite,
  reference = told.reference, version = told.version, changed_at = told.changed_at, seen_at = told.seen_at, gone_at = NULL
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[], %s::boolean[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
  AS told (id, available, on_hand, allocated, incoming, infinite, reference, version, changed_at, seen_at)
WHERE kept.id = told.id
"""
SAVED = ("pk", *WATCHED, "changed_at", "seen_at")


@dataclass(frozen=True)
class LevelRecorded:
    """The stored level and what it was before (None: it is new)."""

    level: StockLevel
    before: int | None
    changed: bool


def differing_levels(levels: Sequence[canonical.StockLevel], *, connection: Connection, at: datetime) -> set[tuple[str, str]]:
    """Keys (SKU, warehouse) whose level the ledger does not hold; the others are marked as seen now. All are marked as listed."""
    skus = {level.sku for level in levels}
    known = {(row.sku, row.warehouse_code): row for row in StockLevel.objects.filter(connection=connection, sku__in=skus)}
    differing, same, other = set(), [], []
    for level in levels:
        row = known.get((level.sku, level.warehouse_code))
        if row is None or row.gone_at is not None or any(getattr(row, name) != getattr(level, name) for name in WATCHED):
            differing.add((level.sku, level.warehouse_code))
            other += [row.pk] if row is not None else []
        else:
            same.append(row.pk)
    StockLevel.objects.filter(pk__in=same).update(seen_at=at, listed_at=at)
    if other:
        StockLevel.objects.filter(pk__in=other).update(listed_at=at)
    return differing


def record_level(seen: canonical.StockLevel, *, connection: Connection, source: str, at: datetime) -> LevelRecorded:
    """Create or update one level. Must run in a transaction; an observation older than what is known changes nothing."""
    values = {name: getattr(seen, name) for name in WATCHED} | {"changed_at": seen.changed_at or at, "seen_at": at, "gone_at": None}
    row, created = StockLevel.objects.select_for_update().get_or_create(
        connection=connection, sku=seen.sku[:120], warehouse_code=seen.warehouse_code[:120], defaults=values
    )
    if created:
        _remember(row, None, source, at)
        return LevelRecorded(row, before=None, changed=True)
    if seen.changed_at is not None and seen.changed_at < row.changed_at and row.gone_at is None:
        return LevelRecorded(row, before=row.available, changed=False)
    before, differs = row.available, any(getattr(row, name) != values[name] for name in WATCHED)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    if differs:
        _remember(row, before, source, at)
    return LevelRecorded(row, before=before, changed=differs)


def take_away(row: StockLevel, *, at: datetime) -> None:
    """A complete reading does not list it any more: nothing is there."""
    before = row.available
    row.available, row.on_hand, row.allocated, row.incoming, row.infinite = 0, 0, None, None, False
    row.gone_at = row.changed_at = at
    row.save()
    if before:
        _remember(row, before, "snapshot", at)


def _remember(row: StockLevel, before: int | None, source: str, at: datetime) -> None:
    change_of(row, before, source).save(force_insert=True)


def record_levels(levels: Sequence[canonical.StockLevel], *, connection: Connection, source: str, at: datetime) -> list[str]:
    """Write many levels in a few statements (a page of a full reading); the SKUs that changed. Must run in a transaction."""
    seen = {(level.sku[:120], level.warehouse_code[:120]): level for level in levels}
    rows = StockLevel.objects.select_for_update().filter(connection=connection, sku__in={sku for sku, _ in seen}).order_by("pk")
    known = {(row.sku, row.warehouse_code): row for row in rows}
    before = {key: known[key].available if key in known else None for key in seen}
    there = {key: row for key, row in known.items() if row.gone_at is None}  # one that was gone is back, however old its own time
    stale = {key for key, level in seen.items() if key in there and level.changed_at is not None and level.changed_at < there[key].changed_at}
    written = []
    for key, level in seen.items():
        if key not in stale:
            row = known.get(key) or StockLevel(connection=connection, sku=key[0], warehouse_code=key[1])
            for name in WATCHED:
                setattr(row, name, getattr(level, name))
            row.changed_at, row.seen_at, row.gone_at = level.changed_at or at, at, None
            written.append(row)
    StockLevel.objects.bulk_create([row for row in written if row.pk is None], batch_size=500, ignore_conflicts=True)
    save_all([row for row in written if row.pk is not None])
    StockChange.objects.bulk_create([change_of(row, before[row.sku, row.warehouse_code], source) for row in written], batch_size=500)
    return sorted({row.sku for row in written})


def save_all(rows: Sequence[StockLevel]) -> None:
    """Write rows that have an id; none of them is gone."""
    if rows:
        with database.cursor() as cursor:
            cursor.execute(SAVE, [[getattr(row, name) for row in rows] for name in SAVED])


def change_of(row: StockLevel, before: int | None, source: str) -> StockChange:
    return StockChange(
        connection_id=row.connection_id,
        warehouse_code=row.warehouse_code,
        sku=row.sku,
        before=before,
        available=row.available,
        on_hand=row.on_hand,
        source=source,
        at=row.changed_at,
    )
