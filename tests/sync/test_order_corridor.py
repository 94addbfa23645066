"""An order's way from the shop to the warehouse."""

from __future__ import annotations

from portal.ledger.models import Stage
from portal.sync.models import ExternalReference, OutboundMessage, State


class TestAnOrder:
    def test_arrives_in_the_warehouse_once(self, corridor):  # R35, R51
        [placed] = corridor.place()
        corridor.run()
        corridor.run()

        [there] = corridor.at_warehouse(placed["orderNumber"])
        assert corridor.order(placed).stage == Stage.WITH_HUB
        assert ExternalReference.objects.get(kind="order").reference == str(there["id"])

    def test_is_confirmed_by_the_warehouses_own_list(self, corridor):
        corridor.place()
        corridor.run()
        corridor.read_warehouse()

        assert OutboundMessage.objects.get(kind="create_order").state == State.CONFIRMED
