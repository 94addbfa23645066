"""An order changed after the warehouse was given it: noticed at once, both versions beside each other, closed when they agree (R44)."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.urls import reverse

from connectors.canonical import OrderState
from exceptions.actions import perform
from exceptions.models import ExceptionCase
from portal.ledger.models import OrderLine, SalesOrder, Stage
from portal.ledger.record_orders import record_order
from portal.sync.complaints import snapshot
from portal.sync.models import OutboundMessage
from portal.sync.plan_orders import plan_order
from portal.sync.versions import compare, versions_of
from tests import people
from tests.corridor import control
from tests.dashboard.conftest import text
from tests.ledger.orders import ADDRESS, NOON, a_connection, a_line, an_integration, an_order, kept, later


@pytest.fixture
def edited(corridor):
    """Two mugs went to the warehouse; the shop now says five."""
    [placed] = corridor.place()
    corridor.run()
    control(corridor.shop, f"orders/{placed['orderNumber']}/edit", quantity=5)
    corridor.read_orders()
    return corridor.order(placed)


def case() -> ExceptionCase:
    return ExceptionCase.objects.get(kind="E09")


class TestAnEditAfterItWasSent:
    def test_is_a_case_of_customer_care_with_both_versions(self, edited):  # E09, R44
        found = case()

        assert (found.owner, found.is_open, edited.number in found.cause) == ("CX", True, True)
        assert found.evidence["with the warehouse"]["lines"] == [["MUG-1", 2]]
        assert found.evidence["in the channel now"]["lines"] == [["MUG-1", 5]]

    def test_is_not_sent_to_the_warehouse(self, corridor, edited):  # R44
        corridor.send()

        [there] = corridor.at_warehouse(edited.number)
        assert sum(line["quantity"] for line in there["line_items"]) == 2

    def test_shows_both_versions_side_by_side_on_the_case(self, edited, client):  # E09, R44
        client.force_login(people.person("cora"))
        page = text(client.get(case().get_absolute_url()))

        assert "With the warehouse In Shop now" in page
        assert "MUG-1 2 units 5 units changed" in page
        assert "High Street" not in page.split("Both versions")[1].split("stays hidden here")[0]

    def test_shows_both_versions_side_by_side_on_the_orders_page(self, edited, client):  # E09, R44
        client.force_login(people.person("cora"))
        url = reverse("dashboard:order", args=[edited.pk])
        before = text(client.get(url))
        client.post(reverse("dashboard:show_personal", args=[edited.pk]))

        assert "The warehouse has another version" in before and "MUG-1 2 units 5 units changed" in before
        assert "Street hidden hidden" in before
        assert "Street hidden hidden" not in text(client.get(url))

    def test_closes_by_itself_when_the_versions_agree_again(self, corridor, edited):  # E09
        control(corridor.shop, f"orders/{edited.number}/edit", quantity=2)
        corridor.read_orders()

        assert (case().is_open, case().resolution, case().proof["versions"]) == (False, "fixed_verified", "agree")

    def test_closes_when_customer_care_records_the_contact(self, edited):  # E09
        said = perform(case(), "record_contact", by=people.person("cora"), token=uuid.uuid4(), data={"said": "Two mugs come, three follow."})

        assert "closed" in said
        assert (case().is_open, case().proof["customer was told"]) == (False, "Two mugs come, three follow.")


def with_hub(**values) -> SalesOrder:
    order = kept(an_integration().channel, **values)
    plan_order(order, at=NOON)
    SalesOrder.objects.update(stage=Stage.WITH_HUB, sent_snapshot=snapshot(order), sent_version=order.version)
    order.refresh_from_db()
    return order


def newer(order: SalesOrder, **changes) -> SalesOrder:
    seen = replace(an_order(order.reference), version=str(int(order.version) + 1), changed_at=later(), **changes)
    recorded = record_order(seen, connection=order.connection, at=later())
    plan_order(recorded.order, at=later(), changed=recorded.changed)
    recorded.order.refresh_from_db()
    return recorded.order


class TestTheWatchOverVersions:
    @pytest.mark.parametrize(
        "change",
        [{"lines": (a_line(sku="TEE-1"),)}, {"shipping_address": replace(ADDRESS, line1="2 Low Street")}, {"ship_service_code": "express"}],
    )
    def test_sees_a_sku_an_address_and_a_delivery_method(self, db, change):  # E09, R44
        newer(with_hub(), **change)

        assert case().is_open

    @pytest.mark.parametrize("change", [{"note": "Ring twice"}, {"payments": ()}, {"email": "new@example.com"}])
    def test_is_not_alarmed_by_what_the_warehouse_was_not_given(self, db, change):  # E09
        newer(with_hub(), **change)

        assert not ExceptionCase.objects.exists()

    def test_sees_the_edit_of_an_order_that_is_released_at_the_same_time(self, db):  # E09, R38: held, then cleared and edited in one message
        order = with_hub(state=OrderState.WAITING_ACCEPTANCE)
        newer(order, state=OrderState.OPEN, lines=(a_line(quantity=3),))

        assert case().is_open
        assert not OutboundMessage.objects.filter(kind="release_order").exists()

    def test_sees_the_edit_of_an_order_that_is_still_held(self, db):  # E09
        order = with_hub(state=OrderState.WAITING_ACCEPTANCE)
        newer(order, state=OrderState.WAITING_ACCEPTANCE, lines=(a_line(quantity=3),))

        assert case().is_open

    def test_sees_an_edit_made_while_the_order_was_on_its_way(self, corridor):  # E09: between the call and its answer
        [placed] = corridor.place()
        corridor.run()
        OrderLine.objects.filter(order=corridor.order(placed)).update(quantity=5)
        SalesOrder.objects.update(version="99")
        corridor.read_warehouse()

        assert case().evidence["with the warehouse"]["lines"] == [["MUG-1", 2]]


class TestCompared:
    def test_names_what_only_one_version_has(self):  # R44
        rows = compare({"lines": [["A", 1], ["B", 2]]}, {"lines": [["B", 2], ["C", 3]]})

        assert [(row.label, row.sent, row.now, row.differs) for row in rows[:3]] == [
            ("A", "1 unit", "", True), ("B", "2 units", "2 units", False), ("C", "", "3 units", True),
        ]  # fmt: skip

    def test_is_empty_while_nothing_was_sent(self, db):
        assert versions_of(kept(a_connection())) == []
