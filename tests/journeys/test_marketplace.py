"""A marketplace and a warehouse with a real worker: acceptance against the clock, carriers, and stock through a storm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from exceptions.models import ExceptionCase
from mappings import changes
from mappings.models import CarrierMapping
from portal.connections.models import Connection, Integration
from portal.ledger.models import Expectation, SalesOrder, Stage, StockPublication
from portal.sync.models import DeliveryAttempt, OutboundMessage
from tests.corridor import control
from tests.journeys.test_orders import pytestmark  # noqa: F401 - the mark of a journey
from tests.journeys.worker import wait_for
from tests.marketplace import SKUS, Marketplace, run_operators
from tests.people import person

ORDERS = 24
OFF = ("returns", "payouts", "cycles", "snapshot", "catalogue", "sweep", "products")
QUICK = {"orders": 2, "stock": 2, **dict.fromkeys(OFF, 0)}
MIX = (("429", 0.05), ("500", 0.05), ("lost_after", 0.05), ("lost_before", 0.03), ("502", 0.03))
DPD = 4
MINUTE_SCALE = 60.0  # the operator's published frequencies, so much faster: a minute passes in a second


@pytest.fixture(scope="module")
def operators():
    yield from run_operators()


@pytest.fixture
def corridor(transactional_db, operators) -> Marketplace:
    """What the worker runs on."""
    made = Marketplace(*operators, rate_scale=MINUTE_SCALE)
    Connection.objects.update(intervals=QUICK)
    made.set_options(stock_every_s="2", import_wait_s="10", settle_s="1")
    return made


def open_cases(*kinds: str) -> list[str]:
    return sorted(ExceptionCase.objects.filter(kind__in=kinds, is_open=True).values_list("kind", flat=True))


def states(marketplace) -> dict[str, int]:
    found: dict[str, int] = marketplace.summary()["by_state"]
    return found


def overdue_now() -> None:
    """A tenth of the window has passed."""
    Expectation.objects.filter(kind="accepted").update(due_at=timezone.now() - timedelta(seconds=1))


class TestAcceptance:
    def test_beats_the_clock_under_429s_lost_answers_and_a_killed_worker(self, corridor, worker):  # R50, R51, R54
        corridor.fault(corridor.shop, "429", times=None, rate=0.2, path="/orders$")
        for fault, rate in MIX:
            corridor.fault(corridor.shop, fault, times=None, rate=rate, path="/accept")
        corridor.place(count=ORDERS, lines={"MUG-1": 1})
        worker.start()
        wait_for(lambda: states(corridor).get("SHIPPING", 0) >= 5, seconds=60, what="some orders are accepted")
        worker.kill()
        worker.start()
        wait_for(lambda: states(corridor).get("SHIPPING", 0) >= ORDERS * 0.8, seconds=120, what="most orders are accepted")
        corridor.mend()
        wait_for(lambda: states(corridor).get("SHIPPING", 0) == ORDERS, seconds=90, what="every order is accepted")
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == ORDERS, seconds=90, what="the warehouse has every order")

        assert corridor.summary()["accepted_twice"] == []
        assert [len(corridor.at_hub(order.reference)) for order in SalesOrder.objects.all()] == [1] * ORDERS
        assert not ExceptionCase.objects.filter(kind__in=("E01", "E02"), is_open=True).exists()

    def test_beats_the_clock_while_the_warehouse_is_gone(self, corridor, worker):  # R52, R54, D2
        corridor.shop_settings(address_available_at="created")
        corridor.fault(corridor.warehouse, "down", times=None)
        corridor.place(count=ORDERS // 3, lines={"MUG-1": 1})
        worker.start()
        wait_for(lambda: Expectation.objects.filter(kind="accepted").count() == ORDERS // 3, seconds=30, what="every order is known")
        wait_for(lambda: open_cases("E32") == ["E32"], seconds=60, what="the warehouse is known to be gone")
        overdue_now()
        wait_for(lambda: states(corridor).get("SHIPPING", 0) == ORDERS // 3, seconds=60, what="every order is accepted all the same")
        corridor.mend()
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == ORDERS // 3, seconds=240, what="the warehouse has every order")
        wait_for(lambda: not open_cases("E01", "E05", "E32"), seconds=90, what="the cases have closed themselves")

        hub = {status for order in SalesOrder.objects.all() for status in corridor.hub_states(order.reference)}
        assert hub <= {"awaiting_fulfillment", "awaiting_payment"}
        wait_for(lambda: {s for o in SalesOrder.objects.all() for s in corridor.hub_states(o.reference)} == {"awaiting_fulfillment"},
                 seconds=60, what="every order is released")  # fmt: skip

    def test_that_cannot_be_sent_is_a_case_in_time_and_lost_revenue_after(self, corridor, worker):  # R53, R54, A2, E01, E02
        corridor.fault(corridor.shop, "500", times=None, path="/accept")
        [reference] = corridor.place(lines={"MUG-1": 2}, accept_within_s=24 * 3600)
        worker.start()
        wait_for(lambda: Expectation.objects.filter(kind="accepted").exists(), seconds=30, what="the order is known")
        overdue_now()
        wait_for(lambda: open_cases("E01") == ["E01"], seconds=60, what="it is a case")
        case = ExceptionCase.objects.get(kind="E01")
        corridor.operator_later(hours=25)
        wait_for(lambda: open_cases("E01", "E02") == ["E02"], seconds=60, what="the refusal is a case, and the clock's case is over")

        order = corridor.known(reference)
        assert case.deadline_at == order.placed_at + timedelta(hours=24)
        assert case.resolve_due_at <= order.placed_at + timedelta(hours=6)
        assert "23.90 GBP" in ExceptionCase.objects.get(kind="E02").cause


class TestDispatches:
    def test_with_an_unmapped_carrier_stay_until_it_is_mapped_and_then_all_go(self, corridor, worker):  # R56, R59, R60, R61
        for fault, rate in MIX:
            corridor.fault(corridor.shop, fault, times=None, rate=rate, path="/tracking|/ship$")
        references = corridor.place(count=ORDERS // 2, lines={"MUG-1": 1})
        worker.start()
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == len(references), seconds=90, what="the warehouse has them")
        for reference in references:
            corridor.ship_parcel(reference, carrier_id=DPD)
        wait_for(lambda: OutboundMessage.objects.filter(kind="confirm_shipment", state="parked").count() == len(references), seconds=60,
                 what="every dispatch waits for the mapping")  # fmt: skip
        before = (corridor.summary()["carriers"], len(corridor.calls(corridor.shop, path="/tracking")), open_cases("E16"))
        row = CarrierMapping(integration=corridor.integration, hub_carrier=str(DPD), hub_label="DPD", channel_code="DPD-UK")
        changes.save(row, by=person("omar"), reason="new")
        wait_for(lambda: states(corridor).get("SHIPPED", 0) >= len(references) // 2, seconds=90, what="half of the dispatches are shown")
        corridor.mend()
        wait_for(lambda: states(corridor).get("SHIPPED", 0) == len(references), seconds=90, what="every dispatch is shown")
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.DONE).count() == len(references), seconds=60, what="every order is done")

        assert before == ({}, 0, ["E16"])
        assert (corridor.summary()["carriers"], corridor.summary()["shipped_twice"]) == ({"DPD-UK": len(references)}, [])
        wait_for(lambda: open_cases("E16") == [], seconds=60, what="the case has closed itself")


class TestStock:
    def test_equals_the_truth_after_the_storm(self, corridor, worker):  # R11, R13, R15, R22
        Integration.objects.update(buffer=2)
        corridor.shop_settings(orders_lower_stock=False)
        worker.start()
        wait_for(lambda: corridor.shown() == dict.fromkeys(SKUS, 48), seconds=60, what="the first levels are shown")
        for fault, rate in MIX:
            corridor.fault(corridor.shop, fault, times=None, rate=rate, path="/imports")
        for level in (41, 17, 33, 9, 26):
            control(corridor.warehouse, "stock", changes=[{"sku": sku, "warehouse": "Leeds Main", "physical": level} for sku in SKUS])
            if level == 33:
                worker.kill()
                worker.start()
        corridor.place(lines={"MUG-1": 3})
        wait_for(lambda: SalesOrder.objects.filter(stage=Stage.WITH_HUB).exists(), seconds=60, what="the warehouse has the order")
        corridor.mend()
        wait_for(lambda: corridor.shown() == {"MUG-1": 21, "TEE-1": 24, "CAP-1": 24}, seconds=90, what="the offers show the truth less the buffer")
        wait_for(lambda: not StockPublication.objects.exclude(confirmed=F("wanted")).exists(), seconds=60, what="every level is confirmed")

        assert dict(StockPublication.objects.values_list("sku", "confirmed")) == corridor.shown()
        assert DeliveryAttempt.objects.filter(message__kind="publish_stock", outcome="done").exists()
