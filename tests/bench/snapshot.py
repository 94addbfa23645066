"""A full stock snapshot, streamed: its time per SKU and the memory of the process that reads it."""

from __future__ import annotations

import resource
import time

from django.utils import timezone

from portal.sync.interpret import interpret_batch
from portal.sync.models import Cursor, OutboundMessage
from portal.sync.poll import poll
from tests.bench.simulators import Apart, simulators_apart
from tests.bench.table import Row, row
from tests.corridor import Corridor, control

SKUS = 10_000
MEMORY_MB = 300


def rows(scale: int) -> list[Row]:
    """A second snapshot of unchanged levels: all of it compared, nothing published. Full scale: 100,000 SKUs."""
    with simulators_apart() as (shop, warehouse):
        return snapshot_rows(Corridor(shop, warehouse), SKUS * scale, warehouse)


def snapshot_rows(corridor: Corridor, count: int, warehouse: Apart) -> list[Row]:
    control(warehouse, "skus", skus=[{"sku": f"BULK-{n}", "title": "x", "price": "1.00", "stock": {"Leeds Main": 5}} for n in range(count)])
    read_to_the_end(corridor)
    while interpret_batch(corridor.hub, at=timezone.now()):
        pass
    started = time.perf_counter()
    read_to_the_end(corridor)
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    changed = count // 100
    levels = [{"sku": f"BULK-{n}", "warehouse": "Leeds Main", "physical": 6} for n in range(changed)]
    control(warehouse, "stock", changes=levels)
    before = OutboundMessage.objects.filter(kind="publish_stock").count()
    read_to_the_end(corridor)
    while interpret_batch(corridor.hub, at=timezone.now()):
        pass
    published = OutboundMessage.objects.filter(kind="publish_stock").count() - before
    return [
        row(f"snapshot of {count:,} SKUs without a change: seconds", seconds, 1.0, unit="s"),
        row("levels published after a snapshot / levels that differed", published, changed, unit="", goal=1, limit=1),
        row("memory of the process that read it / 300 MB", peak_mb, MEMORY_MB, unit="MB", goal=0.8, limit=1),
    ]


def read_to_the_end(corridor: Corridor) -> None:
    """A full reading is done in shifts; its cursor is empty when it is at its end."""
    poll(corridor.hub, "snapshot", at=timezone.now())
    while Cursor.objects.get(connection=corridor.hub, feed="snapshot").value:
        poll(corridor.hub, "snapshot", at=timezone.now())
