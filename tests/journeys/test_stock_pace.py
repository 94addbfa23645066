"""How soon the shop shows a level that changed in the warehouse: by both sides' call logs and the recorded delay."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from portal.connections.models import Connection
from portal.ledger.models import StockPublication
from tests.corridor import Corridor, control
from tests.journeys.test_dispatch_and_stock import QUICK
from tests.journeys.test_orders import pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

EVERY_S = 6
LEVELS = (41, 17, 33)
LEAST = timedelta(seconds=1)  # the warehouse tells its times in whole seconds, and the worker looks once a second


def polls_after(corridor: Corridor, moment: datetime) -> list[datetime]:
    """When the warehouse answered the readings of changed stock that came after a moment."""
    calls = corridor.calls(corridor.warehouse, method="GET", path="/products")
    return [at for call in calls if "updated_at_min" in call["query"] and (at := datetime.fromisoformat(call["at"])) > moment]


def written(corridor: Corridor, level: int) -> datetime:
    """When the shop took the level."""
    calls = corridor.calls(corridor.shop, method="POST", path="/inventory")
    [at] = [call["at"] for call in calls if any(action.get("quantity") == level for action in json.loads(call["body"]).get("actions", []))]
    return datetime.fromisoformat(at)


class TestAChangedLevel:
    def test_reaches_the_shop_with_the_first_reading_that_sees_it(self, corridor, worker):  # R9, R25
        Connection.objects.update(intervals={**QUICK, "orders": 0, "stock": EVERY_S})
        publication = StockPublication.objects.filter(sku="MUG-1", warehouse_code="wh-leeds")
        worker.start()
        wait_for(publication.filter(confirmed=50).exists, seconds=60, what="the first level is published")
        for level in LEVELS:
            before = datetime.now(UTC)
            control(corridor.warehouse, "stock", changes=[{"sku": "MUG-1", "warehouse": "Leeds Main", "physical": level}])
            changed = datetime.now(UTC)
            wait_for(publication.filter(confirmed=level).exists, seconds=60, what=f"the shop shows {level}")
            told_at, row = written(corridor, level), publication.get()
            [saw_it, *later] = polls_after(corridor, changed)

            assert saw_it < told_at < min(later, default=told_at + LEAST)
            assert (told_at - before - LEAST).total_seconds() <= row.latency_s
            assert row.latency_s <= (saw_it - before + LEAST).total_seconds() + EVERY_S
