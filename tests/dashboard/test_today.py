"""The home page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.utils import timezone

from portal.dashboard import today
from portal.dashboard.day_chart import draw
from portal.dashboard.flows import connections
from portal.ledger.expect import beat
from portal.ledger.models import OPEN_STAGES, SalesOrder, Shipment, Stage
from tests.dashboard.conftest import As, text
from tests.dashboard.test_orders import many
from tests.dashboard.world import World


@pytest.fixture
def afternoon() -> Iterator[None]:
    with time_machine.travel("2026-03-04 15:30:00+00:00", tick=False):
        yield


class TestTheTodayPage:
    def test_is_closed_to_somebody_without_a_role(self, db: None, as_: As) -> None:
        assert as_("nell").get("/").status_code == 403

    def test_is_calm_when_nothing_needs_a_human(self, world: World, as_: As) -> None:
        page = text(as_("cora").get("/"))
        assert "No case waits for you or your teams." in page
        assert "Nothing waits" in page

    def test_begins_with_the_cases_of_my_teams(self, world: World, as_: As) -> None:  # R155
        world.case(world.order("SO-1"), "E03", "The street is missing.")
        world.case(world.order("SO-2"), "E16")
        page = text(as_("cora").get("/"))
        assert "1 for you; 2 in all: CX 1, Operations 1" in page
        assert "The street is missing." in page
        assert "has no code in Veeqo Leeds" not in page

    def test_shows_an_auditor_every_team(self, world: World, as_: As) -> None:
        world.case(world.order("SO-1"), "E03", "The street is missing.")
        assert "1 for you" in text(as_("aldo").get("/"))

    def test_asks_the_same_number_of_queries_whatever_the_day(self, world: World, as_: As, django_assert_max_num_queries: Any) -> None:
        many(world, 40)
        for number in range(12):
            world.case(world.order(f"SO-{number}"), "E03", "The street is missing.")
        client = as_("cora")
        with django_assert_max_num_queries(18):
            assert client.get("/").status_code == 200

    def test_refreshes_its_numbers_without_the_rest_of_the_page(self, world: World, as_: As) -> None:
        body = as_("cora").get("/today/live/").content.decode()
        assert body.strip().startswith('<div id="today-live"')
        assert "<html" not in body


@pytest.mark.usefixtures("afternoon")
class TestTheDay:
    """R70"""

    def test_counts_orders_not_calls(self, world: World) -> None:
        world.order("SO-1", Stage.IGNORED)
        hub_order = world.with_hub(world.order("SO-2"))
        world.ship(hub_order, lines=[("MUG-1", 1)], tracking="A", minutes=90)
        world.ship(hub_order, lines=[("MUG-1", 1)], tracking="B", minutes=10)
        day = today.day(timezone.now())
        assert (day.orders_in, day.orders_out) == (1, 1)

    def test_begins_at_the_readers_midnight(self, world: World) -> None:
        world.order("SO-1", minutes=60 * 16)  # 23:30 UTC the day before, 00:30 in Berlin
        with timezone.override("Europe/Berlin"):
            assert today.day(timezone.now()).orders_in == 1
        assert today.day(timezone.now()).orders_in == 0

    def test_draws_every_hour_so_far(self, world: World) -> None:
        world.order("SO-1", minutes=60)
        day = today.day(timezone.now())
        assert day.rows[-3:] == [("13:00", 0, 0), ("14:00", 1, 0), ("15:00", 0, 0)]
        assert len(day.rows) == 16
        drawn = [bar for bar in draw(day).bars if bar.height]
        assert [(bar.title, bar.height, bar.tone) for bar in drawn] == [("14:00: 1 in", 70.0, "total")]

    def test_leaves_out_what_the_warehouse_took_back(self, world: World) -> None:
        shipment = world.ship(world.with_hub(world.order("SO-1")))
        Shipment.objects.filter(pk=shipment.pk).update(cancelled_at=timezone.now())
        assert today.day(timezone.now()).orders_out == 0


class TestTheBacklog:
    """R156"""

    def test_tells_the_oldest_of_each_stage(self, world: World) -> None:
        world.order("SO-1", Stage.HELD, minutes=50)
        oldest = world.order("SO-2", Stage.HELD, minutes=90)
        world.order("SO-3", Stage.DONE)
        (held,) = today.backlog(timezone.now())
        assert (held.stage, held.number, held.oldest_at) == (Stage.HELD, 2, oldest.stage_at)

    def test_stalls_when_the_oldest_waits_longer_than_it_may(self, world: World, as_: As) -> None:
        world.order("SO-1", Stage.QUEUED, minutes=20)
        assert not today.backlog(timezone.now())[0].stalls
        world.order("SO-2", Stage.QUEUED, minutes=45)
        assert today.backlog(timezone.now())[0].stalls
        assert "stalls" in text(as_("omar").get("/"))

    def test_has_a_limit_for_every_open_stage(self) -> None:
        assert set(today.LIMITS) == set(OPEN_STAGES)

    def test_is_counted_along_its_index(self, world: World) -> None:
        many(world, 3000)
        with database.cursor() as cursor:
            cursor.execute("ANALYZE ledger_salesorder")
        rows = SalesOrder.objects.filter(stage__in=[stage.value for stage in OPEN_STAGES]).order_by().values("stage")
        assert "order_open_stage" in rows.explain()


@pytest.mark.usefixtures("afternoon")
class TestLatency:
    def test_is_measured_from_ready_to_sent(self, world: World) -> None:
        order = world.order("SO-1")
        world.message(order, created_at=order.seen_at, sent_at=order.seen_at + timedelta(seconds=90))
        first = today.latencies(timezone.now())[0]
        assert (first.number, first.usual, first.slow) == (1, "1 min", "1 min")

    def test_of_nothing_is_a_dash(self, world: World) -> None:
        assert [one.usual for one in today.latencies(timezone.now())] == ["–", "–", "–"]

    def test_tells_the_slow_ones_apart(self, world: World) -> None:
        hub_order = world.with_hub(world.order("SO-1"))
        for number in range(20):
            shipment = world.ship(hub_order, tracking=f"T{number}", minutes=120)
            Shipment.objects.filter(pk=shipment.pk).update(shown_at=shipment.shipped_at + timedelta(minutes=40 if number == 0 else 2))
        shown = today.latencies(timezone.now())[1]
        assert (shown.usual, shown.slow) == ("2 min", "40 min")


class TestConnections:
    def test_put_the_troubled_ones_first(self, world: World) -> None:
        world.hub.health = "down"
        world.hub.save()
        assert [one.connection.name for one in connections(timezone.now())] == ["Veeqo Leeds", "Shop UK"]

    def test_name_a_flow_that_has_gone_silent(self, world: World, as_: As) -> None:
        beat("poll:1:orders", at=timezone.now() - timedelta(minutes=20), every_s=300, label="Shop UK: orders", connection=world.shop)
        beat("poll:1:stock", at=timezone.now(), every_s=300, label="Shop UK: stock", connection=world.shop)
        shop = next(one for one in connections(timezone.now()) if one.connection == world.shop)
        assert [flow.label for flow in shop.silent] == ["orders"]
        assert "silent orders: last 20 min ago" in text(as_("ada").get("/"))
