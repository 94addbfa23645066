"""A month end of finance, walked in a browser from open to closed, and its pages in every width and colour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.accounts.roles import Role
from portal.reconciliation.finance.models import Entry, Period, PeriodClose
from portal.reconciliation.finance.words import PeriodState
from tests import people
from tests.browser.conftest import DESK, TELEPHONE, LogIn, keep_picture
from tests.browser.test_axe import OPTIONS, SERIOUS
from tests.browser.test_shell import sideways
from tests.reconciliation.finance.ledger import NOVEMBER, OCTOBER, Books

LOOKS = [(DESK, "light"), (DESK, "dark"), (TELEPHONE, "light"), (TELEPHONE, "dark")]
PAGES = {
    "finance": "/reconciliation/finance/",
    "cycles": "/reconciliation/finance/?basis=cycle",
    "month": "/reconciliation/finance/periods/{month}/",
    "cycle": "/reconciliation/finance/periods/{cycle}/",
    "entries": "/reconciliation/finance/periods/{month}/entries/?part=activity&kind=penalty",
    "entry": "/reconciliation/finance/entries/{entry}/",
    "differences": "/reconciliation/finance/differences/",
    "tolerances": "/reconciliation/finance/tolerances/",
    "reports": "/reconciliation/reports/",
    "report": "/reconciliation/reports/payouts/",
    "penalties": "/reconciliation/reports/penalties/",
}


@pytest.fixture
def books(live: str) -> Books:
    """A busy October: two orders differ, one penalty has a cause and one has none, and a fee came late."""
    books = Books()
    books.october()
    short = books.sold("M-2", "20.00")
    books.line("order", "18.00", short)
    late = books.sold("M-3", "64.00", at=OCTOBER + timedelta(days=3))
    books.line("order", "64.00", late, at=OCTOBER + timedelta(days=3))
    books.line("commission", "-9.60", late, at=OCTOBER + timedelta(days=3))
    books.case(late, "E18", "Shipped, but the channel does not know.")
    books.line("penalty", "-5.00", late, at=OCTOBER + timedelta(days=5), cycle="c1")
    books.line("penalty", "-12.00", at=OCTOBER + timedelta(days=8))
    books.line("refund", "-4.00", late, at=OCTOBER + timedelta(days=9))
    books.line("reserve", "-10.00", at=OCTOBER + timedelta(days=9))
    books.line("order", "31.00", books.sold("M-4", "31.00", at=NOVEMBER), at=NOVEMBER)
    books.order("SO-1")
    books.count()
    return books


def places(books: Books) -> dict[str, int]:
    cycle, penalty = Period.objects.get(basis="cycle"), Entry.objects.filter(kind="penalty").first()
    assert penalty is not None
    return {"month": books.month().pk, "cycle": cycle.pk, "entry": penalty.pk}


def found_on(page: Page) -> list[str]:
    """What axe calls serious."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{one['id']} {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in SERIOUS]


def go_through(page: Page) -> None:
    page.get_by_role("link", name="Finance").first.click()
    page.get_by_role("link", name="October 2026").click()


@pytest.mark.browser
class TestAMonthEnd:
    def test_goes_from_open_to_closed_by_two_people(self, books: Books, log_in: LogIn, complaints: list[str]) -> None:
        page = log_in("finn", "/")
        go_through(page)
        expect(page.get_by_role("table", name="Differences of this period that nobody has explained").locator("tbody tr")).to_have_count(3)
        page.goto("/reconciliation/finance/differences/?state=unexplained&side=sale")
        page.get_by_role("link", name="Write off M-2").click()
        page.get_by_label("Why it is given up").select_option("operator")
        page.get_by_label("What you know of it").fill("They will not correct two pounds.")
        page.get_by_role("button", name="Write it off").click()
        expect(page.get_by_text("2.00 GBP written off.")).to_be_visible()
        go_through(page)
        page.get_by_role("button", name="Gone through: prepare the close").click()
        expect(page.get_by_text("a second person of finance reviews it")).to_be_visible()
        expect(page.get_by_role("button", name="Reviewed: close it")).to_have_count(0)
        people.make("fiona", Role.FIN, first_name="Fiona")
        people.PEOPLE.setdefault("fiona", ("Fiona", (Role.FIN,)))
        second = log_in("fiona", "/")
        go_through(second)
        second.get_by_role("button", name="Reviewed: close it").click()
        expect(second.get_by_text("Its figures stay as they are")).to_be_visible()
        expect(second.get_by_text(PeriodClose.objects.get().sha256)).to_be_visible()
        keep_picture(second, "finance-closed")
        assert books.month().state == PeriodState.CLOSED
        assert complaints == []

    def test_is_drilled_from_a_bar_to_the_order_with_the_keyboard(self, books: Books, log_in: LogIn) -> None:  # A15
        page = log_in("finn", f"/reconciliation/finance/periods/{books.month().pk}/")
        bar = page.locator("svg a[aria-label^='Penalties']")
        bar.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Penalties")).to_be_visible()
        page.get_by_role("link", name="E18 #").click()
        expect(page.get_by_role("heading", name="Shipped, but the channel does not know").first).to_be_visible()

    @pytest.mark.parametrize(("size", "colours"), LOOKS)
    def test_fits_and_complains_of_nothing(self, books: Books, log_in: LogIn, complaints: list[str], size: dict[str, int], colours: str) -> None:
        page = log_in("finn", "/reconciliation/finance/", size=size, colours=colours)
        problems: dict[str, object] = {}
        for name, url in PAGES.items():
            page.goto(url.format(**places(books)))
            keep_picture(page, f"finance-{name}-{size['width']}-{colours}")
            if wrong := (sideways(page) or (size is DESK and found_on(page))):
                problems[name] = wrong
        assert problems == {}
        assert complaints == []
