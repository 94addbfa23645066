"""Dispatches and stock on their way back to the shop, through the faults of both sides and a worker that is killed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connectors.sandbox.kit import ADMIN
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Shipment, Stage, StockPublication
from tests.corridor import Corridor, control
from tests.journeys.storm import clear, expire_tokens, skew, strike, tell_again
from tests.journeys.test_orders import SLOW_FEEDS, pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

ORDERS = 30
QUICK = {**dict.fromkeys(SLOW_FEEDS, 0), "orders": 2, "stock": 2}
SKUS = ["MUG-1", "TEE-1", "CAP-1"]


def units_delivered(order: dict[str, Any]) -> int:
    return sum(item["quantity"] for delivery in order["shippingInfo"]["deliveries"] for item in delivery["items"])


def shown(corridor: Corridor, *skus: str) -> dict[str, int]:
    return {level.sku: level.on_hand for level in corridor.read_shop(list(skus)) if level.warehouse_code == "wh-leeds"}


def truth(corridor: Corridor) -> int:
    """What the warehouse itself has free of the mug, asked past its faults."""
    levels: dict[str, int] = requests.post(
        f"{corridor.warehouse.url}{ADMIN}/stock", json={"changes": [{"sku": "MUG-1", "delta": 0}]}, timeout=5
    ).json()
    return levels["MUG-1"]


def stage_count(*stages: Stage) -> int:
    return SalesOrder.objects.filter(stage__in=stages).count()


@pytest.fixture
def wrong_clocks(corridor: Corridor) -> Iterator[None]:
    """The shop's clock is behind, the warehouse's before ours: further apart than any overlap of a poll."""
    skew(corridor.shop, -180)
    skew(corridor.warehouse, 240)
    yield
    for running in (corridor.shop, corridor.warehouse):
        skew(running, 0)


@pytest.mark.usefixtures("wrong_clocks")
class TestDispatches:
    def test_reach_the_shop_once_each_whatever_happens_on_either_side(self, corridor, worker):  # R15, R35, R56, R57, R65, R67
        Connection.objects.update(intervals=QUICK)
        Connection.objects.filter(pk=corridor.channel.pk).update(options={**corridor.channel.options, "settle_s": "1"})
        control(corridor.warehouse, "stock", changes=[{"sku": "MUG-1", "warehouse": "Leeds Main", "physical": 500}])
        placed = corridor.place(count=ORDERS, lines=[{"sku": "MUG-1", "quantity": 2}])
        numbers = [f"CT-{order['orderNumber']}" for order in placed]
        worker.start()
        wait_for(lambda: stage_count(Stage.WITH_HUB) == ORDERS, seconds=90, what="the warehouse has every order")

        strike(corridor, corridor.shop, path="/orders|/inventory")
        strike(corridor, corridor.warehouse, path="^/(orders|products)")
        control(corridor.shop, "conflict", times=10)
        control(corridor.warehouse, "ship", numbers=numbers[: ORDERS // 2], carrier_id=1, units={"MUG-1": 1})
        worker.kill()
        expire_tokens(corridor.shop)
        worker.start()
        wait_for(Shipment.objects.exists, seconds=90, what="a dispatch was seen")
        control(corridor.warehouse, "ship", numbers=numbers, carrier_id=1)
        assert tell_again(corridor.hub, "orders") >= ORDERS
        wait_for(lambda: stage_count(Stage.DONE) >= ORDERS // 2, seconds=120, what="half of the dispatches are told")
        expire_tokens(corridor.shop)
        tell_again(corridor.hub, "orders")
        for running in (corridor.shop, corridor.warehouse):
            clear(running)
        wait_for(lambda: stage_count(Stage.DONE) == ORDERS, seconds=90, what="every dispatch is told")
        wait_for(lambda: shown(corridor, "MUG-1")["MUG-1"] == truth(corridor), seconds=60, what="the shop shows what is left")

        orders = [corridor.in_shop(order["id"]) for order in placed]
        assert [units_delivered(order) for order in orders] == [2] * ORDERS
        assert {order["shipmentState"] for order in orders} == {"Shipped"}
        assert truth(corridor) == 500 - 2 * ORDERS


@pytest.mark.usefixtures("wrong_clocks")
class TestStock:
    def test_converges_to_the_truth_through_a_storm_on_both_sides(self, corridor, worker):  # R15, R22
        Connection.objects.update(intervals=QUICK)
        worker.start()
        wait_for(lambda: StockPublication.objects.filter(confirmed=50).exists(), seconds=60, what="the first levels are published")
        strike(corridor, corridor.shop, path="/inventory")
        strike(corridor, corridor.warehouse, path="^/products")
        for level in (41, 17, 33, 9, 26):
            control(corridor.warehouse, "stock", changes=[{"sku": sku, "warehouse": "Leeds Main", "physical": level} for sku in SKUS])
            seen = StockPublication.objects.filter(warehouse_code="wh-leeds", wanted=level)
            wait_for(seen.exists, seconds=60, what=f"the level {level} was seen")
            tell_again(corridor.hub, "stock")
            if level == 17:
                worker.kill()
                expire_tokens(corridor.shop)
                worker.start()
        for running in (corridor.shop, corridor.warehouse):
            clear(running)
        settled = StockPublication.objects.filter(warehouse_code="wh-leeds", confirmed=26, wanted=26)
        wait_for(lambda: settled.count() == len(SKUS), seconds=90, what="the shop shows the last level of every SKU")

        assert shown(corridor, *SKUS) == dict.fromkeys(SKUS, 26)
