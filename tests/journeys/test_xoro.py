"""An ERP and a warehouse with a real worker: export while the ERP throttles and the worker is killed, then fetch, in parts and at once."""

from __future__ import annotations

from collections import Counter

import pytest
import requests

from connectors.sandbox.kit import ADMIN
from portal.connections.models import Connection, Mode
from portal.ledger.models import SalesOrder, Shipment, Stage
from tests.corridor import control
from tests.erp import Erp, run_tenants
from tests.journeys.test_orders import pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

ORDERS = 24
OFF = ("sweep", "snapshot", "catalogue", "stock", "returns", "products", "messages", "payments")
QUICK = {"orders": 2, **dict.fromkeys(OFF, 0)}
MIX = (("500", 0.05), ("lost_after", 0.08), ("lost_before", 0.05), ("502", 0.05))


@pytest.fixture(scope="module")
def tenants():
    yield from run_tenants()


@pytest.fixture
def corridor(transactional_db, tenants) -> Erp:
    """What the worker runs on."""
    made = Erp(*tenants)
    Connection.objects.update(intervals=QUICK)
    for connection in (made.channel, made.hub):
        Connection.objects.filter(pk=connection.pk).update(options={**connection.options, "settle_s": "1"})
    return made


def throttle(erp, *, calls_a_second: float | None) -> None:
    """The ERP takes so many calls a second and answers the others with bad data; None: as many as come."""
    control(erp.shop, "settings", rate_scale=calls_a_second / 2 if calls_a_second else 0, burst=2)


def numbers_there(erp) -> Counter[str]:
    state = erp.warehouse.server.app.extensions["state"]
    return Counter({number: len(ids) for number, ids in state.by_number.items() if ids})


def summary(erp) -> dict:
    found: dict = requests.get(f"{erp.shop.url}{ADMIN}/summary", timeout=10).json()
    return found


def shipped_units(erp, numbers) -> list[int]:
    return [sum(line["shipped"] for line in erp.there(number)["lines"]) for number in numbers]


class TestAnErp:
    def test_exports_and_fetches_with_nothing_lost_and_nothing_twice(self, corridor, worker):  # R105, R106, R108, R111, R146, R148
        throttle(corridor, calls_a_second=15)
        Connection.objects.filter(pk=corridor.channel.pk).update(rate_per_s=20)  # a third too fast
        for fault, rate in MIX:
            corridor.fault(corridor.warehouse, fault, times=None, rate=rate, path="^/orders")
        numbers = corridor.place_many(ORDERS)
        unwaved = corridor.place_many(3, wave=False, first=900)
        worker.start()
        wait_for(lambda: len(numbers_there(corridor)) >= ORDERS // 3, seconds=90, what="a third has arrived")
        worker.kill()
        worker.start()
        wait_for(lambda: len(numbers_there(corridor)) >= ORDERS, seconds=120, what="every order has arrived")
        corridor.mend()
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == ORDERS, seconds=60, what="every order is known to be there")
        arrived = numbers_there(corridor)

        corridor.change(mode=Mode.FETCH)
        control(corridor.warehouse, "ship", numbers=[f"XO-{number}" for number in numbers[: ORDERS // 2]], carrier_id=1, units={"MUG-1": 1})
        wait_for(lambda: summary(corridor)["confirmations"] >= ORDERS // 4, seconds=90, what="parts are told")
        worker.kill()
        for fault, rate in MIX:
            corridor.fault(corridor.shop, fault, times=None, rate=rate, path="confirmshipment")
        control(corridor.warehouse, "ship", numbers=[f"XO-{number}" for number in numbers], carrier_id=1)
        worker.start()
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.DONE).count() >= ORDERS // 2, seconds=150, what="half is done")
        corridor.mend()
        throttle(corridor, calls_a_second=None)
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.DONE).count() == ORDERS, seconds=120, what="every dispatch is told")

        assert set(arrived) == {f"XO-{number}" for number in numbers} and set(arrived.values()) == {1}
        assert shipped_units(corridor, numbers) == [2] * ORDERS
        assert (shipped_units(corridor, unwaved), summary(corridor)["confirmed_twice"]) == ([0] * 3, {})
        assert {corridor.there(number)["waves"][0]["status"] for number in numbers} == {"Shipped"}

    def test_closes_the_rest_where_multishipment_is_disabled(self, corridor, worker):  # R110, R148
        numbers = corridor.place_many(6, lines={"MUG-1": 3})
        worker.start()
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == 6, seconds=60, what="every order has arrived")
        corridor.change(mode=Mode.FETCH, disable_multishipment=True)
        control(corridor.warehouse, "ship", numbers=[f"XO-{number}" for number in numbers], carrier_id=1, units={"MUG-1": 1})
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.DONE).count() == 6, seconds=90, what="every first dispatch is told")
        control(corridor.warehouse, "ship", numbers=[f"XO-{number}" for number in numbers[:3]], carrier_id=1)
        wait_for(lambda: Shipment.objects.count() == 9, seconds=60, what="the later dispatches are seen")

        there = [corridor.there(number) for number in numbers]
        assert {one["waves"][0]["status"] for one in there} == {"Closed"}
        assert [len(one["confirmations"]) for one in there] == [1] * 6
        assert shipped_units(corridor, numbers) == [1] * 6
