"""The oversell-risk meter of a SKU. A8"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.dashboard.stock_risk import Risk, most_within
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World

NOON = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)


def at(minutes: float, units: int) -> tuple[datetime, int]:
    return NOON + timedelta(minutes=minutes), units


class TestTheDemandDuringALag:
    @pytest.mark.parametrize(("sales", "most"), [([], 0), ([at(0, 2)], 2), ([at(9, 3), at(0, 2), at(1, 2)], 4), ([at(0, 2), at(2, 1), at(4, 9)], 10)])
    def test_is_the_most_within_any_such_span(self, sales, most: int) -> None:  # A8
        assert most_within(sales, timedelta(minutes=2)) == most


class TestTheMeter:
    @pytest.mark.parametrize(("available", "kept", "tone"), [(4, 0, "bad"), (20, 2, "wait"), (20, 5, "good")])
    def test_weighs_demand_against_what_is_left(self, available: int, kept: int, tone: str) -> None:  # A8
        assert Risk(timedelta(minutes=2), 5, available, kept).tone == tone

    def test_stands_on_the_page_of_the_sku_with_its_proposal(self, world: World, as_: As) -> None:  # A8
        world.level(available=8)
        row = world.publication(wanted=8, confirmed=8)
        world.push(row, 8, truth=30, confirmed=26)
        world.order("SO-1", lines=[("MUG-1", 3)], minutes=20)
        page = text(as_("mira").get("/stock/MUG-1/"))

        assert "may be oversold near the end" in page
        assert "A buffer of 3 would cover it; it would keep back 3 instead of 0 at each place." in page

    def test_says_nothing_before_anything_was_measured(self, world: World, as_: As) -> None:
        world.level(available=8)

        assert "Oversell risk" not in text(as_("mira").get("/stock/MUG-1/"))
