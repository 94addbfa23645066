"""Systems of record. R6"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal.dashboard.ownership import Owned, ownership
from portal.ledger.expect import beat
from portal.sync.models import Cursor
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World

URL = "/systems/"


def row(label: str) -> Owned:
    (only,) = ownership(timezone.now())
    return next(one for one in only.rows if one.label == label)


class TestTheOwnershipPage:
    def test_is_closed_to_somebody_without_a_role(self, world: World, as_: As) -> None:
        assert as_("nell").get(URL).status_code == 403

    def test_names_owner_and_direction_of_every_kind_of_data(self, world: World, as_: As) -> None:
        page = text(as_("aldo").get(URL))
        for told in ("Orders Shop UK Shop UK → Veeqo Leeds", "Dispatch and tracking Veeqo Leeds Veeqo Leeds → Shop UK", "Stock Veeqo Leeds"):
            assert told in page
        for label in ("Acceptance", "Catalogue", "Returns", "Refunds", "Payouts"):
            assert label in page

    def test_asks_the_same_queries_for_ten_integrations(self, world: World, as_: As, django_assert_max_num_queries: Any) -> None:
        for number in range(10):
            world.integration.pk, world.integration.name = None, f"again {number}"
            world.integration.save()
        client = as_("ada")
        with django_assert_max_num_queries(6):
            assert client.get(URL).status_code == 200


class TestTheLastGoodSync:
    def test_is_the_newest_reading_of_any_of_its_feeds(self, world: World) -> None:
        Cursor.objects.create(connection=world.hub, feed="stock", done_at=timezone.now() - timedelta(minutes=1))
        beat(f"poll:{world.hub.pk}:snapshot", at=timezone.now() - timedelta(hours=4), every_s=300, connection=world.hub)
        stock = row("Stock")
        assert (stock.word, stock.every_s) == ("in time", 120)

    def test_is_silence_after_three_missed_readings(self, world: World) -> None:
        Cursor.objects.create(connection=world.hub, feed="stock", done_at=timezone.now() - timedelta(minutes=10))
        assert (row("Stock").word, row("Stock").tone) == ("silent", "bad")

    def test_has_never_been_before_the_first(self, world: World) -> None:
        assert row("Orders").word == "never yet"

    def test_is_not_asked_of_what_is_switched_off(self, world: World) -> None:
        world.integration.mode = "fetch"
        world.integration.save()
        assert (row("Orders").word, row("Orders").note, row("Orders").way) == ("off", "not exported", "–")
        assert row("Acceptance").note == "this channel's orders need no acceptance"


class TestTheProductMaster:
    def test_decides_the_way_of_the_catalogue(self, world: World) -> None:
        ways = {}
        for master in ("channel", "hub", "external"):
            world.integration.product_master = master
            world.integration.save()
            ways[master] = (row("Catalogue").owner, row("Catalogue").way)
        assert ways == {
            "channel": ("Shop UK", "Shop UK → Veeqo Leeds"),
            "hub": ("Veeqo Leeds", "Veeqo Leeds → Shop UK"),
            "external": ("another system", "to Shop UK and Veeqo Leeds, not through here"),
        }
