"""The warehouse's view of an order, its shipments, and what it took back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.canonical import HubOrder, HubState, Parcel, Shipment, ShipmentLine
from portal.ledger import models
from portal.ledger.record_hub_orders import record_hub_order
from tests.ledger.orders import NOON, a_connection, kept, later

BOX = Shipment("s1", (ShipmentLine("MUG-1", 2),), (Parcel("p1", "TRACK1"),), carrier_code="dpd", shipped_at=NOON)
SEEN = HubOrder("77", "CT-1", "1", HubState.SHIPPED, (ShipmentLine("MUG-1", 2),), NOON, shipments=(BOX,))


@pytest.fixture
def hub(db):
    return a_connection("Warehouse", "veeqo")


def take(hub, seen=SEEN, order=None):
    return record_hub_order(seen, connection=hub, order=order, at=NOON)


def newer(**changes) -> HubOrder:
    return replace(SEEN, version="2", changed_at=later(), **changes)


class TestAHubOrder:
    def test_is_kept_with_its_shipments(self, hub):  # R63
        recorded = take(hub)

        assert (recorded.created, [one.reference for one in recorded.shipments]) == (True, ["s1"])
        assert models.Parcel.objects.get().tracking_number == "TRACK1"

    def test_told_again_changes_nothing(self, hub):
        take(hub)
        recorded = take(hub)

        assert (recorded.changed, recorded.shipments, recorded.taken_back) == (False, (), ())

    def test_of_an_older_version_changes_nothing(self, hub):
        take(hub, newer())
        recorded = take(hub, replace(SEEN, shipments=()))

        assert (recorded.older, models.Shipment.objects.filter(cancelled_at=None).count()) == (True, 1)

    def test_without_a_counterpart_is_kept_and_tied_later(self, hub):  # R43
        take(hub)
        order = kept(a_connection())
        recorded = take(hub, order=order)

        assert (recorded.hub_order.order, models.Shipment.objects.get().order) == (order, order)
        assert [one.reference for one in recorded.shipments] == ["s1"]

    def test_is_not_untied_by_an_observation_that_does_not_know(self, hub):
        order = kept(a_connection())
        take(hub, order=order)
        take(hub, newer())

        assert models.HubOrder.objects.get().order == order


class TestAShipment:
    @pytest.mark.parametrize(
        "change",
        [
            {"carrier_code": "evri"},
            {"parcels": (Parcel("p1", "TRACK2"),)},
            {"parcels": (*BOX.parcels, Parcel("p2", "TRACK2"))},
            {"lines": (ShipmentLine("MUG-1", 1),)},
        ],
    )
    def test_that_changes_is_told_again(self, hub, change):  # R63
        take(hub)
        models.Shipment.objects.update(shown_at=NOON)
        recorded = take(hub, newer(shipments=(replace(BOX, **change),)))

        row = models.Shipment.objects.get()
        assert [one.reference for one in recorded.shipments] == ["s1"]
        assert (row.version, row.shown_at) == (2, None)

    def test_that_stays_the_same_is_not_told_again_because_another_came(self, hub):
        take(hub)
        recorded = take(hub, newer(shipments=(BOX, replace(BOX, reference="s2"))))

        assert [one.reference for one in recorded.shipments] == ["s2"]

    def test_that_is_gone_was_taken_back(self, hub):
        take(hub)
        recorded = take(hub, newer(shipments=()))

        assert [one.reference for one in recorded.taken_back] == ["s1"]
        assert models.Shipment.objects.get().cancelled_at is not None

    def test_is_not_thought_gone_when_the_warehouse_does_not_tell(self, hub):
        take(hub)

        assert take(hub, newer(shipments=(), shipments_told=False)).taken_back == ()

    def test_that_comes_back_is_told_again(self, hub):
        take(hub)
        take(hub, newer(shipments=()))
        recorded = take(hub, replace(SEEN, version="3", changed_at=NOON + timedelta(hours=1)))

        assert [one.reference for one in recorded.shipments] == ["s1"]
        assert models.Shipment.objects.get().cancelled_at is None
