"""A shift of each role, from an empty inbox through a storm of a thousand: what is theirs to see and to end, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from exceptions.cases import CaseEntry, open_case
from exceptions.models import CaseEvent, ExceptionCase
from tests.browser.conftest import LogIn, keep_picture

pytestmark = pytest.mark.browser

STORM = 1000
FIXED, BY_HAND, STOP, FALSE = "Fixed and verified", "Done by hand", "Stop trying", "False alarm"
EVERY_CODE = (FIXED, BY_HAND, STOP, FALSE)


@dataclass(frozen=True)
class Shift:
    """Who works, the storm that comes to their team, how they may end it, and a case of another team that is theirs to read only."""

    who: str
    kind: str
    name: str
    cause: str
    may: tuple[str, ...]
    ends_by: str
    not_theirs: str
    not_on_others: tuple[str, ...] = ("Resolve", "Snooze")


SHIFTS = [
    Shift("cora", "E03", "Order incomplete", "A thousand orders of the sale came without a postcode.", (FIXED, BY_HAND, FALSE), BY_HAND, "E28"),
    Shift(
        "finn", "E08", "Payment not settled", "A thousand orders are held: their payments have not settled.", EVERY_CODE, BY_HAND, "E13", ("Snooze",)
    ),
    Shift("omar", "E05", "Order missing in the warehouse", "A thousand orders are not in the warehouse.", EVERY_CODE, BY_HAND, "E28", ("Snooze",)),
    Shift("mira", "E11", "SKU", "SKU “MUG-9” of a thousand orders has no counterpart in the warehouse.", (FIXED, BY_HAND, FALSE), BY_HAND, "E28"),
    Shift(
        "ada", "E24", "not mapped", "Store “be” of a thousand orders has no counterpart in the warehouse.", (FIXED, FALSE), FALSE, "E28", ("Resolve",)
    ),
]


def entry(number: int) -> CaseEntry:
    at, keys = timezone.now() - timedelta(minutes=3), ["MUG-9", f"TRACK-{number}"]
    return CaseEntry(
        f"parcel:{number}", f"SO-{number}", at, value=Decimal("0.04"), currency="GBP", units=2, customer=f"C-{number}", channel="Shop", keys=keys
    )


def arrives(shift: Shift) -> ExceptionCase:
    items = [entry(number) for number in range(STORM)]
    return open_case(shift.kind, fingerprint="storm", cause=shift.cause, items=items, at=timezone.now() - timedelta(minutes=3))


def of_another_team(shift: Shift) -> ExceptionCase:
    at = timezone.now() - timedelta(minutes=3)
    return open_case(shift.not_theirs, fingerprint="other", cause="Another team's work.", items=[CaseEntry("money:1", "M-1", at)], at=at)


def rows(page: Page) -> Locator:
    return page.get_by_role("list", name="Cases").get_by_role("listitem")


class TestAShift:
    @pytest.mark.parametrize("shift", SHIFTS, ids=[shift.who for shift in SHIFTS])
    def test_goes_from_an_empty_inbox_through_a_storm_to_an_empty_inbox(self, log_in: LogIn, complaints: list[str], shift: Shift) -> None:
        page = log_in(shift.who, "/inbox/")
        expect(page.get_by_text("All clear")).to_be_visible()
        keep_picture(page, f"shift-{shift.who}-empty")

        case, other = arrives(shift), of_another_team(shift)
        page.goto("/inbox/")
        expect(rows(page)).to_have_count(1)
        expect(rows(page)).to_contain_text(f"{STORM} items")
        page.goto("/inbox/?q=track-7")
        expect(rows(page)).to_contain_text(shift.name)
        only_reads(page, other, shift)
        page.goto(f"/inbox/{case.pk}/")
        expect(page.locator("main")).to_contain_text(shift.cause)
        expect(page.locator("main")).to_contain_text(f"{STORM} of {STORM} still wait")
        keep_picture(page, f"shift-{shift.who}-case")
        page.get_by_role("button", name="Claim").click()
        expect(page.get_by_text("You have this case.")).to_be_visible()
        ends(page, shift)

        page.goto("/inbox/")
        expect(rows(page)).to_have_count(0)
        case.refresh_from_db()
        assert (case.is_open, case.resolved_by.username) == (False, shift.who)
        assert complaints == []


def only_reads(page: Page, other: ExceptionCase, shift: Shift) -> None:
    """A case of another team can be read and talked about. Only admins may let it sleep; Operations and Finance may ask to give it up."""
    page.goto(f"/inbox/{other.pk}/")
    expect(page.locator("main")).to_contain_text(other.cause)
    expect(page.locator("summary", has_text="Comment")).to_have_count(1)
    for act in shift.not_on_others:
        expect(page.locator("summary", has_text=act)).to_have_count(0)


def ends(page: Page, shift: Shift) -> None:
    page.locator("summary", has_text="Resolve").click()
    for code in EVERY_CODE:
        expect(page.get_by_label(code)).to_have_count(int(code in shift.may))
    page.get_by_label(shift.ends_by).check()
    page.get_by_label("Note").fill("It was put right in the shop, see the log of today.")
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("It opens again by itself if it comes back.", exact=False).first).to_be_visible()


class TestTheAuditor:
    def test_reads_everything_and_changes_nothing(self, log_in: LogIn) -> None:
        case = arrives(SHIFTS[2])
        page = log_in("aldo", "/inbox/")
        expect(rows(page)).to_have_count(1)
        page.goto(f"/inbox/{case.pk}/")

        expect(page.locator("main")).to_contain_text(case.cause)
        for button in ("Claim", "Resolve", "Add comment", "Assign"):
            expect(page.get_by_role("button", name=button, exact=True)).to_have_count(0)
        keep_picture(page, "shift-aldo-case")
        page.goto("/audit/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert list(CaseEvent.objects.filter(case=case).values_list("verb", flat=True)) == ["opened"]
