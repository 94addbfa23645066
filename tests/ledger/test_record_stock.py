"""Levels and catalogues: the newest observation, and the timeline of what changed (A7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.canonical import StockLevel, Variant
from portal.ledger import models
from portal.ledger.record_catalogue import differing_variants, record_variant
from portal.ledger.record_stock import differing_levels, record_level
from tests.ledger.orders import NOON, a_connection, later

LEVEL = StockLevel("MUG-1", "leeds", 5, on_hand=7, changed_at=NOON)
MUG = Variant("v1", "p1", "MUG-1", "1", title="Mug", changed_at=NOON)


@pytest.fixture
def hub(db):
    return a_connection("Warehouse", "veeqo")


def level(hub, seen=LEVEL, source="poll"):
    return record_level(seen, connection=hub, source=source, at=later(3600))


class TestALevel:
    def test_is_new_then_the_same_then_another(self, hub):
        found = [level(hub), level(hub), level(hub, replace(LEVEL, available=3, changed_at=later()))]

        assert [(one.before, one.changed) for one in found] == [(None, True), (5, False), (5, True)]

    def test_leaves_a_trace_of_every_change(self, hub):  # A7
        level(hub)
        level(hub, replace(LEVEL, available=3, changed_at=later()), source="event")

        assert list(models.StockChange.objects.order_by("pk").values_list("before", "available", "source")) == [(None, 5, "poll"), (5, 3, "event")]

    def test_of_an_older_moment_changes_nothing(self, hub):
        level(hub, replace(LEVEL, changed_at=later()))

        assert not level(hub, replace(LEVEL, available=1)).changed
        assert models.StockLevel.objects.get().available == 5

    def test_may_be_below_nothing(self, hub):  # oversold in the warehouse's own books
        assert level(hub, replace(LEVEL, available=-4)).level.available == -4

    def test_is_kept_by_place(self, hub):  # R20
        level(hub)
        level(hub, replace(LEVEL, warehouse_code="venlo"))

        assert models.StockLevel.objects.count() == 2

    def test_differs_only_where_something_watched_does(self, hub):  # R16
        level(hub)
        other = replace(LEVEL, sku="TEE-1")
        lower = replace(LEVEL, available=4)

        assert differing_levels([LEVEL], connection=hub, at=later()) == set()
        assert differing_levels([lower, other], connection=hub, at=later()) == {("MUG-1", "leeds"), ("TEE-1", "leeds")}


def item(hub, seen=MUG):
    return record_variant(seen, connection=hub, at=later(3600))


class TestAnItem:
    def test_whose_sku_was_edited_keeps_both_names(self, hub):  # R73, R75
        item(hub)
        recorded = item(hub, replace(MUG, sku="MUG-2", changed_at=later()))

        change = models.SkuChange.objects.get()
        assert (recorded.old_sku, change.old, change.new, models.CatalogueItem.objects.count()) == ("MUG-1", "MUG-1", "MUG-2", 1)

    def test_that_gets_its_first_sku_was_not_edited(self, hub):
        item(hub, replace(MUG, sku=""))
        item(hub, replace(MUG, changed_at=later()))

        assert not models.SkuChange.objects.exists()

    def test_that_was_deleted_is_gone_and_may_come_back(self, hub):
        item(hub)
        gone = item(hub, replace(MUG, deleted=True, changed_at=later())).item.gone_at
        back = item(hub, replace(MUG, changed_at=later(120))).item.gone_at

        assert (gone is not None, back) == (True, None)

    def test_of_an_older_moment_changes_nothing(self, hub):
        item(hub, replace(MUG, changed_at=later()))
        item(hub, replace(MUG, title="Old"))

        assert models.CatalogueItem.objects.get().title == "Mug"

    @pytest.mark.parametrize("change", [{"sku": "X"}, {"barcode": "1"}, {"title": "New"}, {"deleted": True}, {"active": False}])
    def test_differs_by_anything_people_would_see(self, hub, change):  # R77
        item(hub)

        assert differing_variants([MUG], connection=hub, at=later()) == set()
        assert differing_variants([replace(MUG, **change)], connection=hub, at=later()) == {("v1", "")}
