"""Reading feeds: each page is kept with its place, one reader at a time, and what fails goes on where it stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from connectors.canonical import Page, Received
from connectors.errors import ContractError, Unavailable
from portal.ledger.models import Heartbeat, SalesOrder
from portal.sync import poll as polling
from portal.sync.bells import due_feeds
from portal.sync.models import Cursor, InboundMessage
from portal.sync.poll import LEASE, claim_cursor, poll

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Feed:
    """A connector whose feed has two pages; the second may not come."""

    def __init__(self, breaks: Exception | None = None) -> None:
        self.breaks, self.asked = breaks, []

    def poll(self, feed, cursor, *, until):
        self.asked.append(cursor)
        for page in ("one", "two"):
            if page > cursor:
                yield Page((Received("orders", f"{page}@1", page, b"{}"),), page)
            if self.breaks:
                raise self.breaks


@pytest.fixture
def feed_of(monkeypatch):
    def put(feed: Feed) -> Feed:
        monkeypatch.setattr(polling, "connect", lambda *_, **__: feed)
        return feed

    return put


class TestPolling:
    def test_twice_reads_an_order_once(self, corridor):  # R35
        corridor.place(count=3)

        assert [poll(corridor.channel, "orders", at=timezone.now()) for _ in range(2)] == [3, 0]

    def test_the_same_orders_by_several_feeds_makes_each_once(self, corridor):  # R35
        corridor.place(count=2)
        corridor.read(corridor.channel, "orders", "messages", "payments")

        assert SalesOrder.objects.count() == 2
        assert InboundMessage.objects.filter(topic="orders").count() == 2

    def test_keeps_what_it_read_before_a_failure_and_goes_on_there(self, corridor, feed_of):  # R15, R41
        feed_of(Feed(breaks=Unavailable("The shop is away.")))
        with pytest.raises(Unavailable):
            poll(corridor.channel, "orders", at=NOON)
        kept = list(InboundMessage.objects.values_list("subject", flat=True))
        whole = feed_of(Feed())
        poll(corridor.channel, "orders", at=NOON)

        assert (kept, whole.asked) == (["one"], ["one"])
        assert InboundMessage.objects.count() == 2

    @pytest.mark.parametrize("error", [Unavailable("The shop is away."), ContractError("The shop answered with a web page.")])
    def test_that_fails_says_why_and_lets_the_next_one_try(self, corridor, feed_of, error):
        feed_of(Feed(breaks=error))
        with pytest.raises(type(error)):
            poll(corridor.channel, "orders", at=NOON)

        cursor = Cursor.objects.get(feed="orders")
        assert (cursor.claimed_until, cursor.note) == (None, error.sentence)

    def test_that_works_is_a_sign_of_life(self, corridor):  # A5
        poll(corridor.channel, "orders", at=timezone.now())

        beat = Heartbeat.objects.get(flow=f"poll:{corridor.channel.pk}:orders")
        assert timezone.now() - beat.beat_at < timedelta(seconds=5)
        assert beat.every_s == 3 * corridor.channel.interval_s("orders")

    def test_a_full_feed_begins_anew_each_time(self, corridor, feed_of):  # R16
        feed = feed_of(Feed())
        poll(corridor.channel, "snapshot", at=NOON)
        poll(corridor.channel, "snapshot", at=NOON + timedelta(days=1))

        assert feed.asked == ["", ""]


class TestAFeed:
    def test_is_read_by_one_at_a_time(self, corridor):  # R69
        first = claim_cursor(corridor.channel, "orders", at=NOON)

        assert first is not None
        assert claim_cursor(corridor.channel, "orders", at=NOON) is None
        assert poll(corridor.channel, "orders", at=NOON) is None

    def test_is_taken_over_from_a_reader_who_died(self, corridor):
        claim_cursor(corridor.channel, "orders", at=NOON)

        assert claim_cursor(corridor.channel, "orders", at=NOON + LEASE) is not None

    def test_is_left_to_whoever_took_it_over_and_what_was_read_is_kept(self, corridor, feed_of):  # R69
        class Slow(Feed):
            def poll(self, feed, cursor, *, until):
                for number, page in enumerate(super().poll(feed, cursor, until=until)):
                    if number:
                        assert claim_cursor(corridor.channel, "orders", at=timezone.now() + LEASE) is not None
                    yield page

        feed_of(Slow())
        poll(corridor.channel, "orders", at=timezone.now())

        cursor = Cursor.objects.get(feed="orders")
        assert (cursor.value, InboundMessage.objects.count()) == ("two", 2)
        assert cursor.claimed_until > timezone.now() + LEASE

    def test_is_silent_for_little_more_than_a_minute_when_its_reader_dies(self):
        assert timedelta(seconds=75) >= LEASE


class TestAFullReading:
    """Paced so that it does not starve the orders of the same connection (R17)."""

    @pytest.fixture
    def slow(self, corridor, feed_of, monkeypatch):
        monkeypatch.setattr(polling, "BULK_SHIFT_S", -1.0)
        return feed_of(Feed())

    def test_hands_over_after_a_while_and_goes_on_where_it_stopped(self, corridor, slow):  # R16, R17
        found = [poll(corridor.channel, "snapshot", at=NOON + timedelta(minutes=minute)) for minute in range(3)]

        assert (found, slow.asked) == ([1, 1, 0], ["", "one", "two"])
        assert Cursor.objects.get(feed="snapshot").value == ""

    def test_is_due_again_soon_while_it_is_not_at_its_end(self, corridor, slow):  # R17
        poll(corridor.channel, "snapshot", at=NOON)
        soon = due_feeds(corridor.channel, NOON + timedelta(minutes=1))
        for minute in (1, 2):
            poll(corridor.channel, "snapshot", at=NOON + timedelta(minutes=minute))

        assert "snapshot" in soon
        assert "snapshot" not in due_feeds(corridor.channel, NOON + timedelta(minutes=3))

    def test_that_failed_goes_on_soon_and_not_tomorrow(self, corridor, feed_of):  # R15, R16
        feed_of(Feed(breaks=Unavailable("The shop is away.")))
        with pytest.raises(Unavailable):
            poll(corridor.channel, "snapshot", at=NOON)

        assert "snapshot" in due_feeds(corridor.channel, NOON + timedelta(minutes=1))

    def test_comes_after_the_orders(self, corridor):  # R17, R40
        turns = [corridor.channel.vendor.feed(name).priority for name in due_feeds(corridor.channel, NOON)]

        assert turns == sorted(turns, key=["orders", "stock", "bulk"].index)

    def test_of_other_feeds_is_never_cut_short(self, corridor, slow):
        assert poll(corridor.channel, "orders", at=NOON) == 2
