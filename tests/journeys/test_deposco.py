"""One shop, a Deposco site and a Veeqo site, a real worker, Deposco at its own pace of four calls a second, and every fault it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.sandbox import deposco
from connectors.sandbox.kit import ADMIN, Running, serve
from exceptions.models import ExceptionCase
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Stage
from tests.corridor import control
from tests.deposco_site import Site
from tests.journeys.test_orders import SLOW_FEEDS, pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

ORDERS = 12  # at each site
QUIET = dict.fromkeys(SLOW_FEEDS, 0)
MIX = (("429", 0.04), ("500", 0.04), ("502", 0.04), ("lost_after", 0.06), ("lost_before", 0.04), ("malformed", 0.04))
ODDITIES = {"concurrent_update": 2, "wrong_type": 1, "unknown_keys": 3, "repeated_page": 1, "blank_200": 2}
SIGN_IN = "/oauth2/token"
PER_S = 4  # what Deposco was seen to take, counted for the whole account


@pytest.fixture(scope="module")
def tenant() -> Iterator[Running]:
    running = serve(deposco.build(rate_scale=0))
    yield running
    running.stop()


@pytest.fixture
def site(corridor, tenant) -> Site:
    """Once it is set up, Deposco answers at the vendor's own rate."""
    control(tenant, "settings", rate_scale=0)
    requests.delete(f"{tenant.url}{ADMIN}/oddities", timeout=5)
    made = Site(corridor, tenant)
    control(tenant, "settings", rate_scale=1)
    options = {**made.hub.options, "settle_s": "1", "overlap_s": "20", "legacy_per_s": "2"}
    Connection.objects.filter(pk=made.hub.pk).update(rate_per_s=None, options=options)
    Connection.objects.update(intervals={**QUIET, "orders": 3})
    every(made, orders=0)
    made.hub.refresh_from_db()
    return made


def every(site: Site, **feeds: int) -> None:
    """How often Deposco is read, in seconds; 0 is never."""
    Connection.objects.filter(pk=site.hub.pk).update(intervals={**QUIET, **feeds})


def storm(site: Site) -> None:
    for fault, rate in MIX:
        site.corridor.fault(site.running, fault, times=None, rate=rate, path="^/(latest|integration)/")
    for name, times in ODDITIES.items():
        control(site.running, "oddities", name=name, times=times)


def calm(site: Site) -> None:
    site.mend()
    requests.delete(f"{site.running.url}{ADMIN}/oddities", timeout=5)


def stages(site: Site) -> list[str]:
    return list(SalesOrder.objects.filter(integration=site.integration).values_list("stage", flat=True))


def fastest(calls: list[dict[str, Any]], *, within: timedelta) -> int:
    """The most calls in any stretch of that length."""
    times = sorted(datetime.fromisoformat(call["at"]) for call in calls if call["path"] != SIGN_IN)
    return max((sum(start <= at < start + within for at in times) for start in times), default=0)


class TestTwoSitesOfOneShop:
    def test_stay_right_at_once_whatever_deposco_does(self, site, worker):  # R2, R35, R41, R63, R67, R69
        storm(site)
        mine, theirs = (site.corridor.place(count=ORDERS, store=store, lines=[{"sku": "MUG-1", "quantity": 2}]) for store in ("eu", "uk"))
        control(site.corridor.shop, "stock", sku="MUG-1", quantity=5000, channel="wh-leeds")
        worker.start()
        wait_for(lambda: stages(site).count(Stage.WITH_HUB) >= 3, seconds=90, what="Deposco has a few orders")
        worker.kill()
        worker.start()
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == 2 * ORDERS, seconds=150, what="every order is at its site")
        assert [site.there(order)["orderLines"]["data"][0]["orderPackQuantity"] for order in mine] == [2] * ORDERS
        assert [len(site.corridor.at_warehouse(order["orderNumber"])) for order in theirs] == [1] * ORDERS

        numbers = [f"CT-{order['orderNumber']}" for order in mine]
        assert control(site.running, "ship", numbers=numbers, packages=2)["refused"] == {}
        control(site.corridor.warehouse, "ship", numbers=[f"CT-{order['orderNumber']}" for order in theirs], carrier_id=1)
        every(site, orders=5)
        wait_for(lambda: stages(site).count(Stage.DONE) >= ORDERS // 2, seconds=150, what="half of Deposco's packages are told")
        calm(site)
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.DONE).count() == 2 * ORDERS, seconds=150, what="the shop knows of every dispatch")

        shown = [site.corridor.in_shop(order["id"]) for order in (*mine, *theirs)]
        assert {order["shipmentState"] for order in shown} == {"Shipped"}
        parcels = [[len(delivery["parcels"]) for delivery in order["shippingInfo"]["deliveries"]] for order in shown]
        assert parcels == [[2]] * ORDERS + [[1]] * ORDERS
        assert requests.get(f"{site.running.url}{ADMIN}/summary", timeout=5).json()["duplicates"] == {}
        calls = site.corridor.calls(site.running)
        assert fastest(calls, within=timedelta(seconds=5)) <= 5 * PER_S
        assert not ExceptionCase.objects.filter(is_open=True, kind__in=("E04", "E05", "E07", "E18", "E20")).exists()

    def test_show_the_stock_of_both_side_by_side(self, site, worker):  # R2, R16, R17, R18, R20
        site.map_facility("RNO2", "wh-leeds-returns")
        storm(site)
        Connection.objects.filter(pk=site.corridor.hub.pk).update(intervals={**QUIET, "stock": 2})
        every(site, snapshot=5, stock=5)
        worker.start()
        wait_for(lambda: levels(site).get("wh-berlin") == 30 and levels(site).get("wh-leeds") == 50, seconds=150, what="both sites are shown")
        control(site.running, "stock", changes=[{"sku": "MUG-1", "facility": "ATL1", "on_hand": 9}])
        control(site.corridor.warehouse, "stock", changes=[{"sku": "MUG-1", "warehouse": "Leeds Main", "physical": 17}])
        wait_for(lambda: levels(site).get("wh-berlin") == 9 and levels(site).get("wh-leeds") == 17, seconds=150, what="both changes are shown")
        calm(site)

        assert fastest(site.corridor.calls(site.running), within=timedelta(seconds=5)) <= 5 * PER_S


def levels(site: Site) -> dict[str, int]:
    return {level.warehouse_code: level.on_hand for level in site.corridor.read_shop(["MUG-1"]) if level.warehouse_code}


class TestOrdersByTheIntegrationApi:
    def test_arrive_once_though_every_answer_looks_alike(self, site, worker):  # R35, R41
        options = {**site.hub.options, "api": "legacy"}
        Connection.objects.filter(pk=site.hub.pk).update(options=options)
        site.corridor.fault(site.running, "lost_after", times=3, path="^/integration/.*/orders")
        control(site.running, "oddities", name="blank_after_write", times=2)
        control(site.running, "oddities", name="blank_200", times=2)
        placed = site.corridor.place(count=6, store="eu")
        worker.start()
        wait_for(lambda: stages(site).count(Stage.WITH_HUB) == 6, seconds=150, what="every order is with Deposco")

        assert all(site.there(order) is not None for order in placed)
        assert requests.get(f"{site.running.url}{ADMIN}/summary", timeout=5).json()["orders"] == 6
