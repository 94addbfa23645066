"""A warehouse that is gone: cases by the clock alone, one for the connection, and all of them close themselves when it is back."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from exceptions.models import ExceptionCase
from portal.connections.models import Connection, Integration
from portal.ledger.models import Expectation, SalesOrder, Stage
from tests.journeys.test_dispatch_and_stock import QUICK, clear
from tests.journeys.test_orders import pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for

ORDERS = 20


def is_open(kind: str) -> bool:
    return ExceptionCase.objects.filter(kind=kind, is_open=True).exists()


class TestAnOutage:
    def test_raises_one_case_and_the_overdue_ones_and_closes_them_with_proof(self, corridor, worker):  # R32, R34, A4, A5, A14
        Connection.objects.update(intervals=QUICK)
        Integration.objects.update(transfer_limit_min=1)
        corridor.fault(corridor.warehouse, "down", times=None)
        corridor.place(count=ORDERS)
        worker.start()
        wait_for(lambda: is_open("E32"), seconds=60, what="the connection is known to be down")
        wait_for(lambda: SalesOrder.objects.count() == ORDERS, seconds=30, what="every order is kept")
        Expectation.objects.update(due_at=timezone.now() - timedelta(seconds=1))  # the clock, not an error
        wait_for(lambda: is_open("E05"), seconds=60, what="the missing orders are a case")
        during = ExceptionCase.objects.filter(is_open=True).count()
        clear(corridor.warehouse)
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == ORDERS, seconds=240, what="every order has arrived")
        wait_for(lambda: not is_open("E32") and not is_open("E05"), seconds=120, what="the cases have closed themselves")

        assert during <= 3
        assert ExceptionCase.objects.filter(resolved_by=None, proof__isnull=False).count() >= 2
