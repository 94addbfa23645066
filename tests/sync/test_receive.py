"""What comes in is stored as it came, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.canonical import Received
from portal.connections.models import Connection
from portal.sync.models import InboundMessage
from portal.sync.receive import receive

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def shop(db) -> Connection:
    return Connection.objects.create(name="Shop", system="commercetools", base_url="https://shop.test")


def item(event="a@1", body=b"{}", subject="a", topic="orders") -> Received:
    return Received(topic, event, subject, body)


def take(shop, *items, door="poll", at=NOON) -> int:
    return receive(items, connection=shop, door=door, at=at)


class TestReceive:
    def test_stores_the_very_bytes(self, shop):  # R41
        take(shop, item(body=b'{"broken": \xff'))

        assert bytes(InboundMessage.objects.get().body) == b'{"broken": \xff'

    def test_stores_an_event_once_through_both_doors(self, shop):  # R35
        counts = [take(shop, item(), door="webhook"), take(shop, item()), take(shop, item(), door="webhook")]

        assert (counts, InboundMessage.objects.count()) == ([1, 0, 0], 1)

    def test_stores_an_event_once_within_a_batch(self, shop):
        take(shop, item(), item())

        assert InboundMessage.objects.count() == 1

    def test_keeps_events_of_two_accounts_apart(self, shop):  # R101
        other = Connection.objects.create(name="Other", system="commercetools", base_url="https://other.test")
        take(shop, item())
        take(other, item())

        assert InboundMessage.objects.count() == 2

    def test_knows_a_body_without_an_id_by_its_content(self, shop):
        counts = [take(shop, item(event="", body=body)) for body in (b"one", b"two", b"two")]

        assert counts == [1, 1, 0]

    def test_knows_an_id_that_is_too_long_by_its_digest(self, shop):
        counts = [take(shop, item(event=event)) for event in ("x" * 300 + "1", "x" * 300 + "2", "x" * 300 + "2")]

        assert counts == [1, 1, 0]


class TestAStateThatComesBack:
    def test_is_news_to_a_poll_each_time(self, shop):  # R22
        counts = [take(shop, item(event), at=NOON + timedelta(minutes=minute)) for minute, event in enumerate("ABABA")]

        assert counts == [1, 1, 1, 1, 1]

    def test_is_not_news_while_it_stays(self, shop):
        for minute, event in enumerate("ABA"):
            take(shop, item(event), at=NOON + timedelta(minutes=minute))

        assert take(shop, item("A"), at=NOON + timedelta(hours=1)) == 0

    def test_is_news_though_the_other_id_begins_like_its_own(self, shop):
        counts = [take(shop, item(event), at=NOON + timedelta(minutes=minute)) for minute, event in enumerate(("mug@5", "mug@50", "mug@5"))]

        assert counts == [1, 1, 1]

    def test_is_no_news_to_a_webhook_which_may_repeat_itself_late(self, shop):
        take(shop, item("A"), door="webhook")
        take(shop, item("B"), door="webhook")

        assert take(shop, item("A"), door="webhook") == 0
