"""Keyboard alone: on every page the first Tab offers to skip the menu, and every control can be reached and is seen to have the focus."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exceptions.cases import CaseEntry, open_case
from tests.browser.conftest import LogIn

pytestmark = pytest.mark.browser

MOST_TABS = 150
CONTROLS = "main a[href], main button, main input:not([type=hidden]), main select, main textarea, main summary"
# what has the focus now, whether it can be seen, and whether something marks it
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), look = getComputedStyle(one);
  const known = window.reached ||= new Set(); known.add(one);
  return {name: one.outerHTML.slice(0, 120), body: one === document.body, seen: box.width > 0 && box.height > 0,
          marked: look.outlineStyle !== "none" || look.boxShadow !== "none" || one.matches(":has(:focus-visible)")};
}"""
# visible controls that Tab did not come to; of radio buttons with one name, one is enough
MISSED = """(controls) => [...document.querySelectorAll(controls)]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.type !== "radio" && !window.reached.has(one))
  .map((one) => one.outerHTML.slice(0, 120))"""


def walk(page: Page) -> list[str]:
    """Tab from the top to the end; what was focused without being seen or marked."""
    unseen = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found["body"]:
            break
        if not (found["seen"] and found["marked"]):
            unseen.append(found["name"])
    return unseen


class TestEveryPage:
    @pytest.mark.parametrize(
        "address", ["/", "/inbox/", "/inbox/{case}/", "/orders/", "/mappings/", "/mappings/unmapped/", "/connections/", "/stock/"]
    )
    def test_can_be_walked_with_tab(self, log_in: LogIn, address: str) -> None:
        at = timezone.now() - timedelta(minutes=2)
        case = open_case("E05", fingerprint="order:1", cause="SO-1 is not in the warehouse.", items=[CaseEntry("parcel:1", "SO-1", at)], at=at)
        page = log_in("ada", "/profile/")
        page.goto(address.format(case=case.pk), wait_until="networkidle")

        assert walk(page) == []
        assert page.evaluate(MISSED, CONTROLS) == []

    def test_lets_the_menu_be_skipped(self, log_in: LogIn) -> None:
        page = log_in("ada", "/orders/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        assert page.evaluate("document.activeElement.closest('main') !== null")
