"""What should have happened and has not becomes a case by the clock alone, and closes itself when it is found (A5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from exceptions.cases import clear_case
from exceptions.models import ExceptionCase
from portal.connections.models import Connection, Health
from portal.ledger.models import Expectation, Heartbeat, SalesOrder, Stage
from portal.sync import jobs
from portal.sync.models import OutboundMessage
from portal.sync.plan_orders import plan_order
from portal.sync.sweep import sweep_clock
from tests.ledger.orders import NOON, an_integration, kept


@pytest.fixture
def stuck(corridor):
    """An order that is ready, while nobody works."""
    [corridor.placed] = corridor.place()
    corridor.read_orders()
    return corridor


def cases(kind) -> list[ExceptionCase]:
    return list(ExceptionCase.objects.filter(kind=kind))


class TestAnOrderThatDoesNotArrive:
    def test_is_a_case_by_the_clock_alone(self, stuck):  # E05, R32, R33, A5
        stuck.later(minutes=29)
        before = cases("E05")
        stuck.later(minutes=31)

        [case] = cases("E05")
        assert (before, case.owner, case.items_open) == ([], "OPS", 1)
        assert stuck.placed["orderNumber"] in case.cause and "does not show it" in case.cause

    def test_closes_its_case_when_the_warehouse_has_it(self, stuck):  # E05, A4
        stuck.later(minutes=31)
        stuck.send()

        [case] = cases("E05")
        assert (case.is_open, case.resolved_by, "warehouse order" in case.proof) == (False, None, True)

    def test_closes_its_case_when_the_warehouses_list_shows_it(self, stuck):  # E05
        stuck.fault(stuck.warehouse, "lost_after", path="^/orders", method="POST")
        Connection.objects.filter(pk=stuck.hub.pk).update(options={"settle_s": "9999"})
        stuck.send()
        stuck.later(minutes=31)
        was_open = cases("E05")[0].is_open
        stuck.read_warehouse()

        assert (was_open, cases("E05")[0].is_open) == (True, False)

    def test_is_one_case_however_often_the_clock_strikes(self, stuck):
        for minutes in (31, 32, 90):
            stuck.later(minutes=minutes)

        assert len(cases("E05")) == 1

    def test_behind_a_missing_mapping_is_no_second_case(self, corridor):  # A14: a fault of the set-up is told once
        corridor.place(count=5, shipping_method="express")
        corridor.run()
        corridor.later(hours=5)

        assert (cases("E05"), cases("E16")[0].items_open) == ([], 5)

    def test_is_found_when_it_gets_stuck_after_its_first_case_closed(self, corridor):  # R32
        corridor.place(shipping_method="express")
        corridor.run()
        corridor.later(hours=5)
        corridor.map_service("express", "Standard")
        clear_case(cases("E16")[0], {"closed": "by hand"}, at=timezone.now())
        corridor.later(hours=6)

        assert len(cases("E05")) == 1

    def test_is_not_expected_once_it_is_cancelled(self, db):
        order = kept(an_integration().channel)
        plan_order(order, at=NOON)
        SalesOrder.objects.update(state="cancelled")
        order.refresh_from_db()
        plan_order(order, at=NOON)
        sweep_clock(at=NOON + timedelta(days=2))

        assert cases("E05") == []


class TestTheSweep:
    def test_raises_nothing_twice(self, stuck):
        at = timezone.now() + timedelta(minutes=31)

        assert (sweep_clock(at=at), sweep_clock(at=at)) == (1, 0)

    @pytest.mark.parametrize("kind", ["shown", "stock_shown", "refunded", "received_back"])
    def test_is_not_stopped_by_what_nobody_raises_yet(self, stuck, kind):
        if kind != "shown":
            Expectation.objects.create(kind=kind, subject="return:1", due_at=NOON)
        stuck.later(minutes=31)

        assert len(cases("E05")) == 1


class TestAFlow:
    @pytest.fixture
    def read(self, corridor):
        corridor.read_orders()
        return corridor

    def silence(self, read, **span) -> list[ExceptionCase]:
        sweep_clock(at=timezone.now() + timedelta(**span))
        return cases("E32")

    def test_that_goes_silent_is_a_case_and_its_next_beat_closes_it(self, read):  # E32, A5
        early = self.silence(read, minutes=6)
        [late] = self.silence(read, minutes=7)
        jobs.read_feed(read.channel, "orders")

        late.refresh_from_db()
        assert (early, late.is_open, late.proof["flow"]) == ([], False, f"poll:{read.channel.pk}:orders")
        assert "Nothing has been read" in late.cause

    @pytest.mark.parametrize("changes", [{"enabled": False}, {"intervals": {"orders": 0}}, {"health": Health.DOWN}])
    def test_that_is_off_or_known_to_be_down_is_no_case_of_its_own(self, read, changes):
        Connection.objects.filter(pk=read.channel.pk).update(**changes)

        assert self.silence(read, hours=3) == []

    def test_that_stays_silent_is_one_case(self, read):
        self.silence(read, minutes=7)
        self.silence(read, minutes=70)

        assert len(cases("E32")) == 1

    def test_of_the_worker_is_watched_by_others(self, read):
        Heartbeat.objects.create(flow="worker", beat_at=NOON)

        assert self.silence(read, minutes=1) == []


class TestAStoppedWarehouse:
    def test_is_a_case_by_itself_and_everything_closes_when_it_is_back(self, corridor):  # E05, E32, A5, A14
        corridor.fault(corridor.warehouse, "down", times=None)
        placed = corridor.place(count=3)
        corridor.read_orders()
        for _ in range(3):
            jobs.read_feed(corridor.hub, "orders")
            corridor.hub.refresh_from_db()
        corridor.later(minutes=31)
        during = sorted(ExceptionCase.objects.filter(is_open=True).exclude(fingerprint__startswith="flow:").values_list("kind", flat=True))
        corridor.mend()
        Connection.objects.update(probe_at=None)
        corridor.hub.refresh_from_db()
        jobs.read_feed(corridor.hub, "orders")
        corridor.send()

        assert during == ["E05", "E32"]
        assert [len(corridor.at_warehouse(order["orderNumber"])) for order in placed] == [1, 1, 1]
        assert not ExceptionCase.objects.filter(kind__in=("E05", "E32"), is_open=True).exclude(fingerprint__startswith="flow:").exists()
        assert set(SalesOrder.objects.values_list("stage", flat=True)) == {Stage.WITH_HUB}

    def test_that_answers_with_pages_is_down_too(self, corridor):  # E32: HTML instead of JSON
        corridor.fault(corridor.shop, "html", times=None)
        for _ in range(3):
            jobs.read_feed(corridor.channel, "orders")

        [case] = cases("E32")
        assert "web page" in case.cause or "token" in case.cause
        assert OutboundMessage.objects.count() == 0
