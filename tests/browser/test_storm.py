"""A storm: a thousand orders behind one delivery method nobody mapped. One case, one fix on its page, and all of them go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from connectors.canonical import OrderState, PaymentState
from connectors.sandbox.kit import Running
from exceptions.cases import NewCase, open_cases
from exceptions.models import ExceptionCase
from mappings.models import ShipServiceMapping
from portal.ledger.models import OrderLine, SalesOrder, Stage
from portal.sync import complaints
from portal.sync.models import OutboundMessage, State
from portal.sync.subjects import order_subject
from tests.browser.conftest import LogIn, keep_picture
from tests.corridor import ADDRESS, Corridor, run_simulators

pytestmark = pytest.mark.browser

STORM = 1000


@pytest.fixture(scope="session")
def simulators() -> Iterator[tuple[Running, Running]]:
    yield from run_simulators()


@pytest.fixture
def corridor(transactional_db: None, simulators: tuple[Running, Running]) -> Corridor:
    return Corridor(*simulators)


@pytest.fixture
def storm(corridor: Corridor) -> ExceptionCase:
    """One order came the long way and opened the case; the others are written as the corridor leaves them behind it."""
    corridor.place(shipping_method="express")
    corridor.run()
    case = ExceptionCase.objects.get(kind="E16")
    first, message = SalesOrder.objects.get(), OutboundMessage.objects.get(kind="create_order")
    orders = [another(first, number) for number in range(1, STORM)]
    SalesOrder.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(OrderLine(order=order, reference="1", position=1, sku="MUG-1", quantity=1, total=order.total) for order in orders)
    OutboundMessage.objects.bulk_create(behind(message, order) for order in orders)
    entries = [complaints.entry(order) for order in orders]
    again = {"connection": case.connection, "integration": case.integration, "evidence": case.evidence, "waiting_for": case.waiting_for}
    open_cases([NewCase("E16", case.fingerprint, case.cause, timezone.now(), entries, **again)])
    case.refresh_from_db()
    return case


def another(first: SalesOrder, number: int) -> SalesOrder:
    at = timezone.now() - timedelta(seconds=number)
    name = f"STORM-{number}"
    return SalesOrder(
        connection=first.connection,
        integration=first.integration,
        reference=name,
        number=name,
        number_key=name,
        number_reversed=name[::-1],
        version="1",
        state=OrderState.OPEN,
        payment_state=PaymentState.PAID,
        stage=Stage.BLOCKED,
        stage_note="Its delivery method is not mapped.",
        currency="GBP",
        total=12,
        store_code=first.store_code,
        ship_service_code=first.ship_service_code,
        customer_reference=f"C-{number}",
        shipping_address=first.shipping_address or ADDRESS,
        placed_at=at,
        changed_at=at,
    )


def behind(message: OutboundMessage, order: SalesOrder) -> OutboundMessage:
    return OutboundMessage(
        connection=message.connection,
        integration=message.integration,
        order=order,
        kind="create_order",
        subject=order_subject(order),
        version="1",
        lane=order_subject(order),
        rank=message.rank,
        state=State.PARKED,
        waiting_for=message.waiting_for,
        note=message.note,
    )


class TestAStorm:
    def test_is_one_case_with_one_fix_and_all_of_it_goes(self, corridor: Corridor, storm: ExceptionCase, log_in: LogIn) -> None:  # A1, A3
        page = log_in("omar", "/inbox/")
        expect(page.get_by_role("list", name="Cases").get_by_role("listitem")).to_have_count(1)
        page.goto(f"/inbox/{storm.pk}/")
        expect(page.locator("main")).to_contain_text(f"{STORM} of {STORM} still wait")
        keep_picture(page, "storm-case")
        page.get_by_role("link", name=re.compile("Map it")).first.click()
        page.get_by_label(re.compile("^Code in Warehouse")).select_option(str(corridor.made["delivery_methods"]["Express"]))
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("main")).to_contain_text(f"{STORM} messages that waited will be sent again")
        keep_picture(page, "storm-preview")
        page.get_by_role("button", name=re.compile("Map it")).click()
        expect(page.locator("#progress")).to_contain_text(f"0 of {STORM} have arrived")
        keep_picture(page, "storm-draining")

        while OutboundMessage.objects.filter(state=State.QUEUED, kind="create_order").exists():
            corridor.send(corridor.hub)
        storm.refresh_from_db()
        assert (storm.is_open, storm.resolution, storm.items_open) == (False, "fixed_verified", 0)
        assert SalesOrder.objects.filter(stage=Stage.WITH_HUB).count() == STORM
        assert len(corridor.calls(corridor.warehouse, method="POST", path="/orders")) == STORM
        expect(page.locator("#progress")).to_contain_text(f"{STORM} of {STORM} have arrived.")
        page.goto("/inbox/")
        expect(page.get_by_role("list", name="Cases").get_by_role("listitem")).to_have_count(0)
        keep_picture(page, "storm-over")

    def test_told_to_two_people_is_fixed_by_one(self, corridor: Corridor, storm: ExceptionCase, log_in: LogIn) -> None:  # A1, A17
        address = f"/inbox/{storm.pk}/do/map_code/"
        first, second = log_in("ada", address), log_in("omar", address)
        expect(second.get_by_text("Ada has this case open too.")).to_be_visible()
        target = str(corridor.made["delivery_methods"]["Express"])
        for page in (first, second):
            page.get_by_label(re.compile("^Code in Warehouse")).select_option(target)
            page.get_by_role("button", name=re.compile("Map it")).click()
            page.wait_for_load_state()

        expect(first.get_by_text(f"{STORM} messages that waited for it go now", exact=False).first).to_be_visible()
        assert ShipServiceMapping.objects.filter(channel_code="express").count() == 1
        assert OutboundMessage.objects.filter(kind="create_order").count() == STORM
