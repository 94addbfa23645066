"""Keyboard alone: on every page the first Tab offers to skip the menu, and every control can be reached and is seen to have the focus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from connectors.sandbox.kit import Running
from exceptions.models import ExceptionCase
from tests.browser.conftest import LogIn
from tests.browser.pages import PAGES, fill
from tests.corridor import Corridor, run_simulators

pytestmark = pytest.mark.browser

MOST_TABS = 150
CONTROLS = "main a[href], main button, main input:not([type=hidden]), main select, main textarea, main summary"
# what has the focus now, whether it can be seen, and whether something marks it (a date's calendar button: the browser)
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), look = getComputedStyle(one);
  const known = window.reached ||= new Set(); known.add(one);
  return {name: one.outerHTML.slice(0, 120), body: one === document.body, seen: box.width > 0 && box.height > 0,
          again: one.matches(".skip"),
          marked: one.type?.startsWith("date") || look.outlineStyle !== "none" || look.boxShadow !== "none" || one.matches(":has(:focus-visible)")};
}"""
# visible controls that Tab did not come to; of radio buttons with one name, one is enough
MISSED = """(controls) => [...document.querySelectorAll(controls)]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0
    && one.type !== "radio" && !window.reached.has(one))
  .map((one) => one.outerHTML.slice(0, 120))"""

# whatever asks to be reached before or after its place on the page
JUMPS = """() => [...document.querySelectorAll("[tabindex]")].filter((one) => one.tabIndex > 0).map((one) => one.outerHTML.slice(0, 120))"""


def walk(page: Page) -> list[str]:
    """Tab from the top to the end; what was focused without being seen or marked."""
    unseen = []
    page.evaluate(FOCUSED)  # a page may open with the focus in its first field
    rounds = 0
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        rounds += found["again"]
        if rounds == 2 or (found["body"] and rounds):  # once around, from the skip link on
            break
        if not found["body"] and not (found["seen"] and found["marked"]):
            unseen.append(found["name"])
    return unseen


@pytest.fixture(scope="session")
def simulators() -> Iterator[tuple[Running, Running]]:
    yield from run_simulators()


@pytest.fixture
def corridor(transactional_db: None, simulators: tuple[Running, Running]) -> Corridor:
    return Corridor(*simulators)


def tab_to(page: Page, name: str) -> None:
    """With Tab alone, until what has the focus is called so."""
    said = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        said.append(page.evaluate("(document.activeElement.labels?.[0] || document.activeElement).textContent.trim()"))
        if said[-1].startswith(name):
            return
    raise AssertionError(f"Tab never came to “{name}”, but to {said}")


class TestEveryPage:
    def test_can_be_walked_with_tab(self, log_in: LogIn, corridor: Corridor) -> None:
        places = fill(corridor)
        page = log_in("ada", "/profile/")
        unmarked, missed, jumps = {}, {}, {}
        for name, address in PAGES.items():
            page.goto(address.format(**places))
            if found := walk(page):
                unmarked[name] = found
            if left := page.evaluate(MISSED, CONTROLS):
                missed[name] = left
            if order := page.evaluate(JUMPS):
                jumps[name] = order

        assert unmarked == {}, "everything that has the focus is seen and marked"
        assert missed == {}, "everything can be reached"
        assert jumps == {}, "the order is that of the page"

    def test_lets_the_menu_be_skipped(self, log_in: LogIn) -> None:
        page = log_in("ada", "/orders/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        assert page.evaluate("document.activeElement.closest('main') !== null")


class TestAFix:
    def test_is_made_without_a_mouse(self, log_in: LogIn, corridor: Corridor) -> None:  # A1
        corridor.place(shipping_method="express")
        corridor.run()
        case = ExceptionCase.objects.get(kind="E16")
        page = log_in("omar", f"/inbox/{case.pk}/")
        page.keyboard.press("m")
        page.wait_for_url("**/do/map_code/")
        tab_to(page, "Code in Warehouse")
        page.keyboard.type("Express")
        tab_to(page, "Preview")
        page.keyboard.press("Enter")
        expect(page.get_by_text("1 message that waited will be sent again", exact=False)).to_be_visible()
        tab_to(page, "Map it")
        page.keyboard.press("Enter")

        expect(page.locator(".progress")).to_contain_text("0 of 1 have arrived")
        corridor.send()
        expect(page.locator(".progress")).to_contain_text("1 of 1 have arrived.")
        assert not ExceptionCase.objects.get(pk=case.pk).is_open


class TestWhatIsSwapped:
    def test_leaves_the_focus_where_it_is(self, log_in: LogIn, corridor: Corridor) -> None:
        run = fill(corridor)["bulk"]
        page = log_in("ada", f"/inbox/many/{run}/")
        button = page.get_by_role("button", name="Undo: nothing has happened yet")
        button.focus()
        page.evaluate("document.getElementById('bulk').dataset.before = 'yes'")
        expect(page.locator("#bulk[data-before]")).to_have_count(0)

        expect(button).to_be_focused()
