"""The absence ledger: what must happen by when (A5)."""

from __future__ import annotations

import pytest

from portal.ledger.expect import Expected, beat, drop, expect, met, overdue
from portal.ledger.models import Expectation, Heartbeat
from tests.ledger.orders import NOON, later

pytestmark = pytest.mark.django_db


def await_hub(seconds=60, subject="order:1", at=NOON) -> Expectation:
    expect(Expected.IN_HUB, subject, due_at=later(seconds), connection=None, because="It is ready.", at=at)
    return Expectation.objects.get(kind="in_hub", subject=subject)


def late(seconds=120) -> list[str]:
    return list(overdue(later(seconds)).values_list("subject", flat=True))


class TestAnExpectation:
    def test_is_overdue_when_its_time_is_over(self):
        await_hub(60)

        assert (late(59), late(60)) == ([], ["order:1"])

    def test_keeps_its_time_when_it_is_written_again(self):
        await_hub(60)

        assert await_hub(600).due_at == later(60)

    def test_that_was_met_is_not_overdue(self):
        await_hub()

        assert met(Expected.IN_HUB, "order:1", at=NOON)
        assert late() == []

    def test_is_met_once(self):
        await_hub()

        assert [met((Expected.IN_HUB, Expected.PAYMENT), "order:1", at=NOON) for _ in range(2)] == [True, False]

    def test_begins_anew_after_it_was_met(self):
        await_hub(60)
        met(Expected.IN_HUB, "order:1", at=NOON)
        row = await_hub(600, at=later())

        assert (row.due_at, row.met_at, row.created_at) == (later(600), None, later())

    def test_is_dropped_by_kind_or_altogether(self):
        await_hub()
        expect(Expected.PAYMENT, "order:1", due_at=later(), connection=None, because="", at=NOON)
        drop("order:1", at=NOON, kinds=[Expected.PAYMENT])
        one_left = late()
        drop("order:1", at=NOON)

        assert (one_left, late()) == (["order:1"], [])

    def test_of_somebody_else_is_not_touched(self):
        await_hub(subject="order:1")
        await_hub(subject="order:12")
        met(Expected.IN_HUB, "order:1", at=NOON)

        assert late() == ["order:12"]

    def test_that_was_raised_is_not_raised_again(self):
        await_hub()
        Expectation.objects.update(raised_at=NOON)

        assert late() == []


class TestABeat:
    def test_moves_the_flow_on(self):
        beat("poll:1:orders", at=NOON, every_s=60)
        beat("poll:1:orders", at=later(), every_s=120, label="Shop: orders")

        row = Heartbeat.objects.get()
        assert (row.beat_at, row.every_s, row.label) == (later(), 120, "Shop: orders")
