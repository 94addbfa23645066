"""Whether a connection works, as its own calls show it (E32)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import AccessDenied, Unavailable
from portal.connections import health
from portal.connections.models import Connection, Health
from tests.ledger.orders import NOON, a_connection

AWAY, REFUSED = Unavailable("It is away."), AccessDenied("It refused our credential.")


@pytest.fixture
def shop(db) -> Connection:
    return a_connection()


def fail(shop, times, error=AWAY, at=NOON) -> list[bool]:
    return [health.saw_failure(shop, error, at=at) for _ in range(times)]


class TestAConnection:
    def test_is_down_after_three_failures_in_a_row(self, shop):
        assert fail(shop, 3) == [False, False, True]
        assert (shop.health, shop.health_since, shop.health_note) == (Health.DOWN, NOON, "It is away.")

    def test_is_not_down_while_it_answers_in_between(self, shop):
        fail(shop, 2)
        health.saw_ok(shop, at=NOON)

        assert fail(shop, 2) == [False, False]

    def test_is_denied_at_the_first_refusal(self, shop):
        assert fail(shop, 1, REFUSED) == [True]
        assert shop.health == Health.DENIED

    def test_keeps_since_when_it_is_down(self, shop):
        fail(shop, 3)
        fail(shop, 1, at=NOON + timedelta(hours=1))

        assert shop.health_since == NOON

    def test_says_once_that_it_is_back(self, shop):
        fail(shop, 3)

        assert [health.saw_ok(shop, at=NOON + timedelta(minutes=minute)) for minute in (1, 2)] == [True, False]
        assert (shop.health, shop.failures_in_a_row, shop.probe_at) == (Health.OK, 0, None)

    def test_is_seen_to_be_back_by_one_worker_only(self, shop):
        fail(shop, 3)
        other = Connection.objects.get(pk=shop.pk)

        assert [health.saw_ok(one, at=NOON) for one in (shop, other)] == [True, False]

    def test_writes_its_good_health_rarely(self, shop):
        written = []
        for seconds in (0, 5, 30):
            health.saw_ok(shop, at=NOON + timedelta(seconds=seconds))
            written.append(Connection.objects.get().last_ok_at)

        assert written == [NOON, NOON, NOON + timedelta(seconds=30)]


class TestAProbe:
    def test_is_due_later_and_later_up_to_two_minutes(self, shop):
        fail(shop, 2)
        waits = []
        for _ in range(10):
            fail(shop, 1)
            assert shop.probe_at is not None
            waits.append((shop.probe_at - NOON).total_seconds())

        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (20, 120)

    def test_is_the_only_call_while_it_is_down(self, shop):
        fail(shop, 3)

        assert not health.may_call(shop, at=NOON)
        assert health.may_call(shop, at=NOON + timedelta(minutes=3))
        assert health.is_probing(shop)
