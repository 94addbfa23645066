"""500 orders through every fault of the warehouse, with the worker killed twice."""

from __future__ import annotations

import time
from collections import Counter

import pytest
import requests

from connectors.sandbox.kit import ADMIN
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Stage
from tests.corridor import control
from tests.journeys.worker import wait_for

pytestmark = pytest.mark.journey
ORDERS = 500
SLOW_FEEDS = ("messages", "payments", "products", "stock", "snapshot", "catalogue", "sweep", "returns")
ONLY_ORDERS = {"orders": 3, **dict.fromkeys(SLOW_FEEDS, 0)}
MIX = (("429", 0.03), ("500", 0.03), ("lost_after", 0.03), ("lost_before", 0.02), ("502", 0.02), ("malformed", 0.01))


def numbers_in(corridor) -> Counter[str]:
    state = corridor.warehouse.server.app.extensions["state"]
    return Counter({number: len(ids) for number, ids in state.by_number.items() if ids})


class TestFiveHundredOrders:
    def test_arrive_once_each_whatever_happens(self, corridor, worker):  # R15, R29, R35, R41
        Connection.objects.update(intervals=ONLY_ORDERS)
        corridor.hub.refresh_from_db()
        Connection.objects.filter(pk=corridor.hub.pk).update(options={"settle_s": "1"})
        control(corridor.shop, "stock", sku="MUG-1", quantity=5000, channel="wh-leeds")
        for fault, rate in MIX:
            corridor.fault(corridor.warehouse, fault, times=None, rate=rate, path="^/orders")
        placed = [
            order for store in ("uk", "outlet") for order in corridor.place(count=ORDERS // 2, store=store, lines=[{"sku": "MUG-1", "quantity": 1}])
        ]

        worker.start()
        wait_for(lambda: len(numbers_in(corridor)) >= 60, seconds=60, what="60 orders arrived")
        worker.kill()
        worker.start()
        wait_for(lambda: len(numbers_in(corridor)) >= 200, seconds=90, what="200 orders arrived")
        worker.kill()
        worker.start()
        wait_for(lambda: len(numbers_in(corridor)) >= ORDERS, seconds=150, what="all orders arrived")
        requests.delete(f"{corridor.warehouse.url}{ADMIN}/faults", timeout=5)
        wait_for(lambda: SalesOrder.objects.exclude(stage=Stage.WITH_HUB).count() == 0, seconds=60, what="every order is known to be there")
        time.sleep(2)

        found = numbers_in(corridor)
        assert set(found) == {f"CT-{order['orderNumber']}" for order in placed}
        assert {number: count for number, count in found.items() if count > 1} == {}
