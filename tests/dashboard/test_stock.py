"""SKUs that need a look, and the search for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from exceptions.cases import CaseEntry, open_case
from portal.dashboard import stock
from portal.ledger.models import StockPublication
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World, ago

URL = "/stock/"


class TestTheStockPage:
    def test_is_closed_to_somebody_without_a_role(self, db: None, as_: As) -> None:
        assert as_("nell").get(URL).status_code == 403

    def test_is_calm_when_every_channel_shows_the_truth(self, world: World, as_: As) -> None:
        world.publication(confirmed=10)
        page = text(as_("mira").get(URL))
        assert "Nothing is sold that is not there." in page
        assert "No SKU is in this list." in page

    def test_begins_with_what_is_oversold(self, world: World, as_: As) -> None:  # R24
        oversold(world, "MUG-1")
        response = as_("cora").get(URL)
        assert "MUG-1 is oversold by 2." in text(response)
        assert 'href="/stock/MUG-1/"' in response.content.decode()

    def test_opens_the_tab_that_holds_something(self, world: World, as_: As) -> None:
        world.publication(confirmed=None, unknown_since=ago(hours=1))
        assert as_("mira").get(URL).context["tab"].name == "stranded"

    def test_goes_on_where_the_page_before_ended(self, world: World, as_: As) -> None:
        many(world, 60)
        client = as_("omar")
        first = client.get(URL, {"show": "late"})
        second = client.get(URL, {"show": "late", "cursor": first.context["page"].older})
        assert len(first.context["rows"]) == 50
        assert {row.sku for row, _ in first.context["rows"]}.isdisjoint({row.sku for row, _ in second.context["rows"]})

    def test_asks_the_same_number_of_queries_whatever_is_wrong(self, world: World, as_: As, django_assert_max_num_queries: Any) -> None:
        many(world, 60)
        for number in range(10):
            oversold(world, f"MUG-{number}")
        client = as_("omar")
        with django_assert_max_num_queries(11):
            assert client.get(URL).status_code == 200


class TestTheTabs:
    def test_hold_what_was_seen_shown_wrongly(self, world: World) -> None:  # R22
        world.publication(confirmed=9, differs_since=ago(minutes=5))
        assert str(stock.counts(timezone.now())["differs"]) == "1"

    def test_hold_what_is_late_only_after_its_window(self, world: World) -> None:  # R25
        world.publication("MUG-1", confirmed=None, minutes=20)
        world.publication("MUG-2", confirmed=3, minutes=40)
        rows = stock.page(stock.TABS[1], timezone.now(), cursor="").rows
        assert [row.sku for row in rows] == ["MUG-2"]

    def test_hold_what_the_channel_does_not_know_where_there_are_units(self, world: World) -> None:  # R23
        world.publication("MUG-1", 0, unknown_since=ago(hours=1))
        world.publication("MUG-2", 4, unknown_since=ago(hours=1))
        assert [row.sku for row in stock.stranded(timezone.now())] == ["MUG-2"]

    def test_stop_counting_at_a_thousand(self) -> None:
        assert [str(stock.Count(number)) for number in (7, 1000, 1001)] == ["7", "1,000", "1,000+"]


class TestTheSearch:
    def test_opens_a_sku_that_is_the_only_one(self, world: World, as_: As) -> None:
        world.level("MUG-1")
        assert as_("mira").get(URL, {"q": "MUG-1"}).url == "/stock/MUG-1/"

    def test_lists_skus_that_begin_with_it(self, world: World, as_: As) -> None:
        world.level("MUG-1", 10)
        world.level("MUG-1", 5, warehouse="venlo")
        world.level("MUG-2", 3)
        assert "MUG-1 15 2 MUG-2 3 1" in text(as_("mira").get(URL, {"q": "MUG-"}))

    def test_takes_capitals_for_a_difference(self, world: World, as_: As) -> None:
        world.level("MUG-1")
        assert "No such SKU" in text(as_("mira").get(URL, {"q": "mug-1"}))

    def test_opens_a_sku_with_a_slash(self, world: World, as_: As) -> None:
        world.level("MUG/1 L")
        client = as_("mira")
        assert client.get(client.get(URL, {"q": "MUG/1 L"}).url).status_code == 200


def oversold(world: World, sku: str) -> None:
    entry = CaseEntry(subject=f"sku:{world.hub.pk}:{sku}", label=sku, at=timezone.now())
    cause, evidence = f"{sku} is oversold by 2.", {"sku": sku}
    open_case("E23", fingerprint=f"oversold:{world.hub.pk}:{sku}", cause=cause, items=[entry], evidence=evidence, at=timezone.now())


def many(world: World, count: int) -> None:
    StockPublication.objects.bulk_create(
        StockPublication(
            connection=world.shop, integration=world.integration, sku=f"S-{n:03}", wanted=5, truth_changed_at=timezone.now() - timedelta(hours=1 + n)
        )
        for n in range(count)
    )
