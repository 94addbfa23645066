"""The inbox, walked in a browser: a shift at it, with a mouse, with keys, on a telephone, and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exceptions import actions
from exceptions.actions import CaseAction
from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from tests.browser.conftest import DESK, TELEPHONE, LogIn, keep_picture
from tests.browser.test_shell import sideways

pytestmark = pytest.mark.browser


def entry(number: int) -> CaseEntry:
    return CaseEntry(f"parcel:{number}", f"SO-{number}", timezone.now(), value=Decimal("40.00"), currency="GBP", units=2, keys=[f"SKU-{number}"])


def opened(kind: str, fingerprint: str, cause: str, numbers: range, *, minutes: int = 5) -> ExceptionCase:
    at = timezone.now() - timedelta(minutes=minutes)
    return open_case(kind, fingerprint=fingerprint, cause=cause, items=[entry(number) for number in numbers], at=at, evidence={"detail": "HTTP 422"})


@pytest.fixture
def storm(live: str) -> dict[str, ExceptionCase]:
    """Three cases of Operations and one of Finance."""
    return {
        "carrier": opened("E16", "carrier:DPD", "Carrier “DPD” of Veeqo has no counterpart in the shop.", range(100, 120)),
        "refused": opened("E04", "order:1", "SO-1: the warehouse refused the order.", range(1, 2), minutes=9),
        "missing": opened("E05", "order:2", "SO-2 is not in the warehouse.", range(2, 3), minutes=1),
        "unpaid": opened("E08", "order:3", "SO-3 is held: its payment has not settled.", range(3, 4)),
    }


@pytest.fixture
def sent() -> Iterator[list[str]]:
    """Send again, as a button that only counts."""
    done: list[str] = []
    kept = dict(actions.ACTIONS)

    def run(case: ExceptionCase, by: User, data: object) -> str:
        done.append(str(case))
        return "Sent again. It goes out within a minute."

    actions.register(CaseAction("retry", "Send again", Action.REPLAY_ONE, run=run, key="r"))
    yield done
    actions.ACTIONS.clear()
    actions.ACTIONS.update(kept)


class TestDesk:
    def test_opens_a_case_beside_the_list(self, log_in: LogIn, storm: dict[str, ExceptionCase], complaints: list[str]) -> None:
        page = log_in("omar", "/inbox/")
        pane = page.get_by_role("region", name="The chosen case")
        expect(pane.get_by_role("heading", level=1)).to_have_text("Order did not get through")

        page.get_by_role("link", name="Carrier or service not mapped").click()
        expect(pane.get_by_role("heading", level=1)).to_have_text("Carrier or service not mapped")
        expect(pane).to_contain_text("20 of 20 still wait")
        assert f"case={storm['carrier'].pk}" in page.url
        assert sideways(page) == 0
        assert complaints == []
        keep_picture(page, "inbox-1280-light")

    def test_claims_from_the_pane_and_stays_in_the_list(self, log_in: LogIn, storm: dict[str, ExceptionCase]) -> None:
        page = log_in("omar", "/inbox/")
        page.get_by_role("link", name="Order missing in the warehouse").click()
        pane = page.get_by_role("region", name="The chosen case")
        expect(pane.get_by_role("heading", level=1)).to_have_text("Order missing in the warehouse")
        pane.get_by_role("button", name="Claim").click()

        expect(page.get_by_text("It is yours.")).to_be_visible()
        expect(page.get_by_role("region", name="The chosen case")).to_contain_text("You have this case.")
        expect(page.get_by_role("link", name="Mine 1")).to_be_visible()

    def test_can_be_walked_with_keys_alone(self, log_in: LogIn, storm: dict[str, ExceptionCase], sent: list[str]) -> None:
        page = log_in("omar", "/inbox/")
        expect(page.get_by_role("region", name="The chosen case").get_by_role("heading", level=1)).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        chosen = page.get_by_role("region", name="The chosen case")
        expect(chosen.get_by_role("heading", level=1)).to_have_text("Order missing in the warehouse")
        page.keyboard.press("r")

        expect(page.get_by_text("Sent again. It goes out within a minute.")).to_be_visible()
        assert sent == [str(storm["missing"])]

    def test_acts_on_many_and_takes_it_back(self, log_in: LogIn, storm: dict[str, ExceptionCase]) -> None:
        page = log_in("omar", "/inbox/")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.get_by_text("1 picked")).to_be_visible()
        page.keyboard.press("X")
        expect(page.get_by_text("3 picked")).to_be_visible()
        page.get_by_label("What to do").select_option("claim")
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_role("heading", name="Claim 3 cases")).to_be_visible()
        keep_picture(page, "bulk-1280-light")
        page.keyboard.press("z")

        expect(page.get_by_text("Taken back. Not one case was touched.")).to_be_visible()

    def test_resolves_with_a_code(self, log_in: LogIn, storm: dict[str, ExceptionCase]) -> None:
        page = log_in("finn", f"/inbox/{storm['unpaid'].pk}/")
        page.keyboard.press("e")
        page.get_by_label("Done by hand").check()
        page.get_by_label("Note").fill("Paid by bank transfer, see the statement of today.")
        page.get_by_role("button", name="Resolve").click()

        expect(page.get_by_text("Resolved as done by hand.", exact=False).first).to_be_visible()
        expect(page.get_by_role("button", name="Reopen")).to_be_hidden()
        storm["unpaid"].refresh_from_db()
        assert not storm["unpaid"].is_open

    def test_tells_two_people_of_each_other(self, log_in: LogIn, storm: dict[str, ExceptionCase]) -> None:  # A17
        log_in("ada", f"/inbox/{storm['carrier'].pk}/")
        page = log_in("omar", f"/inbox/{storm['carrier'].pk}/")

        expect(page.get_by_text("Ada has this case open too.")).to_be_visible()

    @pytest.mark.parametrize("colours", ["light", "dark"])
    @pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["1280", "390"])
    def test_fits_every_screen(self, log_in: LogIn, storm: dict[str, ExceptionCase], colours: str, size: dict[str, int]) -> None:
        page = log_in("omar", "/inbox/", size=size, colours=colours)
        keep_picture(page, f"inbox-{size['width']}-{colours}")
        assert sideways(page) == 0
        page.goto(f"/inbox/{storm['carrier'].pk}/")
        keep_picture(page, f"case-{size['width']}-{colours}")
        assert sideways(page) == 0


class TestTelephone:
    def test_opens_a_case_as_a_page(self, log_in: LogIn, storm: dict[str, ExceptionCase]) -> None:
        page = log_in("omar", "/inbox/", size=TELEPHONE)
        page.get_by_role("link", name="Order did not get through").click()
        page.wait_for_url(f"**/inbox/{storm['refused'].pk}/")

        expect(page.get_by_role("heading", level=1)).to_have_text("Order did not get through")


class TestWithoutScript:
    def test_does_the_whole_work(self, log_in: LogIn, storm: dict[str, ExceptionCase], sent: list[str]) -> None:
        page = log_in("omar", "/inbox/", script=False)
        page.get_by_role("link", name="Order did not get through").click()
        page.get_by_role("button", name="Send again").click()
        expect(page.get_by_text("Sent again.", exact=False).first).to_be_visible()
        comment(page, "Watching it.")

        expect(page.get_by_text("Comment added.")).to_be_visible()
        assert len(sent) == 1

    def test_narrows_the_list(self, log_in: LogIn, storm: dict[str, ExceptionCase]) -> None:
        page = log_in("omar", "/inbox/", script=False)
        page.get_by_label("Kind").select_option("E16")
        page.get_by_role("button", name="Show", exact=True).click()

        expect(page.get_by_role("list", name="Cases").get_by_role("listitem")).to_have_count(1)


def comment(page: Page, words: str) -> None:
    page.locator("summary", has_text="Comment").click()
    page.locator("textarea[name=text]").fill(words)
    page.get_by_role("button", name="Add comment").click()
