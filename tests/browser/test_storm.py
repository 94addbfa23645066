"""A storm: a thousand dispatches behind one carrier nobody mapped. One case, one mail, one fix on its page, and all of them go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from django.db.models import Model
from django.utils import timezone
from django_q.tasks import async_task
from playwright.sync_api import Locator, Page, expect

from connectors.sandbox.kit import Running
from exceptions.cases import NewCase, open_cases
from exceptions.models import ExceptionCase
from mappings.models import CarrierMapping
from portal.connections.models import Connection, Integration
from portal.ledger.models import HubOrder, OrderLine, Parcel, SalesOrder, Shipment, ShipmentLine, Stage
from portal.sync import complaints
from portal.sync.models import InboundMessage, InboundState, OutboundMessage
from portal.sync.poll import poll
from portal.sync.subjects import shipment_subject
from tests.browser.conftest import LogIn, keep_picture
from tests.corridor import Corridor, control, run_simulators
from tests.exceptions.notices.mail_server import MailServer
from tests.journeys.test_orders import SLOW_FEEDS
from tests.journeys.worker import Worker, wait_for

pytestmark = pytest.mark.browser

STORM = 1000
ONE = [{"sku": "MUG-1", "quantity": 1}]
Row = TypeVar("Row", bound=Model)
OPS = "ops@shop.example"


@pytest.fixture(scope="session")
def simulators() -> Iterator[tuple[Running, Running]]:
    yield from run_simulators()


@pytest.fixture
def corridor(transactional_db: None, simulators: tuple[Running, Running]) -> Corridor:
    made = Corridor(*simulators)
    Connection.objects.update(intervals=dict.fromkeys((*SLOW_FEEDS, "orders"), 0))
    control(made.shop, "stock", sku="MUG-1", quantity=5000, channel="wh-leeds")
    Integration.objects.update(instant_errors=True, instant_emails=[OPS])
    return made


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    running = MailServer()
    yield running
    running.stop()


@pytest.fixture
def worker(database_url: str, tmp_path: Path, storm: ExceptionCase, mail_server: MailServer) -> Iterator[Worker]:
    mail = {"LOCKSTEP_MAIL_URL": f"smtp://127.0.0.1:{mail_server.port}", "LOCKSTEP_PUBLIC_URL": "https://lockstep.example.com"}
    running = Worker(database_url, tmp_path / "worker.log", **mail)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def storm(corridor: Corridor) -> ExceptionCase:
    """A thousand orders of the shop. One is sent the long way, with a carrier nobody mapped; the others are written as it leaves them."""
    [first] = corridor.place(lines=ONE)
    corridor.run()
    corridor.ship(first["orderNumber"], carrier_id=2)
    corridor.read_warehouse()
    corridor.send()
    corridor.place(count=STORM - 1, lines=ONE)
    poll(corridor.channel, "orders", at=timezone.now())
    shipment, message = Shipment.objects.get(), OutboundMessage.objects.get(kind="confirm_shipment")
    shipments = dispatched(shipment, read_as(SalesOrder.objects.get()))
    OutboundMessage.objects.bulk_create(copy_of(message, order=one.order, subject=shipment_subject(one), lane=one.reference) for one in shipments)
    case = ExceptionCase.objects.get(kind="E16")
    entries = [complaints.entry(one.order) for one in shipments]
    again = {"connection": case.connection, "integration": case.integration, "evidence": case.evidence, "waiting_for": case.waiting_for}
    open_cases([NewCase("E16", case.fingerprint, case.cause, timezone.now(), entries, **again)])
    case.refresh_from_db()
    return case


def read_as(first: SalesOrder) -> list[SalesOrder]:
    """What the shop answered, in the ledger as the first order stands there."""
    came = InboundMessage.objects.filter(topic="orders", state=InboundState.NEW)
    bodies = [json.loads(bytes(one.body)) for one in came]
    made = [copy_of(first, reference=body["id"], **named(body["orderNumber"])) for body in bodies]
    SalesOrder.objects.bulk_create(made)
    line = first.lines.get()
    OrderLine.objects.bulk_create(copy_of(line, order=order, reference=body["lineItems"][0]["id"]) for order, body in zip(made, bodies, strict=True))
    came.update(state=InboundState.DONE, done_at=timezone.now())
    return made


def named(number: str) -> dict[str, str]:
    return {"number": number, "number_key": number, "number_reversed": number[::-1], "customer_reference": f"C-{number}"}


def dispatched(first: Shipment, orders: list[SalesOrder]) -> list[Shipment]:
    """Each of the orders, sent as the first one was."""
    hubs = [copy_of(first.hub_order, order=order, reference=f"hub-{order.pk}", number=f"CT-{order.number}") for order in orders]
    HubOrder.objects.bulk_create(hubs)
    made = [copy_of(first, order=hub.order, hub_order=hub, reference=f"sent-{hub.order_id}") for hub in hubs]
    Shipment.objects.bulk_create(made)
    ShipmentLine.objects.bulk_create(copy_of(first.lines.get(), shipment=one) for one in made)
    Parcel.objects.bulk_create(copy_of(first.parcels.get(), shipment=one, tracking_number=f"DPD{one.pk}") for one in made)
    return made


def copy_of(row: Row, **changes: object) -> Row:
    """The same row again, not saved, but for the changes."""
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    made = type(row)(**fields)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def cases(page: Page) -> Locator:
    return page.get_by_role("list", name="Cases").get_by_role("listitem")


def told(mail_server: MailServer) -> list[str]:
    """The worker is rung for its post, as its clock does every minute."""
    async_task("exceptions.notices.jobs.tell")
    return mail_server.post.subjects(OPS)


class TestAStorm:
    def test_is_one_case_with_one_mail_and_one_fix_and_all_of_it_goes(
        self, storm: ExceptionCase, worker: Worker, mail_server: MailServer, log_in: LogIn, complaints: list[str]
    ) -> None:  # A1, A3, A14
        page = log_in("omar", "/inbox/")
        expect(cases(page)).to_have_count(1)
        page.goto(f"/inbox/{storm.pk}/")
        expect(page.locator("main")).to_contain_text(f"{STORM} of {STORM} still wait")
        wait_for(lambda: bool(told(mail_server)), seconds=120, what="a mail told of it")
        keep_picture(page, "storm-case")

        page.get_by_role("link", name=re.compile("Map it")).first.click()
        page.get_by_label("Code in the other system").fill("dpd")
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("main")).to_contain_text(f"{STORM} messages that waited will be sent again")
        keep_picture(page, "storm-preview")
        page.get_by_role("button", name=re.compile("Map it")).click()
        expect(page.locator(".progress")).to_contain_text(re.compile(rf"\d+ of {STORM} have arrived, \d+ are on their way"))
        keep_picture(page, "storm-draining")
        expect(page.locator(".progress")).to_contain_text(f"{STORM} of {STORM} have arrived.", timeout=400_000)
        wait_for(lambda: len(told(mail_server)) == 2, seconds=120, what="a mail told of its end")
        page.goto("/inbox/")
        expect(cases(page)).to_have_count(0)
        keep_picture(page, "storm-over")

        storm.refresh_from_db()
        assert (storm.is_open, storm.resolution, storm.items_open) == (False, "fixed_verified", 0)
        assert SalesOrder.objects.filter(stage=Stage.DONE).count() == STORM
        assert ExceptionCase.objects.count() == 1
        assert CarrierMapping.objects.filter(channel_code="dpd").count() == 1
        assert [subject.split()[1] for subject in mail_server.post.subjects(OPS)] == ["S1", "Over:"]
        assert f"{STORM:,} items" in mail_server.post.to(OPS)[0].get_content()
        assert complaints == []
