"""When the warehouse takes the order, told before it does (R45)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from portal.dashboard.journey import load
from portal.dashboard.lock import Lock, lock_of, pace_of
from portal.ledger.models import HubOrder, SalesOrder, Stage
from portal.sync.models import ExternalReference
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World, ago


def page(as_: As, order: SalesOrder) -> str:
    return text(as_("cora").get(reverse("dashboard:order", args=[order.pk])))


def begun(world: World, *waits: float) -> None:
    """Earlier orders, each begun so many minutes after the warehouse got it."""
    for number, minutes in enumerate(waits):
        order = world.order(f"OLD-{number}", Stage.WITH_HUB, minutes=600)
        hub_order = world.with_hub(order, minutes=500)
        HubOrder.objects.filter(pk=hub_order.pk).update(locked_at=hub_order.changed_at + timedelta(minutes=minutes))


def lock(order: SalesOrder) -> Lock:
    return lock_of(load(SalesOrder.objects.select_related("connection", "integration__hub").get(pk=order.pk), at=ago()))


class TestTheLockOutTime:
    def test_is_told_ahead_from_how_the_warehouse_works(self, world: World, as_: As) -> None:  # R45
        begun(world, 60, 90, 120, 150, 180)
        order = world.order("SO-1")
        hub_order = world.with_hub(order, minutes=10)

        found = lock(order)
        assert (found.from_at, found.usual_at) == (hub_order.seen_at + timedelta(minutes=60), hub_order.seen_at + timedelta(minutes=120))
        assert "Expected to lock at" in page(as_, order) and "the last 5 orders that Veeqo Leeds began" in page(as_, order)

    def test_says_that_it_may_happen_any_moment_once_it_is_due(self, world: World, as_: As) -> None:  # R45
        begun(world, 5, 6, 7, 8, 9)
        order = world.order("SO-1")
        world.with_hub(order, minutes=30)

        assert "It may be taken any moment" in page(as_, order)

    def test_is_told_before_the_warehouse_has_the_order(self, world: World, as_: As) -> None:  # R45
        begun(world, 60, 60, 60, 60, 60)

        assert "Once Veeqo Leeds has it, it locks after about 60 min" in page(as_, world.order("SO-1"))

    def test_is_said_to_be_unknown_where_too_few_orders_were_seen(self, world: World, as_: As) -> None:  # R45
        begun(world, 60)
        order = world.order("SO-1")
        world.with_hub(order)

        assert lock(order).usual_at is None
        assert "is not known" in page(as_, order)

    @pytest.mark.parametrize("system", ["veeqo", "deposco"])
    def test_is_read_from_each_warehouses_own_orders(self, world: World, system: str) -> None:  # R45: Veeqo and Deposco
        world.hub.system = system
        world.hub.save()
        begun(world, 10, 20, 30, 40, 50)

        assert pace_of(world.shop, at=ago()) is None
        assert (pace_of(world.hub, at=ago()) or pytest.fail("no pace")).usual == timedelta(minutes=30)

    def test_is_gone_once_the_order_is_locked(self, world: World, as_: As) -> None:  # R45
        begun(world, 10, 20, 30, 40, 50)
        order = world.order("SO-1")
        world.with_hub(order, locked=True)

        assert "Expected to lock" not in page(as_, order) and "do not promise one" in page(as_, order)

    def test_ignores_clocks_that_ran_backwards(self, world: World) -> None:  # a hub's clock may be behind ours
        begun(world, 10, 20, 30, 40, 50, -5)
        assert ExternalReference.objects.count() == 6

        assert (pace_of(world.hub, at=ago()) or pytest.fail("no pace")).orders == 5
