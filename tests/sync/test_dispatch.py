"""A dispatch's way from the warehouse back to the shop."""

from __future__ import annotations

import pytest

from exceptions.models import ExceptionCase
from portal.connections.models import Integration
from portal.ledger.models import Shipment, Stage
from portal.sync.models import OutboundMessage, State


@pytest.fixture
def sent(corridor):
    [placed] = corridor.place()
    corridor.run()
    return placed


def deliveries(corridor, placed):
    return corridor.in_shop(placed["id"])["shippingInfo"]["deliveries"]


class TestADispatch:
    def test_becomes_a_delivery_with_carrier_and_tracking(self, corridor, sent):  # R56, R58, R62
        corridor.ship(sent["orderNumber"], tracking="RM123")
        corridor.read_warehouse()
        corridor.send()

        [delivery] = deliveries(corridor, sent)
        [parcel] = delivery["parcels"]
        assert parcel["trackingData"]["trackingId"] == "RM123"
        assert parcel["trackingData"]["carrier"] == "royal-mail"

    def test_sets_the_state_that_fires_the_shops_mail_once(self, corridor, sent):  # R65
        corridor.ship(sent["orderNumber"])
        corridor.read_warehouse()
        corridor.send()
        first = corridor.in_shop(sent["id"])
        OutboundMessage.objects.filter(kind="confirm_shipment").update(state=State.QUEUED)
        corridor.send()

        again = corridor.in_shop(sent["id"])
        assert first["shipmentState"] == "Shipped"
        assert again["version"] == first["version"]

    def test_finishes_the_order(self, corridor, sent):
        corridor.ship(sent["orderNumber"])
        corridor.read_warehouse()
        corridor.send()

        assert corridor.order(sent).stage == Stage.DONE
        assert Shipment.objects.get().shown_at is not None

    def test_with_late_tracking_fills_the_parcel_later(self, corridor, sent):
        corridor.ship(sent["orderNumber"], tracking="late")
        corridor.read_warehouse()
        corridor.send()
        before = Shipment.objects.get().shown_at
        from tests.corridor import control

        control(corridor.warehouse, "track", numbers=[f"CT-{sent['orderNumber']}"], tracking="RM999")
        corridor.read_warehouse()
        corridor.send()

        [delivery] = deliveries(corridor, sent)
        assert before is None
        assert delivery["parcels"][0]["trackingData"]["trackingId"] == "RM999"

    def test_in_parts_makes_a_delivery_each(self, corridor, sent):  # R63
        corridor.ship(sent["orderNumber"], units={"MUG-1": 1})
        corridor.read_warehouse()
        corridor.send()
        partly = corridor.in_shop(sent["id"])["shipmentState"]
        corridor.ship(sent["orderNumber"])
        corridor.read_warehouse()
        corridor.send()

        assert partly == "Partial"
        assert [sum(item["quantity"] for item in one["items"]) for one in deliveries(corridor, sent)] == [1, 1]
        assert corridor.in_shop(sent["id"])["shipmentState"] == "Shipped"


def shown_late(corridor) -> ExceptionCase:
    return ExceptionCase.objects.get(kind="E18")


class TestADispatchTheShopDoesNotShow:
    @pytest.fixture
    def silent(self, corridor, sent):
        """The warehouse has shipped, and nothing gets through to the shop."""
        corridor.ship(sent["orderNumber"], tracking="RM123")
        corridor.read_warehouse()
        return corridor

    def test_is_a_case_by_the_clock_alone_when_the_window_is_over(self, silent, sent):  # E18, R57, A5
        silent.later(minutes=58)
        before = ExceptionCase.objects.filter(kind="E18").exists()
        silent.later(minutes=62)

        assert (before, shown_late(silent).owner) == (False, "OPS")
        assert f"Order {sent['orderNumber']} left the warehouse" in shown_late(silent).cause

    def test_follows_the_window_that_was_set(self, corridor, sent):  # R57: configurable
        Integration.objects.update(dispatch_window_min=10)
        corridor.ship(sent["orderNumber"])
        corridor.read_warehouse()
        corridor.later(minutes=12)

        assert shown_late(corridor).is_open

    def test_closes_with_proof_when_the_shop_shows_it(self, silent):  # E18, R56, A4
        silent.later(minutes=62)
        silent.send()

        found = shown_late(silent)
        assert (found.is_open, found.resolution, bool(found.proof)) == (False, "fixed_verified", True)
