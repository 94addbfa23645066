"""A warehouse that is gone: cases by the clock alone, one for the connection, and all of them close themselves when it is back."""

from __future__ import annotations

from django.utils import timezone

from exceptions.models import CaseItem, ExceptionCase
from portal.connections.models import Connection, Integration
from portal.ledger.models import Expectation, SalesOrder, Stage
from tests.journeys.storm import clear
from tests.journeys.test_dispatch_and_stock import QUICK
from tests.journeys.test_orders import pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

ORDERS = 20


def is_open(*kinds: str) -> bool:
    return ExceptionCase.objects.filter(kind__in=kinds, is_open=True).exists()


class TestAnOutage:
    def test_raises_cases_by_the_clock_alone_and_closes_them_with_proof(self, corridor, worker):  # R32, R34, A4, A5, A14
        Connection.objects.update(intervals=QUICK)
        Integration.objects.update(transfer_limit_min=1)
        corridor.fault(corridor.warehouse, "down", times=None)
        corridor.place(count=ORDERS)
        worker.start()
        wait_for(lambda: is_open("E32"), seconds=60, what="the connection is known to be down")
        wait_for(lambda: Expectation.objects.filter(kind="in_hub").count() == ORDERS, seconds=30, what="every order is expected in the warehouse")
        early = is_open("E05") and timezone.now() < Expectation.objects.earliest("due_at").due_at
        wait_for(lambda: is_open("E05"), seconds=80, what="the missing orders are a case")
        raised_at = ExceptionCase.objects.get(kind="E05").opened_at
        wait_for(lambda: CaseItem.objects.filter(case__kind="E05").count() == ORDERS, seconds=30, what="every missing order is an item of it")
        during = ExceptionCase.objects.filter(is_open=True).count()
        clear(corridor.warehouse)
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == ORDERS, seconds=60, what="every order has arrived")
        wait_for(lambda: not is_open("E32", "E05"), seconds=60, what="the cases have closed themselves")

        assert not early
        assert raised_at >= Expectation.objects.filter(kind="in_hub").earliest("due_at").due_at
        assert during <= 3
        assert ExceptionCase.objects.filter(kind__in=("E32", "E05"), resolved_by=None, proof__isnull=False).count() == 2
