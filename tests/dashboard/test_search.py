"""The one search box. R153"""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from portal.dashboard.search import LOOKS, find_orders
from portal.ledger.models import Stage
from tests.dashboard.conftest import As, text
from tests.dashboard.test_orders import many
from tests.dashboard.world import World

URL = "/search/"


@pytest.fixture
def shipped(world: World) -> World:
    """SO-10042 has shipped; SO-10043 waits."""
    world.ship(world.with_hub(world.order("SO-10042", Stage.SHIPPED)), tracking="JD77GB")
    world.order("SO-10043", lines=[("CAP-1", 1)], email="other@example.com", customer_reference="C-78")
    return world


class TestSearch:
    @pytest.mark.parametrize(
        "words",
        ["SO-10042", "so-10042", " SO-10042 ", "0042", "JD77GB", "jd77", "ct-SO-10042", "CT-SO-10042", "c-77", "Jane@Example.com", "MUG-1"],
    )
    def test_opens_the_only_order_that_fits(self, shipped: World, as_: As, words: str) -> None:
        response = as_("cora").get(URL, {"q": words})
        order = find_orders("SO-10042").only
        assert order is not None
        assert response.url == f"/orders/{order.pk}/"

    def test_lists_them_when_several_fit(self, shipped: World, as_: As) -> None:
        page = text(as_("cora").get(URL, {"q": "SO-1004"}))
        assert "SO-10042 number begins with this" in page
        assert "SO-10043 number begins with this" in page

    def test_opens_the_exact_number_though_others_begin_with_it(self, world: World) -> None:
        exact = world.order("SO-1")
        world.order("SO-10")
        assert find_orders("so-1").only == exact

    def test_takes_a_sku_exactly_as_typed(self, shipped: World) -> None:
        assert not find_orders("mug-1")

    @pytest.mark.parametrize("words", ["", "  ", "\0", "%", "_", "x" * 5000, "'; DROP TABLE", "ghost"])
    def test_finds_nothing_calmly(self, shipped: World, as_: As, words: str) -> None:
        assert as_("cora").get(URL, {"q": words}).status_code == 200
        assert not find_orders(words)

    def test_says_how_to_go_on_when_nothing_fits(self, shipped: World, as_: As) -> None:
        assert "Nothing found" in text(as_("cora").get(URL, {"q": "ghost"}))

    def test_is_closed_to_somebody_without_a_role(self, shipped: World, as_: As) -> None:
        assert as_("nell").get(URL, {"q": "SO-10042"}).status_code == 403

    def test_needs_two_statements(self, shipped: World) -> None:
        with CaptureQueriesContext(
            database,
        ) as queries:
            find_orders("SO-1004")
        assert len(queries) == 2

    def test_never_reads_all_orders(self, world: World) -> None:
        many(world, 3000)
        with database.cursor() as cursor:
            cursor.execute("ANALYZE ledger_salesorder")
        for look in LOOKS[:1] + LOOKS[4:6] + LOOKS[8:]:
            assert "Index" in look.find("M-1500@x").order_by()[:51].explain(), look.how
