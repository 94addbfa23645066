"""Returns with a real worker: goods authorised, received and paid for once, through lost answers, 429s, 500s and a killed worker."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.ledger.models import FlowState, ReturnFlow, SalesOrder, Stage
from tests.corridor import Corridor, control, run_simulators
from tests.journeys.test_orders import pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import Worker, wait_for

ORDERS = 6
OFF = dict.fromkeys(("payouts", "cycles", "snapshot", "catalogue", "sweep", "products", "stock"), 0)
QUICK = {"orders": 2, "returns": 2, **OFF}
MIX = (("429", 0.2), ("500", 0.2), ("lost_after", 0.3), ("lost_before", 0.1))


@pytest.fixture(scope="module")
def shops():
    yield from run_simulators()


@pytest.fixture
def shop(transactional_db, shops) -> Corridor:
    made = Corridor(*shops)
    Connection.objects.update(intervals=QUICK)
    Connection.objects.filter(pk=made.channel.pk).update(options={**made.channel.options, "makes_refunds": "true", "settle_s": "1"})
    made.channel.refresh_from_db()
    return made


@pytest.fixture
def start(database_url, tmp_path):
    running = Worker(database_url, tmp_path / "worker.log")
    yield running
    running.stop()


def with_hub(count: int) -> bool:
    return SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == count


def flows(state: FlowState) -> int:
    return ReturnFlow.objects.filter(state=state).count()


class TestAShopsReturns:
    def test_are_each_paid_once_through_faults_and_a_killed_worker(self, shop, start):  # R83, R84, R85
        placed = shop.place(count=ORDERS)
        start.start()
        wait_for(lambda: with_hub(ORDERS), seconds=90, what="the warehouse has every order")
        for one in placed:
            shop.ship(one["orderNumber"])
            advise(shop, one)
        wait_for(lambda: flows(FlowState.PENDING) == ORDERS, seconds=60, what="the warehouse awaits every return")
        for fault, rate in MIX:
            shop.fault(shop.shop, fault, times=None, rate=rate, path="/payments/")
        control(shop.warehouse, "return", numbers=[f"CT-{one['orderNumber']}" for one in placed], received=True)
        wait_for(lambda: any(refunds(shop, one) for one in placed), seconds=90, what="some money is asked for")
        start.kill()
        start.start()
        shop.mend()
        wait_for(lambda: all(refunds(shop, one) for one in placed), seconds=120, what="all money is asked for")

        assert [refunds(shop, one) for one in placed] == [[Decimal("24.00")]] * ORDERS


def advise(shop: Corridor, placed: dict[str, Any]) -> None:
    body = shop.in_shop(placed["id"])
    line = (body.get("order") or body)["lineItems"][0]["id"]
    item = {"lineItemId": line, "quantity": 2, "shipmentState": "Advised"}
    control(shop.shop, f"orders/{placed['orderNumber']}/act", actions=[{"action": "addReturnInfo", "items": [item]}])


def refunds(shop: Corridor, placed: dict[str, Any]) -> list[Decimal]:
    return [one.amount for one in connect(shop.channel).find_refunds(placed["id"])]
