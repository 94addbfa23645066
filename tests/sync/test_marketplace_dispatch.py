"""Dispatches reach a marketplace with a carrier of its own list, whole or in parts, and errors inside a 200 are errors."""

from __future__ import annotations

import pytest

from exceptions.models import ExceptionCase
from mappings import changes
from mappings.models import CarrierMapping
from portal.connections.models import Connection
from portal.ledger.models import Stage
from portal.sync.models import OutboundMessage, State
from tests.contract.mirakl_record import all_faults
from tests.corridor import control
from tests.marketplace import Marketplace
from tests.people import person

DPD = 4


@pytest.fixture
def several(db, operators):
    """An operator that knows several shipments for an order."""
    made = Marketplace(*operators, multi_shipment=True)
    yield made
    assert all_faults(made.calls(made.shop)) == []


@pytest.fixture
def to_ship(marketplace):
    """An order that the warehouse may ship."""
    [reference] = marketplace.place(lines={"MUG-1": 2})
    marketplace.round()
    return reference


def back(marketplace) -> None:
    """From the warehouse to the marketplace, and what it shows of that."""
    marketplace.read_warehouse()
    marketplace.send()
    marketplace.read_orders()


def carriers(marketplace) -> dict[str, int]:
    return marketplace.summary()["carriers"]


class TestADispatch:
    def test_shows_carrier_and_tracking_and_ships_the_order(self, marketplace, to_ship):  # R58, R59, R62
        marketplace.ship_parcel(to_ship, tracking="RM123")
        back(marketplace)

        there = marketplace.there(to_ship)
        assert (there["order_state"], there["shipping_carrier_code"], there["shipping_tracking"]) == ("SHIPPED", "RM", "RM123")
        assert marketplace.known(to_ship).stage == Stage.DONE

    def test_is_told_once_however_often_it_is_tried(self, marketplace, to_ship):  # R56
        marketplace.ship_parcel(to_ship)
        marketplace.fault(marketplace.shop, "lost_after", path="/ship$")
        back(marketplace)
        marketplace.later_send(minutes=5)
        back(marketplace)

        assert (marketplace.state(to_ship), marketplace.summary()["shipped_twice"]) == ("SHIPPED", [])
        assert OutboundMessage.objects.filter(kind="confirm_shipment", state__in=(State.SENT, State.CONFIRMED)).count() == 1


class TestADispatchWithoutItsNumber:
    def test_waits_for_it_because_the_marketplace_takes_none_later(self, marketplace, to_ship):  # R58, R62
        marketplace.ship_parcel(to_ship, tracking="late")
        back(marketplace)
        assert (marketplace.state(to_ship), ExceptionCase.objects.filter(kind__in=("E17", "E18"), is_open=True).count()) == ("SHIPPING", 0)

        control(marketplace.warehouse, "track", numbers=[f"MK-{to_ship}"], tracking="RM999")
        back(marketplace)
        marketplace.later_send(minutes=6)
        assert (marketplace.state(to_ship), marketplace.summary()["shipped_twice"]) == ("SHIPPED", [])
        assert marketplace.there(to_ship)["shipping_tracking"] == "RM999"
        assert not ExceptionCase.objects.filter(kind="E17").exists()

    def test_is_told_without_one_where_the_operator_does_not_mind(self, marketplace, to_ship):
        Connection.objects.filter(pk=marketplace.channel.pk).update(options={**marketplace.channel.options, "tracking_wait_min": "0"})
        marketplace.ship_parcel(to_ship, tracking="late")
        back(marketplace)
        assert marketplace.state(to_ship) == "SHIPPED"


class TestAnUnmappedCarrier:
    @pytest.fixture
    def waiting(self, marketplace):
        references = marketplace.place(count=3)
        marketplace.round()
        for reference in references:
            marketplace.ship_parcel(reference, carrier_id=DPD, tracking=f"D-{reference}")
        back(marketplace)
        return references

    def test_never_leaves(self, marketplace, waiting):  # R60
        assert carriers(marketplace) == {}
        assert marketplace.calls(marketplace.shop, path="/tracking") == []

    def test_is_one_case_for_all_that_wait(self, marketplace, waiting):  # R60, E16
        [found] = ExceptionCase.objects.filter(kind="E16", is_open=True)
        assert (found.items_open, found.severity) == (3, 1)

    def test_sends_all_that_waited_when_it_is_mapped(self, marketplace, waiting):  # R60
        changes.save(
            CarrierMapping(integration=marketplace.integration, hub_carrier=str(DPD), hub_label="DPD", channel_code="DPD-UK"),
            by=person("omar"),
            reason="new",
        )
        back(marketplace)

        assert carriers(marketplace) == {"DPD-UK": 3}
        assert not ExceptionCase.objects.filter(is_open=True).exists()

    @pytest.mark.parametrize("wrong", ["DPD", "dpd-uk", "DPD-UK "])
    def test_that_is_mapped_to_something_not_in_the_operators_list_does_not_leave(self, marketplace, waiting, wrong):  # R61
        marketplace.map_carrier(str(DPD), "DPD", wrong)
        OutboundMessage.objects.filter(kind="confirm_shipment").update(state=State.QUEUED, waiting_for="")
        back(marketplace)

        assert carriers(marketplace) == {}
        assert marketplace.calls(marketplace.shop, path="/tracking") == []
        assert ExceptionCase.objects.get(kind="E16", is_open=True).items_open == 3

    def test_leaves_when_a_wrong_mapping_is_put_right(self, marketplace, waiting):  # R60, R61
        row = marketplace.map_carrier(str(DPD), "DPD", "DPD")
        OutboundMessage.objects.filter(kind="confirm_shipment").update(state=State.QUEUED, waiting_for="")
        back(marketplace)
        row.channel_code = "DPD-UK"
        changes.save(row, by=person("omar"), reason="typo")
        back(marketplace)

        assert carriers(marketplace) == {"DPD-UK": 3}


class TestPartialShipments:
    def test_are_shipments_of_their_own_where_the_operator_has_them(self, several):  # R63, R64
        [reference] = several.place(lines={"MUG-1": 2})
        several.round()
        states = []
        for tracking in ("RM1", "RM2"):
            several.ship_parcel(reference, units={"MUG-1": 1}, tracking=tracking)
            back(several)
            states.append(several.state(reference))

        assert states == ["SHIPPING", "SHIPPED"]
        assert carriers(several) == {"RM": 2}
        assert several.known(reference).stage == Stage.DONE

    def test_wait_for_the_rest_where_it_has_none(self, marketplace, to_ship):  # R64
        marketplace.ship_parcel(to_ship, units={"MUG-1": 1}, tracking="RM1")
        back(marketplace)
        before = (marketplace.state(to_ship), ExceptionCase.objects.filter(is_open=True).count())
        marketplace.ship_parcel(to_ship, tracking="RM2")
        back(marketplace)
        marketplace.send()

        assert before == ("SHIPPING", 0)
        assert (marketplace.state(to_ship), marketplace.known(to_ship).stage) == ("SHIPPED", Stage.DONE)

    def test_that_wait_too_long_are_a_case_of_their_own(self, marketplace, to_ship):  # E19
        marketplace.ship_parcel(to_ship, units={"MUG-1": 1}, tracking="RM1")
        back(marketplace)
        marketplace.clock(hours=2)

        silent = ExceptionCase.objects.filter(kind="E32")  # nobody reads while the clock is put forward
        assert [case.kind for case in ExceptionCase.objects.filter(is_open=True).difference(silent)] == ["E19"]


class TestErrorsInsideA200:
    def test_are_errors(self, several):  # E17
        [reference] = several.place(lines={"MUG-1": 2})
        several.round()
        several.ship_parcel(reference, units={"MUG-1": 1}, tracking="RM1")
        several.read_warehouse()
        control(several.shop, "cancel", order_ids=[reference])
        several.send()

        assert carriers(several) == {}
        assert ExceptionCase.objects.filter(kind="E17", is_open=True).count() == 1
