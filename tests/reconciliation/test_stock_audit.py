"""What a channel shows against what was published to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.ledger.models import StockLevel, StockPublication
from portal.reconciliation.models import Audit
from portal.sync.models import Cursor, OutboundMessage
from tests.reconciliation.conftest import Sides


def shown(sides: Sides, sku: str, units: int) -> StockLevel:
    now = timezone.now()
    return StockLevel.objects.create(connection=sides.shop, sku=sku, warehouse_code="w", available=units, on_hand=units, changed_at=now)


@pytest.fixture
def published(sides: Sides) -> StockPublication:
    """Nine of CAP, confirmed an hour ago; the shop's stock was read whole since."""
    hour_ago = timezone.now() - timedelta(hours=1)
    return StockPublication.objects.create(
        integration=sides.integration, connection=sides.shop, sku="CAP", warehouse_code="w", wanted=9, confirmed=9, confirmed_at=hour_ago,
        truth_changed_at=hour_ago, reference="old-id",
    )  # fmt: skip


class TestTheStockAudit:
    def test_finds_nothing_where_the_channel_shows_what_it_was_told(self, sides: Sides, published: StockPublication):
        shown(sides, "CAP", 9)
        run = sides.run(Audit.STOCK)

        assert (run.compared, run.found) == (2, {})

    def test_sends_again_what_it_shows_otherwise(self, sides: Sides, published: StockPublication):  # R16, R22
        shown(sides, "CAP", 4)
        run = sides.run(Audit.STOCK)

        published.refresh_from_db()
        assert (run.found, run.corrected) == ({"shows another level": 1}, 1)
        assert published.differs_since is not None
        assert OutboundMessage.objects.get().kind == "publish_stock"

    def test_leaves_what_is_still_on_its_way(self, sides: Sides, published: StockPublication):
        StockPublication.objects.update(confirmed=3)
        shown(sides, "CAP", 3)

        assert sides.run(Audit.STOCK).found == {}

    def test_makes_anew_an_entry_the_channel_lost(self, sides: Sides, published: StockPublication):  # R16
        run = sides.run(Audit.STOCK)

        published.refresh_from_db()
        assert (run.found, run.corrected) == ({"shows no level": 1}, 1)
        assert (published.reference, published.confirmed) == ("", None)

    def test_counts_levels_nobody_here_published(self, sides: Sides):
        shown(sides, "ALIEN", 5)
        shown(sides, "EMPTY", 0)

        assert sides.run(Audit.STOCK).found == {"shown, but not published from here": 1}

    def test_waits_for_a_whole_reading(self, sides: Sides):
        Cursor.objects.filter(feed="snapshot").delete()

        assert sides.run(Audit.STOCK).note == "The stock that Shop UK shows has not been read to its end yet."
