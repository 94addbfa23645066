"""The daily audit of both catalogues. R77"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection as database
from django.utils import timezone

from exceptions.models import CaseItem
from exceptions.proof import check_open_cases
from mappings.models import SkuMapping
from portal.reconciliation.catalogue_audit import QUERY
from portal.reconciliation.filing import EACH
from portal.reconciliation.models import Audit, Run
from portal.sync.models import Cursor, InboundMessage
from tests.reconciliation.conftest import Sides, open_cases


class TestTheCatalogueAudit:
    def test_finds_nothing_where_both_agree(self, sides: Sides):
        sides.both("A", "B")
        run = sides.run(Audit.CATALOGUE)

        assert (run.compared, run.differing, run.found) == (4, 0, {})

    def test_tells_merchandising_of_a_product_the_warehouse_lacks(self, sides: Sides):  # R76, R77
        sides.both("A")
        sides.item(sides.shop, "B")
        run = sides.run(Audit.CATALOGUE)

        [case] = open_cases("E13")
        assert run.found == {"not in the warehouse": 1}
        assert (case.owner, case.evidence["value"]) == ("MER", "B")

    def test_takes_a_mapping_for_an_answer(self, sides: Sides):
        sides.item(sides.shop, "SHOP-1")
        sides.item(sides.hub, "HUB-1")
        SkuMapping.objects.create(integration=sides.integration, channel_sku="SHOP-1", hub_sku="HUB-1")

        assert sides.run(Audit.CATALOGUE).found == {}

    def test_compares_capitals_and_leading_zeros_exactly(self, sides: Sides):
        sides.item(sides.shop, "0012")
        sides.item(sides.hub, "12")

        assert sides.run(Audit.CATALOGUE).found == {"not in the warehouse": 1, "only in the warehouse": 1}

    def test_notices_barcodes_that_differ_but_not_one_that_is_missing(self, sides: Sides):  # R72
        for sku, here, there in (("A", "111", "222"), ("B", "333", "")):
            sides.item(sides.shop, sku, barcode=here)
            sides.item(sides.hub, sku, barcode=there)
        run = sides.run(Audit.CATALOGUE)

        assert run.found == {"barcodes differ": 1}
        assert open_cases("E13")[0].cause == "A: barcodes differ. Shop UK says 111, Veeqo Leeds says 222."

    def test_looks_for_keys_that_stand_for_two_products(self, sides: Sides):  # R79, R81
        sides.both("A", "B")
        sides.item(sides.hub, "A")
        sides.item(sides.hub, "b")
        run = sides.run(Audit.CATALOGUE)

        assert run.found == {"one SKU twice": 1, "SKUs spelt alike": 1, "only in the warehouse": 1}
        assert len(open_cases("E12")) == 2

    def test_leaves_out_what_is_not_sold(self, sides: Sides):
        sides.item(sides.shop, "A", active=False)
        sides.item(sides.shop, "B", gone_at=timezone.now())

        assert sides.run(Audit.CATALOGUE).found == {}

    def test_is_a_merge_join_over_the_indexes(self, sides: Sides):
        values = {"channel": sides.shop.pk, "hub": sides.hub.pk}
        with database.cursor() as cursor:
            cursor.execute("SET LOCAL enable_hashjoin = off")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {QUERY}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())

        assert "Merge Full Join" in plan
        assert plan.count("Index Only Scan using catalogue_audit") == 2


class TestItsCases:
    def test_close_when_the_next_reading_agrees(self, sides: Sides):  # A4
        sides.item(sides.shop, "A")
        sides.run(Audit.CATALOGUE)
        assert len(open_cases("E13")) == 1
        sides.item(sides.hub, "A")
        check_open_cases(at=timezone.now())

        assert open_cases("E13") == []

    def test_are_not_opened_twice(self, sides: Sides):
        sides.item(sides.shop, "A")
        sides.run(Audit.CATALOGUE)
        sides.run(Audit.CATALOGUE)

        [case] = open_cases("E13")
        assert case.items_open == 1

    def test_are_one_where_whole_catalogues_were_never_joined(self, sides: Sides):
        for number in range(EACH + 5):
            sides.item(sides.shop, f"SKU-{number}")
        run = sides.run(Audit.CATALOGUE)
        again = sides.run(Audit.CATALOGUE)

        [case] = open_cases("E13")
        assert (run.differing, again.differing, case.items_open) == (EACH + 5, EACH + 5, EACH + 5)

    def test_of_many_lose_one_product_after_the_other(self, sides: Sides):
        for number in range(EACH + 1):
            sides.item(sides.shop, f"SKU-{number}")
        sides.run(Audit.CATALOGUE)
        sides.item(sides.hub, "SKU-0")
        check_open_cases(at=timezone.now())

        [case] = open_cases("E13")
        assert case.items_open == EACH
        assert CaseItem.objects.filter(case=case, label="SKU-0", cleared_at__isnull=False).exists()


class TestAnAuditThatCannotBeMade:
    def test_says_why_and_is_tried_again(self, sides: Sides):
        Cursor.objects.filter(connection=sides.hub, feed="catalogue").update(first_done_at=None)
        run = sides.run(Audit.CATALOGUE)
        assert (run.ended_at, run.note) == (None, "The catalogue of Veeqo Leeds has not been read to its end yet.")

        sides.read(sides.hub, "catalogue")
        sides.run(Audit.CATALOGUE)
        assert Run.objects.get().ended_at is not None

    def test_waits_until_what_was_read_is_worked_in(self, sides: Sides):
        InboundMessage.objects.create(
            connection=sides.shop, topic="catalogue", event_id="1", subject="1", body=b"{}", received_at=timezone.now() - timedelta(minutes=1)
        )

        assert sides.run(Audit.CATALOGUE).note == "Products of Shop UK are still being read."
