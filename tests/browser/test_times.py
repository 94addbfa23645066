"""Times stand in the zone of whoever reads them, with the exact UTC under the pointer (issue: look)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from tests.browser.conftest import LogIn
from tests.people import person

pytestmark = pytest.mark.browser

MORNING = datetime(2026, 1, 7, 9, 30, 15, tzinfo=UTC)
EXACT = "2026-01-07 09:30:15 UTC"


@pytest.fixture
def case(transactional_db: None) -> ExceptionCase:
    return open_case("E05", fingerprint="one", cause="Not in the warehouse.", items=[CaseEntry("parcel:1", "SO-1", MORNING)], at=MORNING)


def times(page: Page, title: str) -> list[str]:
    """What the page says where the pointer would tell this moment."""
    found = page.locator(f'time[title="{title}"]')
    found.first.hover()
    return found.all_inner_texts()


class TestATime:
    @pytest.mark.parametrize(
        ("zone", "said"),
        [("Pacific/Auckland", "7 Jan 22:30"), ("America/New_York", "7 Jan 04:30"), ("Asia/Kolkata", "7 Jan 15:00")],
    )
    def test_is_the_readers_with_the_exact_utc_on_hover(self, log_in: LogIn, case: ExceptionCase, zone: str, said: str) -> None:
        omar = person("omar")
        omar.time_zone = zone
        omar.save(update_fields=["time_zone"])
        page = log_in("omar", f"/inbox/{case.pk}/")

        assert said in times(page, EXACT)

    def test_that_is_a_clock_says_its_exact_utc_too(self, log_in: LogIn, case: ExceptionCase) -> None:
        page = log_in("omar", f"/inbox/{case.pk}/")

        expect(page.locator(".clocks time").first).to_have_attribute("title", f"{case.ack_due_at:%Y-%m-%d %H:%M:%S} UTC")
        expect(page.locator(".clocks time").first).to_contain_text("late")
        assert times(page, f"{case.ack_due_at:%Y-%m-%d %H:%M:%S} UTC")
