"""The comparisons, walked in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mappings.renamed import remember_rename
from portal.ledger.models import SkuChange, Stage
from portal.reconciliation.models import Audit, Run
from tests.browser.conftest import DESK, TELEPHONE, LogIn, keep_picture
from tests.browser.test_shell import sideways
from tests.reconciliation.conftest import Sides

LOOKS = [(DESK, "light"), (DESK, "dark"), (TELEPHONE, "light"), (TELEPHONE, "dark")]
PAGES = {
    "comparisons": "/reconciliation/",
    "runs": "/reconciliation/runs/catalogue/",
    "sku_changes": "/reconciliation/sku-changes/",
    "not_acknowledged": "/reconciliation/not-acknowledged/",
}


@pytest.fixture
def sides(live: str) -> Sides:
    """A fortnight of audits: barcodes get better, stranded stock gets worse."""
    sides = Sides()
    sides.order("SO-1", Stage.QUEUED, minutes=180)
    sides.item(sides.hub, "OLD-1")
    SkuChange.objects.create(connection=sides.shop, reference="r", old="OLD-1", new="NEW-1")
    remember_rename(sides.shop, old="OLD-1", new="NEW-1", at=timezone.now())
    for days in range(14):
        found = {"barcodes differ": 3 + days, "one SKU twice": 1}
        made(sides, Audit.CATALOGUE, found, days=days, note="")
        made(sides, Audit.STRANDED, {"stock that cannot be sold": 20 - days}, days=days, note="")
    made(sides, Audit.MISSING, {}, days=0, note="1 placed and not acknowledged, the oldest (SO-1) for 3 hours.")
    return sides


def made(sides: Sides, audit: Audit, found: dict[str, int], *, days: float, note: str) -> None:
    at = timezone.now() - timedelta(days=days, minutes=5)
    Run.objects.create(
        audit=audit, connection=sides.hub, integration=sides.integration, label="UK to Leeds", started_at=at, ended_at=at + timedelta(seconds=4),
        compared=98_412, differing=sum(found.values()), found=found, note=note,
    )  # fmt: skip


@pytest.mark.browser
class TestTheComparisons:
    @pytest.mark.parametrize(("size", "colours"), LOOKS)
    def test_fit_and_complain_of_nothing(self, sides: Sides, log_in: LogIn, complaints: list[str], size: dict[str, int], colours: str) -> None:
        page = log_in("mira", "/reconciliation/", size=size, colours=colours)
        for name, url in PAGES.items():
            page.goto(url)
            keep_picture(page, f"{name}-{size['width']}-{colours}")
            assert sideways(page) == 0, name
        assert complaints == []

    def test_are_reached_from_the_navigation_and_lead_to_their_runs(self, sides: Sides, log_in: LogIn) -> None:
        page = log_in("mira", "/")
        page.get_by_role("link", name="Comparisons").first.click()
        page.get_by_role("link", name="Catalogues compared").click()
        expect(page.get_by_role("heading", name="Catalogues compared")).to_be_visible()
        expect(page.locator("tbody tr")).to_have_count(14)

    def test_show_one_type_of_fault_over_time(self, sides: Sides, log_in: LogIn) -> None:  # R82
        page = log_in("mira", "/reconciliation/")
        page.get_by_role("link", name="stock that cannot be sold").click()
        expect(page.get_by_role("img", name="Faults found, day by day: stock that cannot be sold")).to_be_visible()
        expect(page.get_by_role("table", name="Faults by type and source").locator("tbody tr")).to_have_count(1)

    def test_list_what_the_warehouse_has_not_acknowledged(self, sides: Sides, log_in: LogIn) -> None:  # R34
        page = log_in("omar", "/reconciliation/")
        page.get_by_role("link", name="Placed, not acknowledged").click()
        page.get_by_role("link", name="SO-1").click()
        expect(page.get_by_role("heading", name="Order SO-1")).to_be_visible()
