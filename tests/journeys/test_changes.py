"""What changes after an order was sent, and what must be there before it: cancelled on either side, edited, and a product that is new."""

from __future__ import annotations

from typing import Any

from connectors.canonical import HubState
from exceptions.models import ExceptionCase
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Stage
from tests.corridor import Corridor, control
from tests.journeys.storm import clear, tell_again
from tests.journeys.test_dispatch_and_stock import QUICK
from tests.journeys.test_orders import pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

ORDERS = 9
BAGS = ["BAG-1", "BAG-2", "BAG-3"]
Placed = list[dict[str, Any]]


def at_warehouse(corridor: Corridor, placed: Placed) -> list[list[str]]:
    """The states of the warehouse's orders for each of these."""
    return [[one["status"] for one in corridor.at_warehouse(order["orderNumber"])] for order in placed]


def cases(kind: str, *, is_open: bool = True) -> list[ExceptionCase]:
    return list(ExceptionCase.objects.filter(kind=kind, is_open=is_open).order_by("pk"))


def number_of(case: ExceptionCase) -> str:
    """The order that a case is about."""
    return case.items.get().label


def stage_count(placed: Placed, stage: Stage) -> int:
    return SalesOrder.objects.filter(number__in=[order["orderNumber"] for order in placed], stage=stage).count()


def product_calls(corridor: Corridor) -> list[dict[str, Any]]:
    return [call for method in ("POST", "PUT") for call in corridor.calls(corridor.warehouse, method=method, path="/products")]


def named_at(corridor: Corridor, sku: str) -> str:
    """When the warehouse was first told of a SKU."""
    return min(str(call["at"]) for call in product_calls(corridor) if f'"{sku}"' in call["body"])


def ordered_at(corridor: Corridor, order: dict[str, Any]) -> str:
    """When it was first given an order."""
    calls = corridor.calls(corridor.warehouse, method="POST", path="/orders")
    return min(str(call["at"]) for call in calls if f'"CT-{order["orderNumber"]}"' in call["body"])


class TestWhatChangesAfterwards:
    def test_reaches_the_other_side_once_or_is_a_case(self, corridor, worker):  # R35, R44, E09, E20
        Connection.objects.update(intervals=QUICK)
        Connection.objects.filter(pk=corridor.hub.pk).update(options={"settle_s": "1"})
        placed = corridor.place(count=ORDERS)
        cancelled, dropped, edited = placed[:3], placed[3:6], placed[6:]
        worker.start()
        wait_for(lambda: stage_count(placed, Stage.WITH_HUB) == ORDERS, seconds=90, what="the warehouse has every order")

        corridor.fault(corridor.warehouse, "lost_after", method="PUT", path="/cancel$", times=2)
        corridor.fault(corridor.warehouse, "html", method="PUT", path="/cancel$", times=1)
        corridor.fault(corridor.shop, "html", method="GET", path="/orders$", times=2)
        corridor.fault(corridor.warehouse, "malformed", method="GET", path="^/orders$", times=2)
        for order in cancelled:
            control(corridor.shop, f"orders/{order['orderNumber']}/cancel")
        for order in edited:
            control(corridor.shop, f"orders/{order['orderNumber']}/edit", line=0, quantity=3)
        control(corridor.warehouse, "cancel", numbers=[f"CT-{order['orderNumber']}" for order in dropped], reason="out of stock")
        wait_for(lambda: stage_count(cancelled, Stage.CANCELLED) >= 1, seconds=60, what="a cancellation has gone through")
        worker.kill()
        tell_again(corridor.channel, "orders")
        tell_again(corridor.hub, "orders")
        worker.start()
        wait_for(lambda: stage_count(cancelled, Stage.CANCELLED) == 3, seconds=60, what="the warehouse has cancelled what the shop cancelled")
        wait_for(lambda: len(cases("E20")) == 3 and len(cases("E09")) == 3, seconds=60, what="what people must decide is a case")

        assert at_warehouse(corridor, cancelled) == [[HubState.CANCELLED.value]] * 3
        versions = [(case.evidence["with the warehouse"]["lines"], case.evidence["in the channel now"]["lines"]) for case in cases("E09")]
        assert versions == [([["MUG-1", 2]], [["MUG-1", 3]])] * 3
        assert {order["orderNumber"] for order in dropped} == {number_of(case) for case in cases("E20")}
        assert [len(found) for found in at_warehouse(corridor, placed)] == [1] * ORDERS


class TestANewProduct:
    def test_is_made_once_and_before_its_first_order(self, corridor, worker):  # R72, R76
        corridor.read(corridor.channel, "catalogue")
        corridor.read(corridor.hub, "catalogue")
        Connection.objects.update(intervals={**QUICK, "products": 2})
        for fault, times in (("lost_after", 1), ("500", 2), ("lost_after", 1)):
            corridor.fault(corridor.warehouse, fault, method="POST", path="/products$", times=times)
        corridor.fault(corridor.warehouse, "lost_after", method="PUT", path="/products/", times=1)
        corridor.fault(corridor.warehouse, "html", method="GET", path="/products$", times=1)
        control(corridor.shop, "products", skus=BAGS, stock=5)
        worker.start()
        wait_for(lambda: bool(product_calls(corridor)), seconds=60, what="a product was sent")
        placed = [corridor.place(lines=[{"sku": sku, "quantity": 1}])[0] for sku in BAGS]
        worker.kill()
        worker.start()
        wait_for(lambda: stage_count(placed, Stage.WITH_HUB) == len(BAGS), seconds=120, what="the warehouse has every order")
        clear(corridor.warehouse)

        found = [connect(corridor.hub).find_variants(sku) for sku in BAGS]
        assert [len(variants) for variants in found] == [1] * len(BAGS)
        assert len({variants[0].product_reference for variants in found}) == 1  # R72
        assert [len(corridor.at_warehouse(order["orderNumber"])) for order in placed] == [1] * len(BAGS)
        assert all(ordered_at(corridor, order) > named_at(corridor, sku) for sku, order in zip(BAGS, placed, strict=True))
        assert not cases("E13")
