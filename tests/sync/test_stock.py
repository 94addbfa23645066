"""A level's way from the warehouse to the shop."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from connectors.canonical import StockLevel as Level
from portal.connections.connect import connect
from portal.connections.models import Integration
from portal.connections.signals import integration_changed
from portal.ledger.models import Buffer, StockLevel, StockPublication
from portal.ledger.record_stock import record_level
from portal.sync.interpret import interpret_batch
from portal.sync.jobs import replan_due
from portal.sync.models import Cursor
from portal.sync.receive import receive
from portal.sync.stock import replan_stock
from portal.sync.stock_watch import late_in
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


class TestGoodsThatAreNotVerifiedYet:
    """Ordered, on the way, or delivered and not assessed: the warehouse counts them, and not as available."""

    def at_the_warehouse(self, corridor, **units):
        """The warehouse tells of MUG-1."""
        place = str(corridor.made["warehouses"]["Leeds Main"])
        with transaction.atomic():
            record_level(Level(sku="MUG-1", warehouse_code=place, **units), connection=corridor.hub, source="poll", at=timezone.now())
            replan_stock(corridor.hub, ["MUG-1"], at=timezone.now())
        corridor.send()

    def test_reach_no_channel(self, corridor):  # R14
        corridor.read(corridor.hub, "stock")
        corridor.send()
        self.at_the_warehouse(corridor, available=50, on_hand=90, incoming=200)

        assert shown(corridor)["wh-leeds"] == 50

    def test_reach_it_once_the_warehouse_has_verified_them(self, corridor):  # R14
        corridor.read(corridor.hub, "stock")
        self.at_the_warehouse(corridor, available=50, on_hand=90, incoming=200)
        self.at_the_warehouse(corridor, available=90, on_hand=90, incoming=200)

        assert shown(corridor)["wh-leeds"] == 90


class TestTheDelayOfALevel:
    def test_counts_from_the_sale_that_moved_it(self, corridor):  # R13, R25
        corridor.read(corridor.hub, "stock")
        corridor.send()
        StockLevel.objects.update(changed_at=timezone.now() - timedelta(days=3))
        corridor.place(shipping_method="express")
        corridor.read_orders()
        corridor.send()

        row = StockPublication.objects.get(sku="MUG-1", warehouse_code="wh-leeds")
        assert row.confirmed == 48 and row.latency_s is not None and row.latency_s < 600

    def test_makes_no_case_of_what_was_just_connected(self, corridor):  # R22, R25
        corridor.read(corridor.hub, "stock")
        StockLevel.objects.update(changed_at=timezone.now() - timedelta(days=3))
        StockPublication.objects.all().delete()
        replan_stock(corridor.hub, ["MUG-1", "TEE-1"], at=timezone.now())

        assert late_in(corridor.integration, at=timezone.now()) == []


class TestASettingOfTheIntegration:
    def test_reaches_the_levels_that_are_published(self, corridor):  # R10
        corridor.read(corridor.hub, "stock")
        corridor.send()
        corridor.integration.buffer = 5
        corridor.integration.save()
        integration_changed.send(Integration, integration=corridor.integration, by="test", at=timezone.now())
        replan_due(corridor.hub.pk)
        corridor.send()

        assert shown(corridor)["wh-leeds"] == 45


class TestAnEvent:
    def test_reaches_the_channel_without_waiting_for_the_next_reading(self, corridor):  # R8
        corridor.read(corridor.hub, "stock")
        corridor.send()
        cursor = Cursor.objects.get(connection=corridor.hub, feed="stock").value
        control(corridor.warehouse, "stock", changes=[{"sku": "MUG-1", "warehouse": "Leeds Main", "physical": 7}])
        told = [item for page in connect(corridor.hub).poll("stock", cursor, until=timezone.now()) for item in page.items]
        receive(told, connection=corridor.hub, door="event", at=timezone.now())
        while interpret_batch(corridor.hub, at=timezone.now()):
            pass
        corridor.send()

        assert Cursor.objects.get(connection=corridor.hub, feed="stock").value == cursor
        assert shown(corridor)["wh-leeds"] == 7
