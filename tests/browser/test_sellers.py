"""Seller health and the operator's rules, in a browser: readable on desk and telephone, light and dark."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from exceptions.cases import CaseEntry, open_case
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder
from tests.browser.conftest import DESK, TELEPHONE, LogIn, keep_picture
from tests.browser.test_shell import sideways
from tests.ledger.orders import a_connection

LOOKS = [(DESK, "light"), (DESK, "dark"), (TELEPHONE, "light"), (TELEPHONE, "dark")]
RULES = {"limit_refusal": "2", "limit_late_acceptance": "1", "limit_late_shipment": "4", "acceptance_hours": "24"}


@pytest.fixture
def operator(live: str) -> Connection:
    """120 orders answered, two of them refused; three wait in open cases."""
    operator = a_connection("Harbour & Home", "mirakl", account="2310", options=dict(RULES))
    at = timezone.now()
    for number in range(123):
        state = "refused" if number < 2 else "waiting_acceptance" if number >= 120 else "complete"
        due = at + timedelta(hours=1, minutes=number - 120)
        order = SalesOrder.objects.create(
            connection=operator, reference=f"W-{number}", number=f"W-{number}", state=state, version="1", placed_at=at - timedelta(hours=20),
            changed_at=at, currency="GBP", total=Decimal(25), payment_state="paid", accept_by=due,
        )  # fmt: skip
        if state == "waiting_acceptance":
            entry = CaseEntry(subject=f"order:{order.pk}", label=order.number, at=at)
            cause = f"Order {order.number} has not been accepted in Harbour & Home for 20 hours. SKU “LAMP-OAK” has no counterpart."
            open_case("E01", fingerprint=f"order:{order.pk}", cause=cause, items=[entry], connection=operator, deadline_at=due, at=at)
    return operator


@pytest.mark.browser
class TestSellerHealth:
    @pytest.mark.parametrize(("size", "scheme"), LOOKS)
    def test_warns_on_every_screen_and_leads_to_the_case(self, operator, log_in: LogIn, size, scheme):  # A18
        page = log_in("omar", size=size, colours=scheme)
        page.goto("/sellers/")
        expect(page.get_by_text("If these 3 orders are not accepted")).to_have_count(2)
        assert sideways(page) == 0
        keep_picture(page, f"sellers-{size['width']}-{scheme}")

        page.get_by_role("link", name="E01: Order W-120").first.click()
        expect(page.get_by_role("link", name="Seller health")).to_be_visible()
        keep_picture(page, f"seller-case-{size['width']}-{scheme}")

    @pytest.mark.parametrize(("size", "scheme"), LOOKS)
    def test_follows_rules_that_are_entered_with_the_account(self, operator, log_in: LogIn, size, scheme):  # D4
        page = log_in("ada", size=size, colours=scheme)
        page.goto(f"/connections/accounts/{operator.pk}/")
        expect(page.get_by_role("heading", name="Rules of the operator")).to_be_visible()
        assert sideways(page) == 0
        keep_picture(page, f"operator-rules-{size['width']}-{scheme}")
