"""Every page of the portal, in light and in dark, read by axe: nothing serious may be found (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import TELEPHONE, LogIn, keep_picture
from tests.browser.pages import PAGES, STATES, fill
from tests.browser.test_shell import sideways
from tests.corridor import Corridor, run_simulators

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}


@pytest.fixture(scope="session")
def simulators():
    yield from run_simulators()


@pytest.fixture
def places(transactional_db, simulators) -> dict[str, int]:
    """An order that went and one that is blocked: every page has something to show."""
    return fill(Corridor(*simulators))


def broken() -> None:
    raise RuntimeError("The page broke, because this test wants to see it.")


def read(page: Page, name: str) -> list[str]:
    """What axe calls serious, each with the first element that shows it; the picture is kept."""
    keep_picture(page, name)
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{one['id']} ({one['impact']}) {one['nodes'][0]['html'][:160]} {one['nodes'][0].get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in SERIOUS
    ]


def too_wide(page: Page) -> list[str]:
    beyond = sideways(page)
    return [f"{beyond} px wider than the screen"] if beyond else []


class TestAxe:
    @pytest.mark.parametrize("colours", ["light", "dark"])
    def test_finds_nothing_serious_on_any_page(self, log_in: LogIn, places: dict[str, int], colours: str) -> None:
        page = log_in("ada", colours=colours)
        problems = {}
        for name, address in PAGES.items():
            answer = page.goto(address.format(**places))
            assert answer is not None
            assert answer.ok, f"{name}: {answer.status}"
            if found := read(page, f"{name}-{colours}"):
                problems[name] = found
        for name, reach in STATES.items():
            reach(page, places)
            if found := read(page, f"{name}-{colours}"):
                problems[name] = found

        assert problems == {}

    @pytest.mark.parametrize("colours", ["light", "dark"])
    def test_finds_nothing_serious_at_closed_doors(self, log_in: LogIn, new_page: LogIn, colours: str) -> None:
        stranger, page = new_page(colours=colours), log_in("nell", colours=colours)
        statuses, problems = {}, {}
        for name, (somebody, address) in {
            "login": (stranger, "/login/"), "admin-login": (stranger, "/admin/"), "403": (page, "/inbox/"), "404": (page, "/no/such/page/"),
        }.items():  # fmt: skip
            answer = somebody.goto(address)
            statuses[name] = answer.status if answer else 0
            if found := read(somebody, f"{name}-{colours}"):
                problems[name] = found

        assert problems == {}
        assert statuses == {"login": 200, "admin-login": 200, "403": 403, "404": 404}

    def test_finds_nothing_serious_when_something_broke(self, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
        page = log_in("ada")
        monkeypatch.setattr("exceptions.views.inbox.counters.cells", broken)
        answer = page.goto("/inbox/")

        assert answer is not None
        assert answer.status == 500
        assert read(page, "500") == []

    def test_sees_every_page_fit_a_telephone(self, log_in: LogIn, places: dict[str, int]) -> None:
        page = log_in("ada", size=TELEPHONE)
        problems = {}
        for name, address in PAGES.items():
            page.goto(address.format(**places))
            if found := [*too_wide(page), *read(page, f"{name}-390")]:
                problems[name] = found
        for name, reach in STATES.items():
            reach(page, places)
            if found := [*too_wide(page), *read(page, f"{name}-390")]:
                problems[name] = found

        assert problems == {}
