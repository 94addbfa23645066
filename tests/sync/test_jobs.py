"""Jobs are doorbells: harmless if rung twice, late or never."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from connectors.errors import Unavailable
from exceptions.models import ExceptionCase
from portal.connections.models import Connection
from portal.ledger.models import StockPublication
from portal.sync import bells, failures, jobs
from portal.sync.bells import due_work, ring, slot
from portal.sync.models import InboundMessage, InboundState, OutboundMessage, State


@pytest.fixture
def rung(monkeypatch) -> list[tuple[str, int]]:
    heard: list[tuple[str, int]] = []
    for module in (bells, jobs):
        monkeypatch.setattr(module, "ring", lambda job, target: heard.append((job, target)))
    return heard


def work(corridor) -> None:
    """What the worker does when every bell is rung once."""
    jobs.poll_connection(corridor.channel.pk)
    jobs.interpret_due(corridor.channel.pk)
    jobs.deliver_due(corridor.hub.pk)


class TestTheJobs:
    def test_carry_an_order_to_the_warehouse(self, corridor, rung):  # R35
        [placed] = corridor.place()
        work(corridor)

        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1
        assert ("interpret", corridor.channel.pk) in rung and ("deliver", corridor.hub.pk) in rung

    def test_do_no_harm_when_they_are_rung_twice(self, corridor, rung):  # R35
        [placed] = corridor.place()
        for _ in range(3):
            work(corridor)

        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1

    @pytest.mark.parametrize(
        "changes", [{"enabled": False}, {"enabled": False, "verified_at": None}, {"enabled": False, "removed_at": timezone.now()}]
    )
    def test_leave_a_connection_alone_that_is_off(self, corridor, rung, changes):  # R100, R103
        corridor.place()
        Connection.objects.filter(pk=corridor.channel.pk).update(**changes)
        before = len(corridor.calls(corridor.shop))
        jobs.poll_connection(corridor.channel.pk)

        assert (len(corridor.calls(corridor.shop)), InboundMessage.objects.count()) == (before, 0)

    def test_answer_a_bell_for_nobody(self, db):
        for job in (jobs.poll_connection, jobs.interpret_due, jobs.deliver_due):
            assert job(999) is None

    def test_go_on_with_the_next_feed_when_one_fails(self, corridor, rung):  # R41
        corridor.place()
        corridor.fault(corridor.shop, "500", path="/messages", times=None)
        jobs.poll_connection(corridor.channel.pk)

        assert InboundMessage.objects.filter(topic="orders").exists()

    def test_stop_asking_a_connection_that_is_down(self, corridor, rung):  # E32
        corridor.fault(corridor.shop, "down", times=None)
        jobs.poll_connection(corridor.channel.pk)
        asked = len(corridor.calls(corridor.shop))
        jobs.poll_connection(corridor.channel.pk)

        assert len(corridor.calls(corridor.shop)) == asked
        assert ExceptionCase.objects.filter(kind="E32", is_open=True).count() == 1

    def test_close_the_case_that_a_late_failure_opened_after_it_was_back(self, corridor, rung):  # E32, A4
        failures.down(corridor.channel, Unavailable("It did not answer."), at=timezone.now())
        jobs.poll_connection(corridor.channel.pk)

        assert not ExceptionCase.objects.filter(kind="E32", is_open=True).exists()

    def test_know_by_published_stock_that_the_channel_is_back(self, corridor, rung):  # E32, A14
        corridor.read(corridor.hub, "stock")
        failures.down(corridor.channel, Unavailable("It did not answer."), at=timezone.now())
        Connection.objects.filter(pk=corridor.channel.pk).update(health="down")
        jobs.deliver_due(corridor.channel.pk)

        assert StockPublication.objects.filter(confirmed=50).exists()
        assert not ExceptionCase.objects.filter(kind="E32", is_open=True).exists()

    def test_read_what_a_removed_connection_had_brought(self, corridor, rung):  # R103
        corridor.place()
        jobs.poll_connection(corridor.channel.pk)
        Connection.objects.filter(pk=corridor.channel.pk).update(enabled=False, removed_at=timezone.now(), credentials_sealed="")
        jobs.interpret_due(corridor.channel.pk)

        assert not InboundMessage.objects.filter(state=InboundState.NEW).exists()


class TestThePulse:
    def test_finds_due_rows_whatever_became_of_the_queue(self, corridor, rung):
        corridor.place()
        corridor.read_orders()
        rung.clear()
        jobs.beat_once({})

        assert ("deliver", corridor.hub.pk) in rung

    def test_does_not_ring_every_second(self, corridor, rung):
        remembered: dict[tuple[str, int], float] = {}
        jobs.beat_once(remembered)
        first = len(rung)
        jobs.beat_once(remembered)

        assert first > 0
        assert len(rung) == first

    def test_takes_back_what_a_dead_worker_held(self, corridor, rung):
        corridor.place()
        corridor.read_orders()
        long_ago = timezone.now() - timedelta(hours=1)
        OutboundMessage.objects.update(state=State.IN_FLIGHT, claimed_at=long_ago, called_at=long_ago, lease_until=long_ago)
        jobs.beat_once({})

        assert set(OutboundMessage.objects.values_list("state", "looks_first")) == {(State.QUEUED, True)}

    def test_rings_for_nothing_that_is_not_due(self, corridor):
        corridor.place()
        corridor.read_orders()
        OutboundMessage.objects.update(not_before=timezone.now() + timedelta(hours=1))

        assert ("deliver", corridor.hub.pk) not in due_work(timezone.now())


class TestABell:
    def test_carries_one_id_and_nothing_else(self, monkeypatch):
        sent = []
        monkeypatch.setattr(bells, "async_task", lambda *task: sent.append(task))
        ring("deliver", 7)

        assert sent == [("portal.sync.jobs.deliver_due", 7)]

    @pytest.mark.parametrize("job", bells.JOBS.values())
    def test_names_a_job_that_exists(self, job):
        assert callable(getattr(jobs, job.rpartition(".")[2]))


class TestASlot:
    @pytest.mark.parametrize(("job", "places"), [("poll", 1), ("interpret", 1), ("deliver", 2)])
    def test_is_held_by_as_many_as_there_are_places(self, transactional_db, job, places):  # R69
        held, release, results = threading.Barrier(places + 1), threading.Event(), []

        def hold() -> None:
            try:
                with slot(job, 7) as mine:
                    results.append(mine)
                    held.wait(timeout=10)
                    release.wait(timeout=10)
            finally:
                database.close()

        holders = [threading.Thread(target=hold) for _ in range(places)]
        for holder in holders:
            holder.start()
        held.wait(timeout=10)
        with slot(job, 7) as one_too_many, slot(job, 8) as elsewhere:
            seen = (one_too_many, elsewhere)
        release.set()
        for holder in holders:
            holder.join()
        with slot(job, 7) as afterwards:
            assert (results, seen, afterwards) == ([True] * places, (False, True), True)
