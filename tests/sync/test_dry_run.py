"""Every action on an order shows first what would be sent to whom, and does nothing by showing it (A6)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from portal.audit.models import AuditEvent
from portal.ledger.models import SalesOrder, Stage
from portal.sync.case_actions.correct_order import current_values
from portal.sync.models import OutboundMessage
from tests import people
from tests.corridor import control
from tests.dashboard.conftest import text


@pytest.fixture
def incomplete(corridor) -> SalesOrder:
    """Kept back: the city is missing."""
    [placed] = corridor.place(missing=["shippingAddress.city"])
    corridor.run()
    return corridor.order(placed)


@pytest.fixture
def held(corridor) -> SalesOrder:
    """Kept back too long: not paid."""
    [placed] = corridor.place(payment="pending")
    corridor.run()
    corridor.later(days=2)
    return corridor.order(placed)


def case(kind: str) -> ExceptionCase:
    return ExceptionCase.objects.get(kind=kind)


def as_person(client: Client, name: str) -> Client:
    client.force_login(people.person(name))
    return client


def look(client: Client, kind: str, action: str, **data: str) -> str:
    """The action's page, asked for a preview."""
    url = reverse("exceptions:do", args=[case(kind).pk, action])
    return text(client.post(url, {**data, "look": "1"}) if data else client.get(url))


def corrected(order: SalesOrder) -> dict[str, str]:
    return {**current_values(order), "address.city": "Leeds"}


class TestTheDryRun:
    def test_of_a_correction_shows_each_field_before_and_after(self, incomplete, client):  # A6, R31
        page = look(as_person(client, "cora"), "E03", "correct_order", **corrected(incomplete))

        assert "city – Leeds" in page
        assert "The order goes to Warehouse with 1 correction; Shop keeps its own data." in page

    def test_of_a_stop_says_that_the_warehouse_never_hears_of_it(self, incomplete, client):  # A6
        page = look(as_person(client, "omar"), "E03", "cancel_order")

        assert "Nothing is sent; what waits for Warehouse is dropped." in page
        assert "needs a person never hears of it" in page

    def test_of_sending_unpaid_says_what_goes_where(self, held, client):  # A6, R37
        page = look(as_person(client, "finn"), "E08", "accept_payment_hold")

        assert "One order of" in page and "goes to the warehouse" in page
        assert "held; Shop says" in page and "sent to Warehouse as paid" in page

    def test_of_a_contact_says_that_nothing_is_sent_and_the_case_closes(self, corridor, client):  # A6
        [placed] = corridor.place()
        corridor.run()
        control(corridor.shop, f"orders/{placed['orderNumber']}/edit", quantity=5)
        corridor.read_orders()
        page = look(as_person(client, "cora"), "E09", "record_contact", said="Two come, three follow.")

        assert "Nothing is sent" in page
        assert f"{placed['orderNumber']} waits for somebody to tell the customer closed: the customer was told" in page
        assert case("E09").is_open

    def test_of_a_try_counts_what_goes_if_the_connection_answers(self, corridor, client):  # A6
        corridor.place(count=2)
        corridor.read_orders()
        subject = CaseEntry(subject=f"connection:{corridor.hub.pk}", label="Warehouse", at=timezone.now())
        open_case("E32", fingerprint="down", cause="Warehouse is down.", items=[subject], connection=corridor.hub, at=timezone.now())
        before = len(corridor.calls(corridor.warehouse))
        page = look(as_person(client, "ada"), "E32", "verify_connection")

        assert "create order: 2 waits goes, if the connection answers" in page
        assert len(corridor.calls(corridor.warehouse)) == before

    def test_changes_and_sends_nothing(self, incomplete, client, corridor):  # A6
        as_person(client, "cora")
        before = (OutboundMessage.objects.count(), AuditEvent.objects.count(), len(corridor.calls(corridor.warehouse, method="POST")))
        look(client, "E03", "correct_order", **corrected(incomplete))
        look(client, "E03", "cancel_order")

        incomplete.refresh_from_db()
        assert (incomplete.stage, incomplete.corrections) == (Stage.BLOCKED, {})
        assert (OutboundMessage.objects.count(), AuditEvent.objects.count(), len(corridor.calls(corridor.warehouse, method="POST"))) == before


class TestTheOrdersPage:
    def test_offers_only_what_is_possible_and_leads_to_the_dry_run(self, incomplete, client):  # A6
        page = as_person(client, "cora").get(reverse("dashboard:order", args=[incomplete.pk])).content.decode()

        assert reverse("exceptions:do", args=[case("E03").pk, "correct_order"]) in page
        assert "accept_payment_hold" not in page
