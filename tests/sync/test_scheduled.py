"""The daily run of an integration: once, whoever looks at the clock, by the settings as they are then (R118-R124, R130, D13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from portal.connections.changes import save_integration
from portal.connections.models import Connection, Integration, Mode
from portal.ledger.models import Heartbeat, SalesOrder, Stage
from portal.sync import jobs
from portal.sync.bells import due_work
from portal.sync.models import Cursor
from portal.sync.operations import executing, scheduled
from portal.sync.operations.scheduled import start_due
from portal.sync.run_models import Process, Run, RunState, Trigger
from portal.sync.sweep import watch_flows
from tests.ledger.orders import a_connection, an_integration
from tests.people import person

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def integration(db) -> Integration:
    """Every day at 09:30 in Los Angeles, which is 17:30 UTC in winter."""
    return an_integration(time_zone="America/Los_Angeles", hour=9, minute=30, mode=Mode.EXPORT, ran_through=NOON)


def change(integration: Integration, at: datetime, **values) -> None:
    for name, value in values.items():
        setattr(integration, name, value)
    save_integration(integration, by=person("ada"), at=at)


class TestTheDailyRun:
    def test_starts_at_its_time_in_its_zone(self, integration):  # R118, R119, R122, R123
        started = [start_due(at=NOON + timedelta(hours=hours)) for hours in (5, 6)]

        assert [len(runs) for runs in started] == [0, 1]
        assert Run.objects.get().scheduled_for == datetime(2026, 3, 4, 17, 30, tzinfo=UTC)

    def test_starts_once_however_often_the_clock_is_looked_at(self, integration):  # R119
        for minutes in (331, 332, 333, 400):
            start_due(at=NOON + timedelta(minutes=minutes))

        assert Run.objects.count() == 1

    def test_starts_once_though_two_workers_look_at_once(self, integration):  # R119
        due_at = integration.timetable.last_until(NOON + timedelta(hours=6))
        first = scheduled.begin(integration, due_at, at=NOON)
        second = scheduled.begin(integration, due_at, at=NOON)

        assert (len(first), second) == (1, [])

    def test_starts_earlier_by_the_offset(self, integration):  # R124
        Integration.objects.update(time_zone="UTC", hour=0, minute=10, offset_min=-30)
        start_due(at=NOON + timedelta(hours=12))

        assert Run.objects.get().scheduled_for == datetime(2026, 3, 4, 23, 40, tzinfo=UTC)

    def test_is_made_up_for_once_after_a_long_silence(self, integration):
        start_due(at=NOON + timedelta(days=9))

        assert Run.objects.get().scheduled_for == datetime(2026, 3, 12, 16, 30, tzinfo=UTC)  # summer time by then

    def test_does_not_start_while_automatic_is_off(self, integration):  # R120
        Integration.objects.update(enabled=False)

        assert start_due(at=NOON + timedelta(days=2)) == []

    @pytest.mark.parametrize(("mode", "processes"), [(Mode.EXPORT, {"export"}), (Mode.FETCH, {"fetch"}), (Mode.BOTH, {"export", "fetch"})])
    def test_runs_what_the_mode_says(self, integration, mode, processes):  # R105, R106
        Integration.objects.update(mode=mode)
        start_due(at=NOON + timedelta(hours=6))

        assert set(Run.objects.values_list("process", flat=True)) == processes

    def test_looks_no_further_back_than_the_start_date(self, integration):  # R121
        Integration.objects.update(start_date="2026-03-01")
        start_due(at=NOON + timedelta(hours=6))

        assert Run.objects.get().criteria["from"] == "2026-03-01"


class TestChangedSettings:
    def test_hold_for_the_next_run(self, integration):  # R130
        change(integration, NOON, hour=10)
        started = [start_due(at=NOON + timedelta(hours=hours)) for hours in (6, 7)]

        assert [len(runs) for runs in started] == [0, 1]
        assert Run.objects.get().scheduled_for == datetime(2026, 3, 4, 18, 30, tzinfo=UTC)

    def test_start_nothing_for_a_time_that_has_passed(self, integration):  # R130
        change(integration, NOON + timedelta(hours=7), hour=10)  # 11:00 there

        assert start_due(at=NOON + timedelta(hours=7, minutes=1)) == []

    def test_that_switch_it_on_start_with_the_next_time(self, integration):  # R119
        Integration.objects.update(enabled=False, ran_through=None)
        integration.refresh_from_db()
        change(integration, NOON, enabled=True)

        assert [len(start_due(at=NOON + timedelta(hours=hours))) for hours in (1, 6)] == [0, 1]

    def test_that_switch_it_off_refuse_a_run_that_waits(self, integration):  # R108, R120
        started = start_due(at=NOON + timedelta(hours=6))
        change(integration, NOON, enabled=False)
        executing.execute(started[0])

        assert Run.objects.get().state == RunState.REFUSED


class TestScheduledProcessing:
    def test_sends_orders_from_the_start_date_on_and_not_before(self, corridor):  # R121
        corridor.place(count=2)
        Integration.objects.update(enabled=False)
        corridor.read_orders()
        early, late = SalesOrder.objects.order_by("pk")
        SalesOrder.objects.filter(pk=early.pk).update(placed_at=timezone.now() - timedelta(days=9))
        day = (timezone.now() - timedelta(days=2)).date()
        Integration.objects.update(enabled=True, start_date=day, ran_through=timezone.now() - timedelta(days=2))
        for pk in start_due(at=timezone.now()):
            executing.execute(pk)
        corridor.send()

        stages = [SalesOrder.objects.get(pk=one.pk).stage for one in (early, late)]
        assert stages == [Stage.IGNORED, Stage.WITH_HUB]
        assert Run.objects.get(process=Process.EXPORT).trigger == Trigger.SCHEDULE


class TestReadingByTheClock:
    """The interval schedule of orders, acceptance, dispatch and stock (D13)."""

    def polled(self, at: datetime) -> set[int]:
        return {connection for job, connection in due_work(at) if job == "poll"}

    def test_goes_on_while_one_integration_of_the_account_is_on(self, corridor):  # R119
        an_integration(name="Off", channel=corridor.channel, hub=corridor.hub, enabled=False)

        assert self.polled(timezone.now()) == {corridor.channel.pk, corridor.hub.pk}

    def test_stops_with_the_last_integration_of_the_account(self, corridor):  # R120
        Integration.objects.update(enabled=False)

        assert self.polled(timezone.now()) == set()

    def test_is_not_done_though_the_bell_rang_earlier(self, corridor):  # R108, R120
        Integration.objects.update(enabled=False)
        jobs.poll_connection(corridor.channel.pk)

        assert not Cursor.objects.exists()

    def test_of_an_account_that_no_integration_uses_yet_goes_on(self, db):
        fresh = a_connection("Fresh")

        assert fresh.pk in self.polled(timezone.now())

    def test_that_stands_still_on_purpose_is_not_called_silent(self, corridor):
        Heartbeat.objects.create(flow="poll:1:orders", beat_at=timezone.now() - timedelta(days=1), every_s=60, connection=corridor.channel)
        Integration.objects.update(enabled=False)
        watch_flows(at=timezone.now())
        corridor.integration.refresh_from_db()
        change(corridor.integration, timezone.now(), enabled=True)
        watch_flows(at=timezone.now())

        assert not corridor.channel.cases.filter(kind="E32").exists()

    def test_leaves_a_line_in_the_log_when_it_brings_something(self, corridor):  # R144
        corridor.place()
        jobs.poll_connection(corridor.channel.pk)
        jobs.poll_connection(corridor.channel.pk)
        entry = Run.objects.get(message__contains="orders")

        assert (entry.process, entry.trigger, entry.has_errors) == (Process.READ, Trigger.INTERVAL, False)
        assert "1 read." in entry.message

    def test_leaves_a_line_in_the_log_when_it_fails(self, corridor):  # R144
        Connection.objects.filter(pk=corridor.channel.pk).update(intervals={name: 0 for name in feeds(corridor) if name != "orders"})
        corridor.fault(corridor.shop, "500", times=None, path=".*")
        jobs.poll_connection(corridor.channel.pk)

        assert Run.objects.get().has_errors


def feeds(corridor) -> list[str]:
    return [feed.name for feed in corridor.channel.vendor.feeds]
