"""Buffers and peak mode in a browser: set by one who may, read by one who may not, with keys alone and without a script."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from portal.ledger.models import Buffer, CatalogueItem
from tests.browser.conftest import DESK, TELEPHONE, LogIn, keep_picture
from tests.browser.test_keys_only import CONTROLS, MISSED, walk
from tests.browser.test_shell import sideways
from tests.dashboard.world import World

pytestmark = pytest.mark.browser

LOOKS = [(DESK, "light"), (DESK, "dark"), (TELEPHONE, "light"), (TELEPHONE, "dark")]
HOUR = timedelta(hours=1)


@pytest.fixture
def world(live: str) -> World:
    """Three SKUs; one class with a buffer, a sale that is on, and one that is planned."""
    world, now = World(), timezone.now()
    mugs = Buffer.objects.create(integration=world.integration, pattern="MUG-*", units=4, reason="Breaks often, so some are always short")
    period = {"starts_at": now - HOUR, "ends_at": now + 5 * HOUR}
    said = {"units": 8, "interval_s": 30, "reason": "Flash sale of the week"}
    sale = Buffer.objects.create(integration=world.integration, pattern="", skus=["TEE-1", "TEE-2"], **said, **period)
    planned = {"starts_at": now + 20 * HOUR, "ends_at": now + 30 * HOUR, "reason": "Black Friday"}
    Buffer.objects.create(integration=world.integration, units=6, interval_s=15, **planned)
    for sku, buffer in {"MUG-1": mugs, "MUG-2": mugs, "TEE-1": sale, "HAT-1": None}.items():
        held = buffer.units if buffer and buffer.units else 0
        world.level(sku, 40)
        world.publication(sku, 40 - held, confirmed=40 - held, withheld=held, buffer=buffer)
    CatalogueItem.objects.create(connection=world.shop, reference="1", sku="MUG-1", price=Decimal("12.50"), currency="GBP")
    CatalogueItem.objects.create(connection=world.shop, reference="2", sku="MUG-2")
    world.integration.buffer = 2
    world.integration.save()
    return world


def pages() -> dict[str, str]:
    row = Buffer.objects.get(pattern="MUG-*").pk
    listed = Buffer.objects.exclude(skus=[]).get().pk
    return {
        "buffers": "/stock/buffers/",
        "buffer": f"/stock/buffers/{listed}/",
        "buffer-add": "/stock/buffers/add/",
        "peak": "/stock/buffers/add/?peak=1",
        "buffer-change": f"/stock/buffers/{row}/change/",
        "buffer-end": f"/stock/buffers/{row}/end/",
        "withheld": "/stock/withheld/",
    }


class TestBufferPages:
    @pytest.mark.parametrize(("size", "colours"), LOOKS)
    def test_fit_and_keep_the_security_policy(self, log_in: LogIn, world: World, complaints: list[str], size, colours) -> None:
        page = log_in("omar", size=size, colours=colours)
        for name, url in pages().items():
            page.goto(url)
            assert sideways(page) <= 0, url
            keep_picture(page, f"{name}-{size['width']}-{colours}")
        assert complaints == []

    @pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
    def test_set_a_peak_once_what_it_changes_was_seen(self, log_in: LogIn, world: World, script: bool) -> None:  # R26
        page = log_in("mira", "/stock/buffers/", script=script)
        page.get_by_role("link", name="Peak mode", exact=True).click()
        page.locator("textarea").fill("MUG-1\nMUG-2")
        page.get_by_label("Units to keep back").fill("10")
        page.get_by_label("Why").fill("Mug week")
        page.get_by_role("button", name="Show what changes").click()
        expect(page.get_by_text("12 more")).to_be_visible()
        keep_picture(page, f"peak-outlook-{'script' if script else 'plain'}")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("It begins by itself at its time")).to_be_visible()
        row = Buffer.objects.get(reason="Mug week")
        assert (row.skus, row.units, row.interval_s) == (["MUG-1", "MUG-2"], 10, 30)

    def test_show_only_the_field_of_the_chosen_scope(self, log_in: LogIn, world: World) -> None:
        page = log_in("omar", "/stock/buffers/add/")
        page.get_by_label("A class of SKUs, by a pattern").check()
        expect(page.get_by_role("textbox", name="Pattern")).to_be_visible()
        expect(page.locator("textarea")).to_be_hidden()

    def test_mark_what_is_wrong(self, log_in: LogIn, world: World) -> None:
        page = log_in("omar", "/stock/buffers/add/", size=TELEPHONE)
        page.locator("textarea").fill("MUG-1, nug-2")
        page.get_by_role("button", name="Show what changes").click()
        expect(page.get_by_text("The warehouse has no nug-2.")).to_be_visible()
        keep_picture(page, "buffer-wrong")

    def test_end_one_with_a_reason(self, log_in: LogIn, world: World) -> None:  # R26
        page = log_in("ada", "/stock/buffers/")
        page.get_by_role("link", name="End MUG-*").click()
        page.get_by_label("Why").fill("Enough mugs")
        page.get_by_role("button", name="End it now").click()
        expect(page.get_by_text("Ended for MUG-*.")).to_be_visible()
        assert Buffer.objects.get(pattern="MUG-*").ends_at is not None

    def test_are_read_only_for_one_who_may_not(self, log_in: LogIn, world: World) -> None:
        page = log_in("finn", "/stock/buffers/")
        expect(page.get_by_text("You can read everything here.")).to_be_visible()
        expect(page.get_by_role("link", name="New buffer")).to_have_count(0)
        keep_picture(page, "buffers-finn")
        answer = page.goto(pages()["buffer-end"])
        assert answer is not None and answer.status == 403

    @pytest.mark.parametrize("name", ["buffers", "peak", "withheld"])
    def test_are_walked_with_keys_alone(self, log_in: LogIn, world: World, name: str) -> None:
        page = log_in("omar", pages()[name])
        assert walk(page) == []
        assert page.evaluate(MISSED, CONTROLS) == []

    def test_hand_out_the_report_as_a_file(self, log_in: LogIn, world: World) -> None:  # R12
        page = log_in("finn", "/stock/withheld/")
        with page.expect_download() as download:
            page.get_by_role("link", name="Export CSV").click()
        assert "MUG-1,Shop UK,UK to Leeds,,MUG-*,36,4,12.5000,GBP,50.0000,catalogue" in download.value.path().read_text()
