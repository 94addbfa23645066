"""A buffer that holds for a period: it begins, quickens, and goes back, by the clock alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from connectors.registry import vendor
from portal.connections.models import Connection
from portal.ledger.models import Buffer, StockPublication, StockReplan
from portal.sync import jobs, stock_peak, stock_replan
from portal.sync.bells import due_feeds, due_work
from portal.sync.models import Cursor, OutboundMessage, State
from portal.sync.stock_buffer_changes import Wish, add, end
from portal.sync.stock_buffers import BufferBook
from portal.sync.stock_replan import replan_next
from portal.sync.stock_turns import begin_turn
from tests.people import person
from tests.sync.test_stock import shown

HOUR = timedelta(hours=1)


@pytest.fixture
def published(corridor):
    """Every level is on the channel."""
    corridor.read(corridor.hub, "stock")
    corridor.send()
    return corridor


def clock(corridor, at: datetime) -> int:
    """What the pulse does at that moment; chunks planned."""
    rounds = 0
    while ("replan", corridor.hub.pk) in due_work(at) and replan_next(corridor.hub, at=at):
        rounds += 1
    corridor.send(at=at)
    return rounds


def sale(corridor, **wish) -> Buffer:
    now = timezone.now()
    [row] = add(
        Wish(**{"pattern": "MUG-1", "starts_at": now + HOUR, "ends_at": now + 2 * HOUR, **wish}), [corridor.integration], by=person("omar"), at=now
    )
    return row


class TestABufferWithAPeriod:
    def test_holds_only_within_it(self, corridor):  # R26
        now = timezone.now()
        period = {"starts_at": now - HOUR, "ends_at": now + HOUR}
        Buffer.objects.create(integration=corridor.integration, pattern="MUG-1", units=20, **period)
        at = {moment: len(BufferBook.of(corridor.integration, now + moment).rows) for moment in (-2 * HOUR, timedelta(), 2 * HOUR)}

        assert list(at.values()) == [0, 1, 0]

    def test_lowers_the_channel_when_it_begins_and_raises_it_when_it_ends(self, published):  # R26
        row = sale(published, units=20)
        seen = [shown(published)["wh-leeds"]]
        for moment in (row.starts_at, row.ends_at):
            clock(published, moment)
            seen.append(shown(published)["wh-leeds"])

        assert seen == [50, 30, 50]
        assert not StockReplan.objects.exists()

    def test_changes_nothing_before_its_time(self, published):  # R26
        sale(published, units=20)

        assert clock(published, timezone.now()) == 0

    def test_of_a_class_sends_only_levels_that_change(self, published):  # R26
        row = sale(published, pattern="*", units=5, reason="flash sale")
        sale(published, pattern="MUG-1", units=0, starts_at=row.starts_at, ends_at=row.ends_at)
        before = OutboundMessage.objects.count()
        clock(published, row.starts_at)
        places = StockPublication.objects.filter(wanted__gt=0).exclude(sku="MUG-1").count()

        assert OutboundMessage.objects.count() - before == places == 2

    def test_goes_on_after_the_last_sku_when_a_worker_is_killed(self, published, monkeypatch):  # R15, R26
        row = sale(published, pattern="*", units=5)
        monkeypatch.setattr(stock_replan.chunks, "__kwdefaults__", {"after": "", "size": 1})
        replan_next(published.hub, at=row.starts_at)

        assert StockReplan.objects.get(due_at=row.starts_at).after == "CAP-1"
        assert clock(published, row.starts_at) == 3
        assert set(StockPublication.objects.filter(wanted__gt=0).values_list("wanted", flat=True)) == {45}

    def test_is_planned_by_the_job_the_pulse_rings(self, published):  # R26
        row = sale(published, units=20)
        StockReplan.objects.filter(due_at=row.starts_at).update(due_at=timezone.now())
        Buffer.objects.update(starts_at=timezone.now() - HOUR)
        jobs.replan_due(published.hub.pk)

        assert StockPublication.objects.get(sku="MUG-1", warehouse_code="wh-leeds").wanted == 30

    def test_is_not_late_from_the_moment_it_begins(self, published):  # R25
        StockPublication.objects.update(truth_changed_at=timezone.now() - timedelta(days=9))
        row = sale(published, units=20)
        replan_next(published.hub, at=row.starts_at)

        assert StockPublication.objects.get(sku="MUG-1", warehouse_code="wh-leeds").truth_changed_at == row.starts_at

    def test_goes_back_at_once_when_a_person_ends_it(self, published):  # R26
        row = sale(published, units=20, starts_at=None)
        clock(published, timezone.now())
        lowered = shown(published)["wh-leeds"]
        end(row, by=person("mira"), reason="sale is over", at=timezone.now())
        clock(published, timezone.now())

        assert (lowered, shown(published)["wh-leeds"]) == (30, 50)

    def test_waits_while_its_integration_is_off(self, published):
        row = sale(published, units=20)
        published.integration.enabled = False
        published.integration.save()

        assert clock(published, row.starts_at) == 0
        assert StockReplan.objects.filter(due_at=row.starts_at).exists()


class TestPeakMode:
    def test_reads_stock_and_orders_faster_while_it_lasts(self, published):  # R9, R26
        row = sale(published, interval_s=15)
        Cursor.objects.update(started_at=row.starts_at - timedelta(seconds=20), value="")
        due = {moment: due_feeds(published.hub, moment) for moment in (row.starts_at - timedelta(seconds=1), row.starts_at)}
        Cursor.objects.update(started_at=row.ends_at - timedelta(seconds=20))

        assert "stock" not in due[row.starts_at - timedelta(seconds=1)]
        assert "stock" in due[row.starts_at]
        assert "stock" not in due_feeds(published.hub, row.ends_at)

    def test_reads_the_orders_of_its_channel_faster(self, published):  # R26
        row = sale(published, interval_s=15)
        Cursor.objects.get_or_create(connection=published.channel, feed="orders")
        Cursor.objects.update(started_at=row.starts_at - timedelta(seconds=20))

        assert "orders" in due_feeds(published.channel, row.starts_at)

    def test_never_slows_a_feed_down_nor_wakes_one_that_is_off(self, published):  # R9
        now, feed = timezone.now(), published.hub.vendor.feed("stock")
        paces = {(published.hub.pk, "stock"): 600}
        slow = stock_peak.interval_s(published.hub, feed, paces)
        published.hub.intervals = {"stock": 0}

        assert (slow, stock_peak.interval_s(published.hub, feed, paces)) == (120, 0)
        assert stock_peak.paces(now) == {}

    def test_leaves_the_full_reading_alone_where_there_is_a_faster_one(self, published):  # R17
        paces = {(published.hub.pk, "stock"): 15}

        assert stock_peak.interval_s(published.hub, published.hub.vendor.feed("snapshot"), paces) == 86_400

    def test_keeps_the_other_buffers_when_it_says_no_units(self, published):  # R26
        published.integration.buffer = 3
        published.integration.save()
        row = sale(published, interval_s=15, units=None)
        clock(published, row.starts_at)

        assert BufferBook.of(published.integration, row.starts_at).units("MUG-1") == 3


@pytest.mark.django_db
class TestSendingFiles:
    def test_goes_as_often_as_the_vendor_allows_and_no_faster(self):  # R26
        slow = Connection(system="mirakl", pk=1, options={"stock_every_s": "900"})
        paces = {(1, "sending"): 30}
        allowed_s = vendor("mirakl").stock_every_s
        gap = stock_peak.gap_with(paces, slow, 900.0)

        assert gap == max(30.0, allowed_s) < 900

    def test_takes_its_turn_sooner_in_peak_mode(self, corridor):  # R26
        Connection.objects.filter(pk=corridor.channel.pk).update(options={**corridor.channel.options, "stock_every_s": "900"})
        corridor.channel.refresh_from_db()
        now = timezone.now()
        corridor.read(corridor.hub, "stock")
        first = begin_turn(corridor.channel, at=now + timedelta(seconds=1))
        Cursor.objects.update(claimed_until=None)
        soon = now + timedelta(seconds=60)
        before = begin_turn(corridor.channel, at=soon)
        Buffer.objects.create(integration=corridor.integration, interval_s=15, ends_at=now + HOUR)

        assert (first, before, begin_turn(corridor.channel, at=soon)) == (True, False, True)
        assert OutboundMessage.objects.filter(state=State.QUEUED).exists()
