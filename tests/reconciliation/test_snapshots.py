"""Full readings correct what the deltas missed, and say how much that was. R16, R17"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from connectors.canonical import StockLevel as Level
from connectors.ports import Priority
from connectors.registry import vendors
from portal.connections.connect import connect
from portal.ledger.models import StockChange, StockLevel
from portal.reconciliation.models import Audit, Run
from portal.sync.models import Cursor
from tests.corridor import Corridor, control, run_simulators

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def simulators():
    yield from run_simulators()


@pytest.fixture
def read(db, simulators) -> Corridor:
    corridor = Corridor(*simulators)
    corridor.read(corridor.hub, "snapshot")
    corridor.send()
    return corridor


def last(corridor: Corridor) -> Run:
    return Run.objects.filter(audit=Audit.SNAPSHOT, connection=corridor.hub).latest("pk")


class TestAFullReading:
    def test_compares_and_corrects_nothing_the_first_time(self, read):
        run = last(read)

        assert (run.compared, run.corrected, run.note) == (3, 0, "The first reading; there was nothing to correct.")

    def test_counts_the_skus_it_corrected(self, read):  # R16
        StockLevel.objects.filter(sku="MUG-1").update(available=1)
        read.read(read.hub, "snapshot")

        run = last(read)
        assert (run.compared, run.corrected, run.found) == (3, 1, {"SKUs the ledger had wrong": 1})
        assert StockLevel.objects.filter(sku="MUG-1", available=50).exists()

    def test_makes_a_level_it_lists_no_more_nothing(self, read):  # R16
        product = connect(read.hub).find_variants("MUG-1")[0].product_reference
        connect(read.hub).client.call("DELETE", f"/products/{product}")
        read.read(read.hub, "snapshot")
        read.send()

        assert set(StockLevel.objects.filter(sku="MUG-1").values_list("available", flat=True)) == {0}
        assert StockChange.objects.filter(sku="MUG-1", available=0, source="snapshot").exists()
        [shown] = [one for one in connect(read.channel).read_stock(["MUG-1"]) if isinstance(one, Level) and one.warehouse_code == "wh-leeds"]
        assert (shown.on_hand, last(read).found) == (0, {"SKUs listed no more": 1})

    def test_brings_back_a_level_that_was_gone(self, read):
        StockLevel.objects.create(connection=read.hub, sku="OLD", warehouse_code="1", available=1, changed_at=timezone.now(), seen_at=LONG_AGO)
        StockLevel.objects.filter(sku="MUG-1").update(available=0, gone_at=timezone.now(), changed_at=timezone.now())
        read.read(read.hub, "snapshot")

        assert StockLevel.objects.filter(sku="MUG-1", available=50, gone_at=None).exists()
        assert StockLevel.objects.get(sku="OLD").gone_at is not None

    def test_takes_nothing_away_when_it_listed_nothing(self, read):
        control(read.warehouse, "reset")
        read.read(read.hub, "snapshot")

        assert not StockLevel.objects.filter(gone_at__isnull=False).exists()
        assert last(read).note == "It listed nothing at all, so nothing was taken away."

    def test_that_was_interrupted_counts_on(self, read):
        Cursor.objects.filter(feed="snapshot").update(value='{"started": "2026-01-01T00:00:00Z"}', compared=7, corrected=2)
        read.read(read.hub, "snapshot")

        assert (last(read).compared, last(read).corrected) == (10, 2)

    def test_is_paced_behind_orders_at_every_vendor(self):  # R17
        full = [feed for vendor in vendors() for feed in vendor.feeds if feed.full]

        assert full
        assert {feed.priority for feed in full} == {Priority.BULK}
