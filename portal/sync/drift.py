"""Compares what a channel shows with what it should show, and puts it right (R16, R22)."""

from __future__ import annotations

from datetime import datetime

from connectors.canonical import StockTarget, StockVerdict
from portal.ledger.models import StockLevel, StockPublication
from portal.sync.confirm import confirm
from portal.sync.kinds import publish_stock
from portal.sync.stock import publish
from portal.sync.stock_publishing import KIND as publish_stock_kind
from portal.sync.subjects import stock_subject


def compare_shown(level: StockLevel, *, at: datetime) -> bool:
    """A channel's own level came in. True when it differs from what it should be, and was queued to be put right.

    A row still on its way (wanted not confirmed yet) is not drift.
    """
    rows = StockPublication.objects.select_for_update().select_related("integration", "integration__channel", "integration__hub")
    row = rows.filter(connection=level.connection, sku=level.sku, warehouse_code=level.warehouse_code).first()
    if row is None or row.confirmed is None or row.confirmed != row.wanted:
        return False
    shown = shown_units(level)
    if abs(shown - row.wanted) <= row.integration.stock_tolerance:
        if row.differs_since is not None:
            StockPublication.objects.filter(pk=row.pk).update(differs_since=None)
        return False
    if level.changed_at < (row.confirmed_at or at):
        return False  # an observation from before our own write
    row.differs_since, row.confirmed, row.revision = row.differs_since or at, shown, row.revision + 1
    row.reference, row.version = level.reference or row.reference, level.version
    row.save(update_fields=["differs_since", "confirmed", "revision", "reference", "version"])
    publish(row, row.integration, at=at)
    return True


def acknowledge(level: StockLevel, *, at: datetime) -> bool:
    """A flow says what the channel shows. True when that is the level it should show; another one is drift, once a level was shown."""
    rows = StockPublication.objects.select_for_update().select_related("integration", "integration__channel", "integration__hub")
    row = rows.filter(connection=level.connection, sku=level.sku, warehouse_code=level.warehouse_code).first()
    if row is None:
        return False
    if level.available != row.wanted:
        compare_shown(level, at=at)
        return False
    target = StockTarget(row.sku, row.wanted, warehouse_code=row.warehouse_code)
    publish_stock.record_published(row, target, StockVerdict(row.sku, row.warehouse_code, ok=True), at=at)
    confirm(publish_stock_kind, stock_subject(row), at=at)
    return True


def shown_units(level: StockLevel) -> int:
    """Units on the shelf as the channel keeps them: its own reservations are not drift."""
    return level.on_hand if level.on_hand is not None else level.available
