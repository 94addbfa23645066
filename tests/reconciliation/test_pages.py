"""The pages of the comparisons."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mappings.renamed import remember_rename
from portal.ledger.models import SkuChange, Stage
from portal.reconciliation.models import Audit, Run
from portal.reconciliation.trend import trend
from portal.sync.models import State
from tests.reconciliation.conftest import Sides

PAGES = ["/reconciliation/", "/reconciliation/runs/catalogue/", "/reconciliation/sku-changes/", "/reconciliation/not-acknowledged/"]


def text(response: Any) -> str:
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def ran(sides: Sides, found: dict[str, int], *, days: float = 0, audit: Audit = Audit.CATALOGUE) -> Run:
    at = timezone.now() - timedelta(days=days)
    return Run.objects.create(
        audit=audit, connection=sides.hub, integration=sides.integration, label="UK to Leeds", started_at=at, ended_at=at, compared=100,
        differing=sum(found.values()), found=found,
    )  # fmt: skip


class TestEveryPage:
    @pytest.mark.parametrize("url", PAGES)
    def test_opens_for_the_auditor_and_is_closed_without_a_role(self, sides: Sides, as_: Any, url: str):
        assert as_("aldo").get(url).status_code == 200
        assert as_("nell").get(url).status_code == 403


class TestTheComparisonsPage:
    def test_shows_the_last_result_of_each(self, sides: Sides, as_: Any):
        ran(sides, {"barcodes differ": 9}, days=2)
        ran(sides, {"barcodes differ": 2, "one SKU twice": 1})
        page = text(as_("mira").get("/reconciliation/"))

        assert "Catalogues compared UK to Leeds differs 100 3" in page
        assert "2 barcodes differ, 1 one SKU twice" in page

    def test_says_what_a_comparison_waits_for(self, sides: Sides, as_: Any):
        sides.shop.cursors.all().delete()
        sides.run(Audit.CATALOGUE)

        assert "The catalogue of Shop UK has not been read to its end yet." in text(as_("mira").get("/reconciliation/"))

    def test_calls_one_late_that_does_not_run(self, sides: Sides, as_: Any):
        ran(sides, {}, days=3)

        assert "UK to Leeds late" in text(as_("mira").get("/reconciliation/"))

    def test_lists_what_is_blocked_in_each_flow(self, sides: Sides, as_: Any):  # R81
        order = sides.order("SO-1", Stage.BLOCKED)
        sides.message(order, state=State.PARKED, note="waits for a mapping")
        sides.both("A")
        sides.item(sides.hub, "A")
        sides.run(Audit.CATALOGUE)
        page = text(as_("omar").get("/reconciliation/"))

        assert "Veeqo Leeds create the warehouse order 1" in page
        assert "Veeqo Leeds use a SKU that stands for two products 1" in page

    def test_asks_the_same_queries_whatever_the_runs(self, sides: Sides, as_: Any, django_assert_max_num_queries: Any):
        for days in range(20):
            ran(sides, {f"fault {days % 5}": days}, days=days)
        client: Client = as_("aldo")
        with django_assert_max_num_queries(12):
            assert client.get("/reconciliation/").status_code == 200


class TestTheTrend:
    def test_carries_a_value_on_until_the_next_comparison(self, sides: Sides):  # R82
        ran(sides, {"barcodes differ": 4}, days=5)
        ran(sides, {"barcodes differ": 1}, days=2)
        [series] = trend(timezone.now()).series

        assert series.values[-6:] == [4, 4, 4, 1, 1, 1]

    def test_counts_the_last_comparison_of_a_day(self, sides: Sides):
        day = timezone.now().replace(hour=12) - timedelta(days=1)
        for hour, number in ((1, 9), (2, 3)):
            run = ran(sides, {"without a sale": number}, audit=Audit.ORPHANS)
            Run.objects.filter(pk=run.pk).update(started_at=day + timedelta(hours=hour), ended_at=day + timedelta(hours=hour))

        assert trend(timezone.now()).series[0].values[-2] == 3

    def test_is_by_type_and_source(self, sides: Sides, as_: Any):  # R82
        ran(sides, {"barcodes differ": 4, "one SKU twice": 2})
        chosen = trend(timezone.now(), fault="one SKU twice")

        assert [(one.fault, one.source, one.now) for one in chosen.series] == [("one SKU twice", "UK to Leeds", 2)]
        assert "Faults found, day by day: one SKU twice" in text(as_("mira").get("/reconciliation/?fault=one+SKU+twice"))


class TestSkuChanges:
    def test_list_the_systems_that_are_not_reached(self, sides: Sides, as_: Any):  # R80
        sides.item(sides.hub, "OLD-1")
        sides.item(sides.hub, "NEW-2")
        for old, new in (("OLD-1", "NEW-1"), ("OLD-2", "NEW-2"), ("OLD-3", "NEW-3")):
            SkuChange.objects.create(connection=sides.shop, reference=old, old=old, new=new)
            remember_rename(sides.shop, old=old, new=new, at=timezone.now())
        page = text(as_("mira").get("/reconciliation/sku-changes/"))

        assert "OLD-1 NEW-1 Veeqo Leeds still shows the old one orders are translated by the alias" in page
        assert "OLD-2 NEW-2 Veeqo Leeds shows it" in page
        assert "OLD-3 NEW-3 Veeqo Leeds lists neither orders with it will wait" in page

    def test_leave_out_those_of_others(self, sides: Sides, as_: Any):
        SkuChange.objects.create(connection=sides.hub, reference="x", old="BY-HAND", new="X")

        assert "BY-HAND" not in text(as_("mira").get("/reconciliation/sku-changes/"))


class TestPlacedAndNotAcknowledged:
    def test_lists_each_order_with_its_age(self, sides: Sides, as_: Any):  # R34
        sides.order("SO-1", Stage.QUEUED, minutes=180)
        sides.with_hub(sides.order("SO-2", Stage.QUEUED, minutes=120))
        page = text(as_("omar").get("/reconciliation/not-acknowledged/"))

        assert "SO-1 3 h ago Shop UK Veeqo Leeds on its way to the warehouse" in page
        assert "SO-2" not in page
