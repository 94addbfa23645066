"""A full stock snapshot, streamed: its time per SKU and the memory of the process that reads it."""

from __future__ import annotations

import resource
import time

from django.utils import timezone

from portal.sync.interpret import interpret_batch
from portal.sync.models import Cursor
from portal.sync.poll import poll
from tests.bench.table import Row, row
from tests.corridor import Corridor, control, run_simulators

SKUS = 10_000
MEMORY_MB = 300


def rows(scale: int) -> list[Row]:
    """A second snapshot of unchanged levels: all of it compared, nothing published. Full scale: 100,000 SKUs."""
    simulators = run_simulators()
    shop, warehouse = next(simulators)
    corridor = Corridor(shop, warehouse)
    count = SKUS * scale
    control(warehouse, "skus", skus=[{"sku": f"BULK-{n}", "title": "x", "price": "1.00", "stock": {"Leeds Main": 5}} for n in range(count)])
    read_to_the_end(corridor)
    while interpret_batch(corridor.hub, at=timezone.now()):
        pass
    started = time.perf_counter()
    read_to_the_end(corridor)
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    next(simulators, None)
    return [
        row(f"snapshot of {count:,} SKUs without a change: seconds", seconds, 1.0, unit="s"),
        row("memory of the process, simulators included / 300 MB", peak_mb, MEMORY_MB, unit="MB", limit=3),
    ]


def read_to_the_end(corridor: Corridor) -> None:
    """A full reading is done in shifts; its cursor is empty when it is at its end."""
    poll(corridor.hub, "snapshot", at=timezone.now())
    while Cursor.objects.get(connection=corridor.hub, feed="snapshot").value:
        poll(corridor.hub, "snapshot", at=timezone.now())
