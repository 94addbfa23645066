"""The list of orders."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from portal.dashboard.orders import OrderFilter, store_codes
from portal.ledger.models import SalesOrder, Stage
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World

URL = "/orders/"


def numbers(response: Any) -> list[str]:
    return [row.record.number for row in response.context["table"].rows]


class TestTheList:
    def test_is_closed_to_somebody_without_a_role(self, db: None, as_: As) -> None:
        assert as_("nell").get(URL).status_code == 403

    def test_says_that_nothing_has_arrived_yet(self, db: None, as_: As) -> None:
        assert "No channel has sent an order so far." in text(as_("cora").get(URL))

    def test_begins_with_the_newest(self, world: World, as_: As) -> None:
        world.order("SO-1", minutes=90)
        world.order("SO-2", minutes=30)
        assert numbers(as_("cora").get(URL)) == ["SO-2", "SO-1"]

    def test_begins_with_the_longest_waiting_when_asked(self, world: World, as_: As) -> None:
        world.order("SO-1", minutes=30)
        world.order("SO-2", minutes=90)
        assert numbers(as_("cora").get(URL, {"order": "waiting"})) == ["SO-2", "SO-1"]

    def test_asks_only_what_is_not_finished_how_long_it_waits(self, world: World, as_: As) -> None:
        world.order("SO-1", Stage.DONE, minutes=90)
        world.order("SO-2", Stage.DONE, minutes=30)
        world.order("SO-3", Stage.HELD, minutes=60)
        client = as_("cora")
        assert numbers(client.get(URL, {"order": "waiting"})) == ["SO-3"]
        assert numbers(client.get(URL, {"order": "waiting", "stage": "done"})) == ["SO-2", "SO-1"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"stage": "blocked"}, ["SO-1"]),
            ({"stage": "open"}, ["SO-2", "SO-1"]),
            ({"store": "eu"}, ["SO-3"]),
            ({"stage": "nonsense"}, ["SO-3", "SO-2", "SO-1"]),
        ],
    )
    def test_is_narrowed(self, world: World, as_: As, query: dict[str, str], expected: list[str]) -> None:
        world.order("SO-1", Stage.BLOCKED, minutes=90)
        world.order("SO-2", Stage.QUEUED, minutes=60)
        world.order("SO-3", Stage.DONE, minutes=30, store_code="eu")
        assert numbers(as_("cora").get(URL, query)) == expected

    def test_is_narrowed_to_a_channel(self, world: World, as_: As) -> None:
        world.order("SO-1")
        assert numbers(as_("cora").get(URL, {"connection": world.shop.pk})) == ["SO-1"]
        assert [str(label) for _, label in OrderFilter({}).fields["connection"].choices] == ["every channel", "Shop UK"]

    def test_goes_on_where_the_page_before_ended(self, world: World, as_: As) -> None:
        many(world, 60)
        client = as_("cora")
        first = client.get(URL)
        second = client.get(URL, {"cursor": first.context["page"].older})
        assert len(numbers(first)) == 50
        assert len({*numbers(first), *numbers(second)}) == 60

    def test_refuses_a_broken_cursor(self, world: World, as_: As) -> None:
        assert as_("cora").get(URL, {"cursor": "nonsense"}).status_code == 400

    def test_asks_the_same_queries_for_fifty_orders_as_for_one(self, world: World, as_: As, django_assert_max_num_queries: Any) -> None:
        many(world, 50)
        client = as_("cora")
        with django_assert_max_num_queries(6):
            assert client.get(URL).status_code == 200


class TestStores:
    def test_are_walked_along_the_index(self, world: World) -> None:
        for number, store in enumerate(["uk", "", "eu", "uk"]):
            world.order(f"SO-{number}", store_code=store)
        assert store_codes() == ["eu", "uk"]


class TestEveryQuery:
    """With a million orders nothing may read them all."""

    @pytest.mark.parametrize(
        ("query", "index"),
        [
            ({}, "order_placed"),
            ({"stage": "cancelled"}, "order_stage_placed"),
            ({"store": "eu"}, "order_store_placed"),
        ],
    )
    def test_walks_an_index(self, world: World, query: dict[str, str], index: str) -> None:
        many(world, 3000)
        world.order("SO-1", Stage.CANCELLED, store_code="eu")
        with database.cursor() as cursor:
            cursor.execute("ANALYZE ledger_salesorder")
        rows = OrderFilter(query)._fitting().order_by("-placed_at", "-id")[:51]
        assert index in rows.explain()


def many(world: World, count: int) -> None:
    at = timezone.now()
    SalesOrder.objects.bulk_create(
        SalesOrder(
            connection=world.shop, integration=world.integration, reference=f"m-{n}", number=f"M-{n}", number_key=f"M-{n}",
            number_reversed=f"M-{n}"[::-1], version="1", state="open", payment_state="paid", stage="done", currency="GBP", total=1, store_code="uk",
            placed_at=at - timedelta(minutes=n), changed_at=at,
        )
        for n in range(count)
    )  # fmt: skip


class TestAnOrderThatShippedAndIsStillOpenOnTheChannel:
    def test_carries_a_mark(self, world: World, as_: As) -> None:  # R71
        world.order("SO-1", Stage.DONE)
        world.order("SO-2", Stage.DONE, state="shipped")

        assert text(as_("cora").get(URL)).count("shipped, channel knows still open on the channel") == 1

    def test_has_a_filter(self, world: World, as_: As) -> None:  # R71
        world.order("SO-1", Stage.WITH_HUB)
        world.order("SO-2", Stage.SHIPPED)
        world.order("SO-3", Stage.DONE, state="complete")

        assert numbers(as_("finn").get(URL, {"stage": "still_open"})) == ["SO-2"]

    def test_is_marked_in_the_file(self, world: World, as_: As) -> None:  # R71
        world.order("SO-1", Stage.DONE)
        world.order("=2", Stage.WITH_HUB)
        body = b"".join(as_("finn").get("/orders.csv").streaming_content).decode()
        rows = {row["order"]: row["on_the_channel"] for row in csv.DictReader(body.splitlines())}

        assert rows == {"SO-1": "still open on the channel", "'=2": "open"}

    @pytest.mark.parametrize(("username", "status"), [("finn", 200), ("cora", 200), ("mira", 200), ("nell", 403)])
    def test_is_in_a_file_for_those_who_may_export(self, world: World, as_: As, username: str, status: int) -> None:
        assert as_(username).get("/orders.csv").status_code == status
