"""The demo's ERP: orders of its waves move to the warehouse, and their dispatches back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from django.utils import timezone

from connectors.sandbox import veeqo, xoro
from connectors.sandbox.kit import ADMIN, Running, serve
from portal.connections.models import Connection, Integration, Mode
from portal.demo import erp, traffic
from portal.ledger.models import SalesOrder, Stage
from tests.corridor import Corridor, control

GOODS = [{"sku": f"MUG-{number}", "title": "Mug", "price": "10.00", "stock": 40} for number in range(4)]


@pytest.fixture
def simulators(monkeypatch) -> Iterator[dict[str, Running]]:
    running = {"xoro": serve(xoro.build(rate_scale=0)), "veeqo": serve(veeqo.build(rate_scale=0))}
    for module in (erp, traffic):
        monkeypatch.setattr(module, "url_of", lambda vendor: running[vendor].url)
    monkeypatch.setattr(erp, "PACE", {**erp.PACE, "auto_wave_s": 0})
    yield running
    for one in running.values():
        one.stop()


class Demo(Corridor):
    """The two connections of the demo."""

    def __init__(self, simulators: dict[str, Running]) -> None:
        self.shop, self.warehouse = simulators["xoro"], simulators["veeqo"]
        control(self.warehouse, "seed-demo", skus=[{**row, "stock": {"Leeds Main": 40}} for row in GOODS])
        self.hub = self.connection("Warehouse (Veeqo)", "veeqo", self.warehouse.url, account="Lockstep", options={"settle_s": "0"})
        erp.create_erp()
        Connection.objects.filter(name=erp.NAME).update(rate_per_s=1000)
        erp.open_erp(self.hub, GOODS, at=timezone.now())
        self.channel = Connection.objects.get(name=erp.NAME)


@pytest.fixture
def demo(db, simulators) -> Demo:
    return Demo(simulators)


class TestTheErp:
    def test_has_a_profile_for_each_direction(self, demo):  # R107
        assert set(Integration.objects.running().values_list("name", "mode")) == {(erp.EXPORT, Mode.EXPORT), (erp.FETCH, Mode.FETCH)}

    def test_sends_orders_and_gets_their_dispatches(self, demo):  # R105, R106
        demo.run()
        arrived = SalesOrder.objects.filter(stage=Stage.WITH_HUB).count()
        numbers = [f"XO-{number}" for number in SalesOrder.objects.filter(stage=Stage.WITH_HUB).values_list("number", flat=True)]
        control(demo.warehouse, "ship", numbers=numbers, carrier_id=1)
        demo.read_warehouse()
        demo.send()

        assert arrived == erp.BEGINS_WITH - 1  # one store is left to be mapped
        assert SalesOrder.objects.filter(stage=Stage.DONE).count() == arrived

    def test_goes_on_where_it_stood(self, demo):
        before = requests.get(f"{demo.shop.url}{ADMIN}/summary", timeout=5).json()
        erp.open_erp(demo.hub, GOODS, at=timezone.now())

        assert requests.get(f"{demo.shop.url}{ADMIN}/summary", timeout=5).json() == before
        assert Integration.objects.count() == 2
