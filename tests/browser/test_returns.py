"""Returns in the browser: the list, the three sides, what may be decided, with the keyboard, on every screen, read by axe."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from playwright.sync_api import Page

from portal.ledger.models import ReturnFlow
from tests.browser.conftest import DESK, TELEPHONE, LogIn, keep_picture
from tests.browser.test_axe import OPTIONS, SERIOUS
from tests.browser.test_shell import sideways
from tests.dashboard.test_returns import back
from tests.dashboard.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def returns(transactional_db: None) -> ReturnFlow:
    """One of each: awaited, here and not paid, paid and not here, not authorised."""
    with transaction.atomic():
        world = World()
        back(world, "SO-1")
        back(world, "SO-3", refunded="20.00")
        back(world, "SO-4", received=1, authorised=0)
        return back(world, "SO-2", received=2)


def serious(page: Page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{one['id']} {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in SERIOUS]


class TestReturnsInTheBrowser:
    @pytest.mark.parametrize("colours", ["light", "dark"])
    @pytest.mark.parametrize(("name", "size"), [("desk", DESK), ("telephone", TELEPHONE)])
    def test_fit_every_screen_and_axe_finds_nothing_serious(self, log_in: LogIn, returns: ReturnFlow, colours: str, name: str, size: object) -> None:
        page = log_in("cora", colours=colours, size=size)
        problems = {}
        for what, address in {"list": "/returns/", "page": f"/returns/{returns.pk}/", "report": "/returns/report/"}.items():
            page.goto(address)
            keep_picture(page, f"returns-{what}-{name}-{colours}")
            if found := [*serious(page), *([f"{what} scrolls sideways"] if sideways(page) else [])]:
                problems[what] = found

        assert problems == {}

    def test_are_assessed_with_the_keyboard_alone(self, log_in: LogIn, returns: ReturnFlow) -> None:  # R91
        page = log_in("omar", f"/returns/{returns.pk}/")
        page.get_by_label("Sellable").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("1")
        page.keyboard.press("Tab")
        page.keyboard.press("Control+A")
        page.keyboard.type("1")
        page.keyboard.press("Enter")
        page.get_by_text("1 are counted sellable").wait_for()

        returns.refresh_from_db()
        assert (returns.sellable, returns.damaged) == (1, 1)
