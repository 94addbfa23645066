"""Calls are paced under the vendor's limit by all workers together, orders first (R40)."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection as database

from connectors.errors import RateLimited
from connectors.ports import Priority
from portal.connections import budget
from portal.connections.budget import SharedLimiter
from portal.connections.models import CallBudget
from tests.ledger.orders import a_connection

ORDERS, STOCK, BULK = Priority.ORDERS, Priority.STOCK, Priority.BULK
SLOW = 0.001  # calls a second: nothing drains while a test looks


@pytest.fixture
def limiter(db, monkeypatch):
    monkeypatch.setattr(budget, "LONGEST_WAIT_S", 0.2)
    made = a_connection()

    def limit(rate=SLOW, burst=10.0) -> SharedLimiter:
        return SharedLimiter(made.pk, rate=rate, burst=burst)

    return limit


def taken(one: SharedLimiter, priority: Priority) -> int:
    """Calls that go at once."""
    count = 0
    try:
        while count < 100:
            one.acquire(priority)
            count += 1
    except RateLimited:
        return count
    return count


class TestABudget:
    def test_lets_a_burst_through_and_then_no_more(self, limiter):
        assert taken(limiter(), ORDERS) == 10

    def test_is_shared_by_everybody_who_calls_there(self, limiter):  # R40
        first, second = limiter(), limiter()
        for _ in range(6):
            first.acquire(ORDERS)

        assert taken(second, ORDERS) == 4

    def test_of_one_connection_does_not_touch_another(self, limiter):
        taken(limiter(), ORDERS)
        other = SharedLimiter(a_connection("Other").pk, rate=SLOW, burst=3)

        assert taken(other, ORDERS) == 3

    def test_keeps_room_for_orders(self, limiter):  # R17, R40
        bulk = taken(limiter(), BULK)
        stock = taken(limiter(), STOCK)
        orders = taken(limiter(), ORDERS)

        assert (bulk, stock, orders) == (4, 3, 3)

    def test_drains_at_its_rate(self, limiter):
        one = limiter(rate=50, burst=5)
        taken(SharedLimiter(one.connection_id, rate=SLOW, burst=5), ORDERS)
        began = time.monotonic()
        for _ in range(5):
            one.acquire(ORDERS)

        assert 0.05 <= time.monotonic() - began < 2

    def test_without_a_limit_never_waits(self, limiter):
        assert taken(limiter(rate=0), BULK) == 100

    def test_says_how_long_the_wait_would_be(self, limiter):
        one = limiter(rate=0.1, burst=1)
        one.acquire(ORDERS)
        with pytest.raises(RateLimited) as told:
            one.acquire(ORDERS)

        assert 8 < told.value.retry_after_s < 11

    def test_always_lets_one_bulk_call_through_an_empty_bucket(self, limiter):
        assert taken(limiter(burst=1), BULK) == 1


class TestAPenalty:
    def test_stops_everybody_for_as_long_as_the_vendor_says(self, limiter):
        limiter(rate=10).penalise(30)
        with pytest.raises(RateLimited) as told:
            limiter(rate=10).acquire(ORDERS)

        assert 25 < told.value.retry_after_s <= 31

    def test_is_not_shortened_by_a_milder_one(self, limiter):
        limiter(rate=10).penalise(30)
        limiter(rate=10).penalise(1)

        with pytest.raises(RateLimited) as told:
            limiter(rate=10).acquire(ORDERS)
        assert told.value.retry_after_s > 25

    def test_is_never_longer_than_five_minutes(self, limiter):
        limiter(rate=10).penalise(1_000_000)
        with pytest.raises(RateLimited) as told:
            limiter(rate=10).acquire(ORDERS)

        assert told.value.retry_after_s <= 301

    def test_leaves_a_full_bucket_behind(self, limiter):
        limiter().penalise(0)

        assert taken(limiter(), ORDERS) == 0

    def test_without_a_time_is_the_time_of_two_calls(self, limiter):
        one = limiter(rate=4, burst=40)
        one.penalise(None)

        row = CallBudget.objects.get()
        assert row.paused_until is not None
        assert 0.2 < (row.paused_until - row.seen_at).total_seconds() < 1


class TestManyWorkers:
    def test_together_take_no_more_than_the_burst(self, transactional_db, monkeypatch):  # R40
        monkeypatch.setattr(budget, "LONGEST_WAIT_S", 0.2)
        pk = a_connection().pk
        counts: list[int] = []

        def work() -> None:
            try:
                counts.append(taken(SharedLimiter(pk, rate=SLOW, burst=20), ORDERS))
            finally:
                database.close()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert (len(counts), sum(counts)) == (4, 20)
