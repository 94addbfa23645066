"""Dispatches and stock on their way back to the shop, through the shop's faults and a worker that is killed."""

from __future__ import annotations

import requests

from connectors.sandbox.kit import ADMIN
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Stage, StockPublication
from tests.corridor import control
from tests.journeys.test_orders import SLOW_FEEDS, pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

ORDERS = 40
QUICK = {**dict.fromkeys(SLOW_FEEDS, 0), "orders": 2, "stock": 2}
BROKEN = ("502", "503", "504", "malformed", "slow")
MIX = (("429", 0.05), ("500", 0.05), ("lost_after", 0.05), ("lost_before", 0.03), *((fault, 0.02) for fault in BROKEN))


def clear(running) -> None:
    requests.delete(f"{running.url}{ADMIN}/faults", timeout=5)


def units_delivered(order: dict) -> int:
    return sum(item["quantity"] for delivery in order["shippingInfo"]["deliveries"] for item in delivery["items"])


class TestDispatches:
    def test_reach_the_shop_once_each_whatever_happens(self, corridor, worker):  # R56, R57, R65, R67
        Connection.objects.update(intervals=QUICK)
        Connection.objects.filter(pk=corridor.channel.pk).update(options={**corridor.channel.options, "settle_s": "1"})
        control(corridor.warehouse, "stock", changes=[{"sku": "MUG-1", "warehouse": "Leeds Main", "physical": 500}])
        placed = corridor.place(count=ORDERS, lines=[{"sku": "MUG-1", "quantity": 2}])
        worker.start()
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == ORDERS, seconds=90, what="the warehouse has every order")
        for fault, rate in MIX:
            corridor.fault(corridor.shop, fault, times=None, rate=rate, path="/orders/")
        control(corridor.shop, "conflict", times=10)
        numbers = [f"CT-{order['orderNumber']}" for order in placed]
        control(corridor.warehouse, "ship", numbers=numbers[: ORDERS // 2], carrier_id=1, units={"MUG-1": 1})
        worker.kill()
        worker.start()
        control(corridor.warehouse, "ship", numbers=numbers, carrier_id=1)
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.SHIPPED).exists() or SalesOrder.objects.filter(stage=Stage.DONE).exists(), seconds=60,
                 what="a dispatch was seen")  # fmt: skip
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.DONE).count() >= ORDERS // 2, seconds=120, what="half of the dispatches are told")
        clear(corridor.shop)
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.DONE).count() == ORDERS, seconds=90, what="every dispatch is told")

        orders = [corridor.in_shop(order["id"]) for order in placed]
        assert [units_delivered(order) for order in orders] == [2] * ORDERS
        assert {order["shipmentState"] for order in orders} == {"Shipped"}


class TestStock:
    def test_converges_to_the_truth_through_a_storm(self, corridor, worker):  # R15, R22
        Connection.objects.update(intervals=QUICK)
        worker.start()
        wait_for(lambda: StockPublication.objects.filter(confirmed=50).exists(), seconds=60, what="the first levels are published")
        for fault, rate in MIX:
            corridor.fault(corridor.shop, fault, times=None, rate=rate, path="/inventory")
        for level in (41, 17, 33, 9, 26):
            changes = [{"sku": sku, "warehouse": "Leeds Main", "physical": level} for sku in ("MUG-1", "TEE-1", "CAP-1")]
            control(corridor.warehouse, "stock", changes=changes)
            if level == 17:
                worker.kill()
                worker.start()
        clear(corridor.shop)
        settled = StockPublication.objects.filter(warehouse_code="wh-leeds", confirmed=26, wanted=26)
        wait_for(lambda: settled.count() == 3, seconds=90, what="the shop shows the last level of every SKU")

        shown = [level.on_hand for level in corridor.read_shop(["MUG-1", "TEE-1", "CAP-1"]) if level.warehouse_code == "wh-leeds"]
        assert shown == [26, 26, 26]
