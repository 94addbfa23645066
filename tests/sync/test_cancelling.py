"""Cancelled in the channel while it is not clear what the warehouse has (E07, R35)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from exceptions.models import ExceptionCase
from portal.ledger.models import HubOrder, Stage
from portal.sync.kinds import NotYet
from portal.sync.kinds.cancel_order import prepare
from portal.sync.models import ExternalReference, OutboundMessage, State
from tests.corridor import control


def doubled(corridor):
    """The warehouse has the order twice, and knows of neither as ours: creation stopped there."""
    [placed] = corridor.place()
    corridor.run()
    number = f"CT-{placed['orderNumber']}"
    control(corridor.warehouse, "place", prefix=number[:-1], first=int(number[-1]), sku="MUG-1")
    ExternalReference.objects.filter(kind="order").delete()
    OutboundMessage.objects.filter(kind="create_order").update(state=State.PARKED, looks_first=True, waiting_for="duplicate", note="twice")
    control(corridor.shop, f"orders/{placed['orderNumber']}/cancel")
    return placed


class TestACancelledOrderTheWarehouseHasTwice:
    def test_is_not_said_to_have_never_been_there(self, corridor):  # E07
        placed = doubled(corridor)
        corridor.read_orders()
        message = OutboundMessage.objects.select_related("order", "order__connection", "integration").get(kind="cancel_order")

        with pytest.raises(NotYet, match="perhaps more than once"):
            prepare(message, at=timezone.now())
        assert corridor.order(placed).stage != Stage.CANCELLED

    def test_is_cancelled_there_both_times(self, corridor):  # E07, R35
        placed = doubled(corridor)
        corridor.read_warehouse()
        corridor.read_orders()
        corridor.send()
        corridor.read_warehouse()

        assert {one["status"] for one in corridor.at_warehouse(placed["orderNumber"])} == {"cancelled"}
        assert set(HubOrder.objects.values_list("state", flat=True)) == {"cancelled"}
        assert not ExceptionCase.objects.filter(kind="E07", is_open=True).exists()
