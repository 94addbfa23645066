"""A full stock snapshot, streamed: its time per SKU and the memory of the process that reads it."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

from django.utils import timezone

from portal.connections.models import Connection
from portal.ledger.models import StockLevel
from portal.sync.interpret import interpret_batch
from portal.sync.models import Cursor, OutboundMessage
from portal.sync.poll import poll
from tests.bench.simulators import Apart, all_apart
from tests.bench.table import Row, row
from tests.corridor import Corridor, control
from tests.deposco_site import Site

SKUS = 10_000
MEMORY_MB = 300


def rows(scale: int) -> list[Row]:
    """Unchanged levels are compared and nothing is published; of changed ones, those. Full scale: 100,000 SKUs, and 200,000 of Deposco's."""
    with all_apart() as (shop, warehouse, deposco):
        corridor = Corridor(shop, warehouse)
        veeqo = snapshot_rows(corridor.hub, Seeded(SKUS * scale, warehouse), "SKUs")
        site = Site(corridor, deposco)
        site.map_facility("RNO2", "wh-leeds")
        return veeqo + snapshot_rows(site.hub, SeededSite(SKUS * scale, deposco), "SKU × facility rows of Deposco")


@dataclass(frozen=True)
class Seeded:
    """SKUs in the Veeqo simulator, some of which change. `levels`: how many rows that is."""

    levels: int
    running: Apart

    def fill(self) -> None:
        control(
            self.running, "skus", skus=[{"sku": f"BULK-{n}", "title": "x", "price": "1.00", "stock": {"Leeds Main": 5}} for n in range(self.levels)]
        )

    def change(self, number: int) -> None:
        control(self.running, "stock", changes=[{"sku": f"BULK-{n}", "warehouse": "Leeds Main", "physical": 6} for n in range(number)])


class SeededSite(Seeded):
    """The same for Deposco: `2 × levels` rows at two facilities."""

    def fill(self) -> None:
        control(
            self.running, "skus", skus=[{"sku": f"SITE-{n}", "title": "x", "price": 1, "stock": {"ATL1": 5, "RNO2": 7}} for n in range(self.levels)]
        )

    def change(self, number: int) -> None:
        control(self.running, "stock", changes=[{"sku": f"SITE-{n}", "facility": "ATL1", "on_hand": 6} for n in range(number)])


def snapshot_rows(hub: Connection, seeded: Seeded, what: str) -> list[Row]:
    seeded.fill()
    read_to_the_end(hub)
    started = time.perf_counter()
    read_to_the_end(hub)
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count, changed = StockLevel.objects.filter(connection=hub).count(), seeded.levels // 100
    seeded.change(changed)
    messages = OutboundMessage.objects.filter(kind="publish_stock", integration__hub=hub)
    before = messages.count()
    read_to_the_end(hub)
    return [
        row(f"{count:,} {what}, unchanged: ms each", seconds * 1000 / count, 1.0, goal=2, limit=10),
        row("levels published after it / levels that differed", messages.count() - before, changed, unit="", goal=1, limit=1),
        row("memory of the process that read it / 300 MB", peak_mb, MEMORY_MB, unit="MB", goal=0.8, limit=1),
    ]


def read_to_the_end(hub: Connection) -> None:
    """A full reading is done in shifts; its cursor is empty when it is at its end. What it could not compare is interpreted."""
    poll(hub, "snapshot", at=timezone.now())
    while Cursor.objects.get(connection=hub, feed="snapshot").value:
        poll(hub, "snapshot", at=timezone.now())
    while interpret_batch(hub, at=timezone.now()):
        pass
