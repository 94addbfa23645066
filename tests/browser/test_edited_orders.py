"""An order that was edited too late, walked in a browser: both versions, the time it locks, and what each button would do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exceptions.models import ExceptionCase
from portal.ledger.models import HubOrder, SalesOrder
from portal.sync.models import ExternalReference
from portal.sync.subjects import order_subject
from tests.browser.conftest import DESK, TELEPHONE, LogIn, keep_picture
from tests.browser.test_shell import sideways
from tests.corridor import Corridor, control, run_simulators

pytestmark = pytest.mark.browser
LOOKS = [(DESK, "light"), (DESK, "dark"), (TELEPHONE, "light"), (TELEPHONE, "dark")]


@pytest.fixture(scope="module")
def simulators():
    yield from run_simulators()


@pytest.fixture
def edited(transactional_db, simulators) -> SalesOrder:
    """Two mugs went to the warehouse; the shop now says five, a cap, and another street. The warehouse began twelve orders before."""
    corridor = Corridor(*simulators)
    placed = corridor.place(count=13)
    corridor.place(shipping_method="express")
    corridor.place(missing=["shippingAddress.city"])
    corridor.run()
    corridor.read_warehouse()
    began = timezone.now() - timedelta(days=1)
    for number, one in enumerate(placed[1:]):
        theirs = corridor.order(one)
        HubOrder.objects.filter(order=theirs).update(locked_at=began + timedelta(minutes=40 + 5 * number))
        ExternalReference.objects.filter(subject=order_subject(theirs)).update(created_at=began)
    control(corridor.shop, f"orders/{placed[0]['orderNumber']}/edit", quantity=5)
    corridor.read_orders()
    order = corridor.order(placed[0])
    SalesOrder.objects.filter(pk=order.pk).update(
        sent_snapshot={**order.sent_snapshot, "address": {**order.sent_snapshot["address"], "line1": "9 Old Lane"}}
    )
    return order


def look(page: Page, name: str, *, size: object, colours: str) -> None:
    assert sideways(page) == 0, name
    keep_picture(page, f"edited-{name}-{'telephone' if size is TELEPHONE else 'desk'}-{colours}")


class TestAnEditedOrder:
    @pytest.mark.parametrize(("size", "colours"), LOOKS)
    def test_shows_both_versions_and_what_each_button_would_do(self, edited, log_in: LogIn, size, colours):  # E09, A6
        case = ExceptionCase.objects.get(kind="E09")
        page = log_in("cora", f"/orders/{edited.pk}/", size=size, colours=colours)
        expect(page.get_by_role("heading", name="The warehouse has another version")).to_be_visible()
        expect(page.get_by_text("Expected to lock at")).to_be_visible()
        look(page, "order", size=size, colours=colours)

        page.goto(f"/inbox/{case.pk}/")
        expect(page.get_by_role("heading", name=f"Both versions of order {edited.number}")).to_be_visible()
        look(page, "case", size=size, colours=colours)

        page.goto(f"/inbox/{case.pk}/do/record_contact/")
        page.get_by_label("What the customer was told").fill("Two mugs come, three follow.")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_text("The case closes with your words as its proof.")).to_be_visible()
        look(page, "contact", size=size, colours=colours)

    @pytest.mark.parametrize(("size", "colours"), [(DESK, "light"), (TELEPHONE, "dark")])
    def test_shows_before_what_is_put_right_or_mapped(self, edited, log_in: LogIn, size, colours):  # A6
        incomplete, unmapped = ExceptionCase.objects.get(kind="E03"), ExceptionCase.objects.get(kind="E16")
        page = log_in("cora", f"/inbox/{incomplete.pk}/do/correct_order/", size=size, colours=colours)
        page.get_by_label("City").fill("Leeds")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("cell", name="Leeds").first).to_be_visible()
        look(page, "correct", size=size, colours=colours)

        page = log_in("omar", f"/inbox/{unmapped.pk}/do/map_code/", size=size, colours=colours)
        expect(page.get_by_text("that waited will be sent again")).to_be_visible()
        look(page, "map", size=size, colours=colours)

    @pytest.mark.parametrize(("size", "colours"), LOOKS)
    def test_and_what_orders_carry_fit_on_the_page(self, edited, log_in: LogIn, size, colours):  # R159
        page = log_in("ada", "/mappings/attributes/", size=size, colours=colours)
        expect(page.get_by_role("heading", name="Order attributes")).to_be_visible()
        look(page, "attributes", size=size, colours=colours)
        page.get_by_role("link", name="Decide").first.click()
        page.get_by_label("Why").fill("Every order has it")
        look(page, "attribute", size=size, colours=colours)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
