"""The overview, walked in a browser: today, orders, one order's journey, search, stock, systems of record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exceptions.cases import CaseEntry, open_case
from portal.ledger.expect import Expected, beat
from portal.ledger.models import SalesOrder, Stage
from portal.sync.models import Cursor, State
from tests.browser.conftest import DESK, TELEPHONE, LogIn, keep_picture
from tests.browser.test_shell import sideways
from tests.dashboard.world import World

LOOKS = [(DESK, "light"), (DESK, "dark"), (TELEPHONE, "light"), (TELEPHONE, "dark")]
PAGES = {
    "today": "/",
    "orders": "/orders/",
    "orders_waiting": "/orders/?stage=open&order=waiting",
    "search": "/search/?q=SO-10",
    "stock": "/stock/",
    "stock_item": "/stock/MUG-1/?days=1",
    "systems": "/systems/",
}


@pytest.fixture
def world(live: str) -> World:
    """A day in full swing: SO-1004 is blocked, SO-1003 has shipped in part."""
    world = World()
    for number in range(8):
        order = world.order(f"SO-100{number}", minutes=500 - 55 * number)
        if number < 3:
            world.ship(world.with_hub(order, minutes=450 - 55 * number), tracking=f"JD000{number}", minutes=300 - 60 * number, shown=True)
            order.move(Stage.DONE)
    partial = SalesOrder.objects.get(number="SO-1003")
    world.ship(world.with_hub(partial, locked=True, minutes=200), lines=[("MUG-1", 2)], tracking="JD0003", minutes=90)
    partial.move(Stage.PART_SHIPPED)
    blocked = SalesOrder.objects.get(number="SO-1004")
    blocked.move(Stage.BLOCKED, note="Delivery method “express” has no code in Veeqo Leeds.")
    world.expected(blocked, Expected.IN_HUB, minutes=30)
    world.attempt(world.message(blocked, state=State.PARKED, note="Delivery method “express” is not mapped."))
    world.case(blocked)
    world.case(SalesOrder.objects.get(number="SO-1005"), "E03", "Order SO-1005: the order has not been sent. It lacks the street and the postcode.")
    stock(world)
    for feed, minutes in {"orders": 1, "stock": 44, "snapshot": 300}.items():
        label = {"orders": "Orders that changed", "stock": "Stock that changed", "snapshot": "All stock"}[feed]
        at = timezone.now() - timedelta(minutes=minutes)
        Cursor.objects.create(connection=world.hub, feed=feed, done_at=at)
        beat(
            f"poll:{world.hub.pk}:{feed}", at=at, every_s=600 if feed != "snapshot" else 260_000, label=f"Veeqo Leeds: {label}", connection=world.hub
        )
    beat(f"poll:{world.shop.pk}:orders", at=timezone.now(), every_s=360, label="Shop UK: orders", connection=world.shop)
    return world


def stock(world: World) -> None:
    world.level("MUG-1", 2, on_hand=6)
    row = world.publication("MUG-1", 0, confirmed=2, minutes=35, withheld=2)
    for number, (before, after) in enumerate([(30, 24), (24, 20), (20, 28), (28, 15), (15, 9), (9, 2)]):
        minutes = 1200 - number * 200
        world.changed(before, after, minutes=minutes, on_hand=after + 4)
        world.push(row, max(0, after - 2), truth=minutes, confirmed=None if number == 5 else minutes - (70 if number == 3 else 3))
    world.publication("TEE-1", 4, confirmed=7, minutes=100, differs_since=timezone.now() - timedelta(minutes=50))
    world.publication("CAP-1", 9, unknown_since=timezone.now() - timedelta(days=2))
    entry = CaseEntry(subject=f"sku:{world.hub.pk}:MUG-1", label="MUG-1", at=timezone.now())
    cause = "MUG-1 is oversold by 3: Veeqo Leeds has 2 free, and 5 are on orders it does not have yet."
    open_case("E23", fingerprint=f"oversold:{world.hub.pk}:MUG-1", cause=cause, items=[entry], evidence={"sku": "MUG-1"}, at=timezone.now())


def journey(page: Page, number: str) -> None:
    page.goto(f"/search/?q={number}")
    expect(page.get_by_role("heading", name=f"Order {number}")).to_be_visible()


@pytest.mark.browser
class TestEveryPage:
    @pytest.mark.parametrize(("size", "colours"), LOOKS)
    def test_fits_and_complains_of_nothing(self, world: World, log_in: LogIn, complaints: list[str], size: dict[str, int], colours: str) -> None:
        page = log_in("omar", "/", size=size, colours=colours)
        journeys = {f"order_{number}": f"/orders/{SalesOrder.objects.get(number=number).pk}/" for number in ("SO-1003", "SO-1004", "SO-1007")}
        for name, url in {**PAGES, **journeys}.items():
            page.goto(url)
            keep_picture(page, f"{name}-{size['width']}-{colours}")
            assert sideways(page) == 0, name
        assert complaints == []

    def test_is_refused_to_somebody_without_a_role(self, world: World, log_in: LogIn) -> None:
        page = log_in("nell")
        for url in PAGES.values():
            answer = page.goto(url)
            assert answer is not None
            assert answer.status == 403, url


@pytest.mark.browser
class TestToday:
    def test_puts_the_cases_of_the_team_first(self, world: World, log_in: LogIn) -> None:
        page = log_in("omar", "/")
        first = page.locator("main table").first
        expect(first).to_contain_text("Carrier or service not mapped")
        expect(first).not_to_contain_text("It lacks the street")

    def test_shows_new_numbers_by_itself(self, world: World, log_in: LogIn, complaints: list[str]) -> None:
        page = log_in("omar", "/")
        tile = page.locator(".tile", has_text="Orders in today")
        before = tile.locator(".tile-value").inner_text()
        world.order("SO-1099", minutes=0)
        page.evaluate("htmx.ajax('GET', '/today/live/', {target: '#today-live', swap: 'outerMorph'})")
        expect(tile.locator(".tile-value")).to_have_text(str(int(before) + 1))
        expect(page.locator("#today-live")).to_have_count(1)
        assert complaints == []

    def test_leads_from_a_stalled_stage_to_its_orders(self, world: World, log_in: LogIn) -> None:
        page = log_in("omar", "/")
        page.get_by_role("link", name="needs a person").first.click()
        expect(page.get_by_role("link", name="SO-1004")).to_be_visible()
        expect(page.get_by_role("link", name="SO-1003")).to_have_count(0)


@pytest.mark.browser
class TestTheJourney:
    @pytest.mark.parametrize("script", [True, False])
    def test_is_found_by_tracking_number_with_and_without_script(self, world: World, log_in: LogIn, script: bool) -> None:
        page = log_in("cora", "/orders/", script=script)
        page.get_by_label("Find by number").fill("jd0003")
        page.get_by_role("button", name="Find", exact=True).click()
        expect(page.get_by_role("heading", name="Order SO-1003")).to_be_visible()
        expect(page.get_by_label("Where it stands")).to_contain_text(
            "2 of 3 units have shipped. Shop UK should have shown the dispatch 30 min ago. The warehouse acts now."
        )
        expect(page.get_by_text("do not promise one")).to_be_visible()

    def test_leads_to_the_case_that_holds_it(self, world: World, log_in: LogIn) -> None:
        page = log_in("omar", "/orders/")
        journey(page, "SO-1004")
        page.get_by_role("link", name="Open the case").click()
        expect(page.locator("main")).to_contain_text("has no code in Veeqo Leeds")

    def test_shows_the_customer_to_cx_on_request(self, world: World, log_in: LogIn) -> None:
        page = log_in("cora", "/orders/")
        journey(page, "SO-1004")
        expect(page.locator("main")).not_to_contain_text("Holloway")
        page.get_by_role("button", name="Show personal data").click()
        expect(page.locator("main")).to_contain_text("Jane Holloway")

    def test_shows_the_exchange_to_operations(self, world: World, log_in: LogIn) -> None:
        page = log_in("omar", "/orders/")
        journey(page, "SO-1004")
        page.get_by_role("link", name="Request and answer").click()
        expect(page.get_by_label("Request and answer 1")).to_contain_text("Delivery method can't be blank")
        keep_picture(page, "attempt-1280-light")


@pytest.mark.browser
class TestStock:
    def test_leads_from_what_is_oversold_to_its_timeline(self, world: World, log_in: LogIn) -> None:
        page = log_in("mira", "/stock/")
        page.get_by_role("link", name="MUG-1", exact=True).first.click()
        expect(page.get_by_role("img", name="Stock at Veeqo Leeds and what the channels showed")).to_be_visible()
        expect(page.locator("main")).to_contain_text("70 min after the stock changed")
