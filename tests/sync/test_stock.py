"""A level's way from the warehouse to the shop."""

from __future__ import annotations

from connectors.canonical import StockLevel as Level
from portal.connections.connect import connect
from portal.connections.models import Integration
from portal.ledger.models import Buffer, StockPublication
from tests.corridor import control


def shown(corridor, sku="MUG-1"):
    """What the shop shows: place → units on stock."""
    found = {}
    for level in connect(corridor.channel).read_stock([sku]):
        assert isinstance(level, Level)
        found[level.warehouse_code] = level.on_hand
    return found


class TestALevel:
    def test_reaches_the_shop_less_the_buffer(self, corridor):  # R10, R11, R18
        Integration.objects.update(buffer=3)
        corridor.read(corridor.hub, "stock")
        corridor.send()

        assert shown(corridor)["wh-leeds"] == 47

    def test_is_sent_once_while_nothing_changes(self, corridor):
        corridor.read(corridor.hub, "stock")
        corridor.send()
        before = len(corridor.calls(corridor.shop, method="POST", path="/inventory"))
        corridor.read(corridor.hub, "stock")
        corridor.send()

        assert len(corridor.calls(corridor.shop, method="POST", path="/inventory")) == before

    def test_follows_the_most_exact_buffer(self, corridor):  # R10
        Buffer.objects.create(integration=corridor.integration, pattern="MUG-*", units=10)
        Buffer.objects.create(integration=corridor.integration, pattern="MUG-1", units=20)
        corridor.read(corridor.hub, "stock")
        corridor.send()

        assert shown(corridor)["wh-leeds"] == 30

    def test_is_lowered_by_what_the_warehouse_does_not_know_yet(self, corridor):  # R13
        corridor.read(corridor.hub, "stock")
        corridor.place(shipping_method="express")
        corridor.read_orders()
        corridor.send()

        assert StockPublication.objects.get(sku="MUG-1", warehouse_code="wh-leeds").confirmed == 48

    def test_change_is_published_with_its_latency(self, corridor):  # R25
        corridor.read(corridor.hub, "stock")
        corridor.send()
        control(corridor.warehouse, "stock", changes=[{"sku": "MUG-1", "warehouse": "Leeds Main", "physical": 7}])
        corridor.read(corridor.hub, "stock")
        corridor.send()

        row = StockPublication.objects.get(sku="MUG-1", warehouse_code="wh-leeds")
        assert (row.confirmed, shown(corridor)["wh-leeds"]) == (7, 7)
        assert row.latency_s is not None
