"""Stop trying means it: what the case held up is never sent, and opening the case again sends nothing by itself (A13)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from exceptions.cases import reopen, resolve
from exceptions.models import CaseItem, ExceptionCase, Resolution
from mappings.models import CarrierMapping
from portal.ledger.models import Expectation, SalesOrder, Shipment, Stage
from portal.sync.models import OutboundMessage, State
from portal.sync.plan_orders import plan_order
from tests.people import person


def stop_trying(kind: str) -> ExceptionCase:
    case = ExceptionCase.objects.get(kind=kind, is_open=True)
    ExceptionCase.objects.filter(pk=case.pk).update(value={}, worth=0)  # nothing above the limit, so nobody is asked
    case.refresh_from_db()
    assert resolve(case, Resolution.STOPPED, "The customers bought elsewhere.", by=person("finn"), at=timezone.now()) is None
    return case


class TestOrdersNobodyTriesAnyLonger:
    @pytest.fixture
    def blocked(self, corridor):
        placed = corridor.place(count=3, shipping_method="express")
        corridor.run()
        return placed

    def test_say_so(self, corridor, blocked):  # A13
        stop_trying("E16")

        assert set(SalesOrder.objects.values_list("stage", flat=True)) == {Stage.ABANDONED}
        assert "bought elsewhere" in SalesOrder.objects.first().stage_note

    def test_do_not_go_when_the_code_is_mapped_later(self, corridor, blocked):  # A13
        stop_trying("E16")
        corridor.map_service("express", "Standard")
        corridor.send()

        assert [corridor.at_warehouse(order["orderNumber"]) for order in blocked] == [[], [], []]

    def test_do_not_go_when_the_channel_tells_of_them_again(self, corridor, blocked):
        stop_trying("E16")
        for order in SalesOrder.objects.all():
            plan_order(order, at=timezone.now())
        corridor.map_service("express", "Standard")
        corridor.send()

        assert not OutboundMessage.objects.filter(state__in=(State.QUEUED, State.SENT, State.CONFIRMED), kind="create_order").exists()

    def test_stay_stopped_when_the_case_is_opened_again(self, corridor, blocked):
        case = stop_trying("E16")
        reopen(case, "The customer asks for it after all.", by=person("omar"))
        corridor.send()

        assert case.is_open
        assert set(SalesOrder.objects.values_list("stage", flat=True)) == {Stage.ABANDONED}

    def test_are_given_up_although_a_try_got_no_answer(self, corridor):  # A13
        [placed] = corridor.place(shipping_method="express")
        corridor.run()
        OutboundMessage.objects.filter(kind="create_order").update(state=State.QUEUED, looks_first=True, attempts=3)
        stop_trying("E16")
        corridor.send()

        assert corridor.order(placed).stage == Stage.ABANDONED
        assert corridor.at_warehouse(placed["orderNumber"]) == []


class TestDispatchesNobodyTriesAnyLonger:
    def test_are_neither_told_nor_expected(self, corridor):  # A13
        CarrierMapping.objects.all().delete()
        [placed] = corridor.place()
        corridor.run()
        corridor.ship(placed["orderNumber"])
        corridor.read_warehouse()
        corridor.send()
        stop_trying("E16")

        message = OutboundMessage.objects.get(kind="confirm_shipment")
        assert (message.state, message.waiting_for) == (State.ABANDONED, "")
        assert not Expectation.objects.filter(subject=f"shipment:{Shipment.objects.get().pk}", met_at=None, raised_at=None, dropped_at=None).exists()


class TestAnOrderOnACase:
    def test_is_found_by_its_products_and_counted_with_its_customer(self, corridor):  # A3
        corridor.place(shipping_method="express", lines=[{"sku": "MUG-1", "quantity": 2}, {"sku": "CAP-1", "quantity": 1}])
        corridor.run()
        item = CaseItem.objects.get()

        assert (item.units, item.channel) == (3, "Shop")
        assert item.customer != ""
        assert "@" not in item.customer
        assert set(item.case.keys.values_list("key", flat=True)) >= {"MUG-1", "CAP-1"}
