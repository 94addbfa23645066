"""The lean table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string

from portal.ui import samples

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def shown() -> str:
    return render_to_string("ui/table.html", {"table": samples.SampleTable(samples.orders(NOON))})


class TestLeanTable:
    def test_names_each_cell_for_the_telephone(self, shown):
        assert shown.count('data-label="Channel"') == len(samples.ORDERS)

    def test_aligns_numbers(self, shown):
        assert '<td role="cell" data-label="Lines" class="number">12</td>' in shown

    def test_keeps_its_roles_when_it_becomes_cards(self, shown):
        for role in ("table", "rowgroup", "row", "columnheader", "cell"):
            assert f'role="{role}"' in shown

    def test_shows_money_time_state_and_link(self, shown):
        assert "189.90 <abbr>GBP" in shown
        assert "<time datetime=" in shown
        assert "badge-wait" in shown
        assert '<a href="#UK-20418">UK-20418</a>' in shown

    def test_has_a_caption(self, shown):
        assert "<caption" in shown

    def test_that_is_empty_says_so(self):
        assert "Nothing here." in render_to_string("ui/table.html", {"table": samples.SampleTable([])})
