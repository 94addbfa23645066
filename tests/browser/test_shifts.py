"""A shift of each role, from an empty inbox: what arrives is theirs to see, to act on, and to close; the auditor changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exceptions.cases import CaseEntry, open_case
from exceptions.models import CaseEvent, ExceptionCase
from tests.browser.conftest import LogIn, keep_picture

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Shift:
    """Who works, the case that comes to their team, and how the table names it."""

    who: str
    kind: str
    name: str
    cause: str


SHIFTS = [
    Shift("cora", "E03", "Order incomplete", "Order SO-7: the address has no postcode."),
    Shift("finn", "E08", "Payment not settled", "Order SO-7 is held because its payment has not settled."),
    Shift("omar", "E05", "Order missing in the warehouse", "Order SO-7 has been ready for two hours and is not in the warehouse."),
    Shift("mira", "E11", "SKU", "SKU “MUG-9” of order SO-7 has no counterpart in the warehouse."),
    Shift("ada", "E24", "not mapped", "Store “be” has no counterpart in the warehouse."),
]


def arrives(shift: Shift) -> ExceptionCase:
    at = timezone.now() - timedelta(minutes=3)
    item = CaseEntry(
        "parcel:7", "SO-7", at, value=Decimal("40.00"), currency="GBP", units=2, customer="C-7", channel="Shop", keys=["MUG-9", "TRACK-7"]
    )
    return open_case(shift.kind, fingerprint="order:7", cause=shift.cause, items=[item], at=at)


def rows(page: Page) -> object:
    return page.get_by_role("list", name="Cases").get_by_role("listitem")


class TestAShift:
    @pytest.mark.parametrize("shift", SHIFTS, ids=[shift.who for shift in SHIFTS])
    def test_goes_from_an_empty_inbox_to_an_empty_inbox(self, log_in: LogIn, complaints: list[str], shift: Shift) -> None:
        page = log_in(shift.who, "/inbox/")
        expect(rows(page)).to_have_count(0)
        keep_picture(page, f"shift-{shift.who}-empty")

        case = arrives(shift)
        page.goto("/inbox/?q=track-7")
        expect(rows(page)).to_have_count(1)
        expect(page.get_by_role("list", name="Cases")).to_contain_text(shift.name)
        page.goto(f"/inbox/{case.pk}/")
        expect(page.locator("main")).to_contain_text(shift.cause)
        page.get_by_role("button", name="Claim").click()
        expect(page.get_by_text("You have this case.")).to_be_visible()
        page.locator("summary", has_text="Resolve").click()
        page.get_by_label("False alarm").check()
        page.get_by_label("Note").fill("It was put right in the shop before it came here.")
        page.get_by_role("button", name="Resolve").click()
        expect(page.get_by_text("Resolved as false alarm.", exact=False).first).to_be_visible()

        page.goto("/inbox/")
        expect(rows(page)).to_have_count(0)
        case.refresh_from_db()
        assert (case.is_open, case.resolved_by.username) == (False, shift.who)
        assert complaints == []


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
