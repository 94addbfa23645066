"""The truth of one SKU through time. A7"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from mappings.models import SkuMapping
from portal.dashboard.stock_chart import Drawing, draw
from portal.dashboard.stock_item import ItemAtHub, items_of
from portal.dashboard.stock_names import names_of
from portal.dashboard.stock_timeline import happened, levels, published
from portal.ledger.models import SalesOrder, Stage
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World

URL = "/stock/MUG-1/"


def item(sku: str = "MUG-1", *, days: float = 1) -> ItemAtHub:
    at = timezone.now()
    (only,) = items_of(names_of(sku, at=at), since=at - timedelta(days=days), at=at)
    return only


def units(steps: list[Any]) -> list[int]:
    return [number for _, number in steps]


class TestTheItemPage:
    def test_is_closed_to_somebody_without_a_role(self, world: World, as_: As) -> None:
        assert as_("nell").get(URL).status_code == 403

    def test_says_that_nobody_knows_the_sku(self, world: World, as_: As) -> None:
        assert "Nothing is known of this SKU" in text(as_("mira").get("/stock/GHOST/"))

    def test_shows_the_same_in_the_chart_and_in_the_table(self, world: World, as_: As) -> None:
        world.level(available=8)
        world.changed(10, 8, minutes=60)
        world.push(world.publication(wanted=8, confirmed=8), 8, truth=60, confirmed=58)
        response = as_("mira").get(URL)
        assert "<polyline" in response.content.decode()
        page = text(response)
        assert "Veeqo Leeds (leeds): 10 → 8 free, 8 on hand" in page
        assert "Shop UK shows 8 units in time 2 min after the stock changed" in page

    def test_asks_the_same_number_of_queries_however_much_happened(self, world: World, as_: As, django_assert_max_num_queries: Any) -> None:
        busy(world)
        client = as_("omar")
        with django_assert_max_num_queries(19):
            assert client.get(URL).status_code == 200

    def test_finds_the_sku_by_either_sides_name(self, world: World, as_: As) -> None:
        world.level("V-MUG")
        SkuMapping.objects.create(integration=world.integration, channel_sku="MUG-1", hub_sku="V-MUG")
        for url in (URL, "/stock/V-MUG/"):
            assert "Shop UK calls it MUG-1 , Veeqo Leeds calls it V-MUG" in text(as_("mira").get(url))


class TestTheLevels:
    def test_begin_with_the_state_before_the_period(self, world: World) -> None:
        world.level(available=7)
        world.changed(0, 12, minutes=60 * 30)
        world.changed(12, 7, minutes=60)
        truth = levels(item())
        assert (units(truth.available), units(truth.on_hand)) == ([12, 7], [12, 7])

    def test_add_up_over_the_warehouses(self, world: World) -> None:
        world.level(available=7)
        world.level(available=3, warehouse="venlo")
        world.changed(12, 7, minutes=60)
        world.changed(5, 3, minutes=30, warehouse="venlo")
        assert units(levels(item()).available) == [17, 12, 10]

    def test_leave_on_hand_out_until_every_warehouse_has_told_it(self, world: World) -> None:
        world.level(available=7)
        world.changed(12, 7, minutes=60)
        assert units(levels(item()).on_hand) == [7]


class TestWhatAChannelShowed:
    def test_is_each_confirmed_level_at_its_moment(self, world: World) -> None:
        row = world.publication(wanted=7, confirmed=7)
        world.push(row, 9, truth=90, confirmed=88)
        world.push(row, 7, truth=60, confirmed=50)
        assert units(published(item())["Shop UK"]) == [9, 7]

    def test_includes_what_it_was_seen_to_show(self, world: World) -> None:
        row = world.publication(wanted=7, confirmed=7)
        world.push(row, 7, truth=90, confirmed=88)
        world.changed(7, 4, minutes=30, warehouse="", connection=world.shop)
        assert units(published(item())["Shop UK"]) == [7, 4]
        assert "Shop UK was seen to show 4 units" in [one.what for one in happened(item())]

    def test_is_the_last_confirmed_level_when_nothing_was_sent(self, world: World) -> None:
        world.publication(wanted=7, confirmed=7)
        assert units(published(item())["Shop UK"]) == [7]


class TestTheLag:
    def test_explains_an_order_sold_on_an_old_level(self, world: World) -> None:
        """“oversold here because this push took 45 min”"""
        world.level(available=0)
        world.push(world.publication(wanted=0, confirmed=0), 0, truth=60, confirmed=15)
        world.order("SO-1", minutes=30)
        sold = next(one for one in happened(item()) if one.kind == "order")
        assert (sold.word, sold.note) == ("sold on an old level", "The channel still showed the level before: that push took 45 min.")
        assert sold.tone == "bad"

    def test_excuses_an_order_sold_on_the_right_level(self, world: World) -> None:
        world.push(world.publication(wanted=5, confirmed=5), 5, truth=60, confirmed=58)
        world.order("SO-1", minutes=30)
        assert next(one for one in happened(item()) if one.kind == "order").note == ""

    def test_is_drawn_from_the_change_to_the_confirmation(self, world: World) -> None:
        world.push(world.publication(wanted=0, confirmed=0), 0, truth=12 * 60, confirmed=6 * 60)
        (span,) = drawing().spans
        assert span.tone == "bad"
        assert round(span.width / (950 - 48), 2) == 0.25

    def test_runs_on_while_nothing_is_confirmed(self, world: World) -> None:
        world.push(world.publication(wanted=3), 3, truth=10, confirmed=None)
        (push,) = item().pushes
        assert push.is_open
        assert not push.is_late


class TestTheDrawing:
    def test_keeps_every_line_inside_its_frame(self, world: World) -> None:
        busy(world)
        for line in drawing().lines:
            for point in line.points.split():
                x, y = map(float, point.split(","))
                assert 48 <= x <= 950
                assert 12 <= y <= 212

    def test_shows_stock_below_zero(self, world: World) -> None:
        world.level(available=-3)
        assert drawing().zero < 212

    def test_tells_its_lines_apart_without_colour(self, world: World) -> None:
        busy(world)
        looks = [(line.tone, line.dashes) for line in drawing().lines]
        assert len(set(looks)) == len(looks) == 3


def drawing() -> Drawing:
    return draw(item())


def busy(world: World) -> None:
    world.level(available=1)
    row = world.publication(wanted=1, confirmed=1)
    for number in range(40):
        world.changed(41 - number, 40 - number, minutes=60 * 20 - number * 20)
        world.push(row, 40 - number, truth=60 * 20 - number * 20, confirmed=60 * 20 - number * 20 - 2)
    for number in range(10):
        world.order(f"SO-{number}", Stage.DONE, minutes=60 + number)
    assert SalesOrder.objects.count() == 10
