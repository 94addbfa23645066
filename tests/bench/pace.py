"""How close to a vendor's limit the corridor goes, and how often it is refused there."""

from __future__ import annotations

import time
from datetime import datetime

from portal.connections.models import Connection
from tests.bench.corridor import STORES, two_workers
from tests.bench.simulators import simulators_apart
from tests.bench.table import Row, row
from tests.corridor import Corridor, control

ORDERS = 160
SCALE = 2.0  # times the vendor's own limit: 5 calls a second
LIMIT_PER_S = 5.0 * SCALE


def rows(scale: int) -> list[Row]:
    """Two workers with more orders than the bucket takes at once; what counts is what the limit allowed in the time they needed."""
    with simulators_apart(rate_scale=SCALE) as (shop, warehouse):
        corridor = Corridor(shop, warehouse)
        Connection.objects.filter(pk=corridor.hub.pk).update(rate_per_s=LIMIT_PER_S)
        control(shop, "stock", sku="MUG-1", quantity=100_000, channel="wh-leeds")
        for store in STORES:
            corridor.place(count=ORDERS // len(STORES), store=store, lines=[{"sku": "MUG-1", "quantity": 1}])
        corridor.read_orders()
        burst = corridor.hub.vendor.burst
        time.sleep(burst / LIMIT_PER_S)  # the bucket is empty
        before = len(corridor.calls(warehouse))
        two_workers(corridor.hub.pk)
        calls = corridor.calls(warehouse)[before:]
    first, last = (datetime.fromisoformat(calls[which]["at"]) for which in (0, -1))
    allowed = burst + LIMIT_PER_S * (last - first).total_seconds()
    refused = sum(call["status"] == 429 for call in calls)
    return [
        row("calls made at the vendor's limit / calls it allows", len(calls), allowed, unit="", goal=0.95, limit=0.9, more=True),
        row("calls refused with 429 / all calls", refused, len(calls), unit="", goal=0.005, limit=0.01),
    ]
