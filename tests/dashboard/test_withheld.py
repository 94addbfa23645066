"""What buffers keep back, in units and in money."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from portal.connections.models import Connection, Integration
from portal.dashboard.withheld import totals
from portal.ledger.models import Buffer, CatalogueItem
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World

URL, FILE = "/stock/withheld/", "/stock/withheld.csv"


@pytest.fixture
def kept(world: World) -> World:
    """MUG-1 by a class and with a price of the catalogue, TEE-1 by the integration's own number, with the price of its sale."""
    mugs = Buffer.objects.create(integration=world.integration, pattern="MUG-*", units=4)
    CatalogueItem.objects.create(connection=world.shop, reference="1", sku="MUG-1", price=Decimal("12.50"), currency="GBP")
    world.order("SO-1", lines=(("TEE-1", 2),))
    world.publication("MUG-1", 6, withheld=4, buffer=mugs)
    world.publication("TEE-1", 7, withheld=3)
    return world


def in_euro(world: World) -> None:
    shop = Connection.objects.create(name="Shop FR", system="commercetools", base_url="https://fr.example.test", account="fr")
    other = Integration.objects.create(name="FR to Leeds", channel=shop, hub=world.hub)
    CatalogueItem.objects.create(connection=shop, reference="1", sku="MUG-1", price=Decimal("15"), currency="EUR")
    world.publication("MUG-1", 8, withheld=2, connection=shop, integration=other)


class TestWhatIsKeptBack:
    def test_is_counted_by_channel(self, kept: World) -> None:  # R12
        [channel], _ = totals()

        assert (channel.label, channel.units, channel.value) == ("Shop UK", 7, {"GBP": Decimal("80.00")})

    def test_is_counted_by_class(self, kept: World) -> None:  # R12
        _, classes = totals()

        assert [(one.label, one.units) for one in classes] == [("MUG-*", 4), ("its own number for every SKU", 3)]

    def test_is_never_added_up_across_currencies(self, kept: World) -> None:  # R12
        in_euro(kept)
        channels, _ = totals()

        assert {one.label: one.value for one in channels} == {"Shop UK": {"GBP": Decimal("80.00")}, "Shop FR": {"EUR": Decimal("30.00")}}

    def test_says_of_which_units_no_price_is_known(self, kept: World) -> None:  # R12
        kept.publication("HAT-1", 1, withheld=5)
        [channel], _ = totals()

        assert (channel.units, channel.unpriced) == (12, 5)

    def test_stands_on_a_page_with_its_source(self, kept: World, as_: As) -> None:  # R12
        page = text(as_("finn").get(URL))

        assert "50.00 GBP catalogue" in page and "30.00 GBP newest sale" in page

    def test_is_nothing_to_worry_about_when_it_is_nothing(self, world: World, as_: As) -> None:
        assert "Nothing is kept back" in text(as_("finn").get(URL))


class TestTheFile:
    def test_has_every_sku(self, kept: World, as_: As) -> None:  # R12
        body = b"".join(as_("finn").get(FILE).streaming_content).decode()
        rows = list(csv.DictReader(body.splitlines()))

        assert [(row["sku"], row["withheld"], row["currency"], row["buffer"]) for row in rows] == [
            ("MUG-1", "4", "GBP", "MUG-*"), ("TEE-1", "3", "GBP", "its own number"),
        ]  # fmt: skip

    def test_holds_nothing_a_spreadsheet_would_run(self, kept: World, as_: As) -> None:
        kept.publication("=SUM(A1)", 1, withheld=1)

        assert b"'=SUM(A1)" in b"".join(as_("finn").get(FILE).streaming_content)

    @pytest.mark.parametrize(("username", "status"), [("finn", 200), ("omar", 200), ("cora", 403), ("nell", 403)])
    def test_is_for_those_who_may_export(self, kept: World, as_: As, username: str, status: int) -> None:
        assert as_(username).get(FILE).status_code == status
