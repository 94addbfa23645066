"""Orders that came while nobody took them, once the integration is switched on again (R113)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connectors.canonical import PaymentState
from portal.connections.models import Integration, PaymentGate
from portal.connections.signals import integration_changed
from portal.ledger.models import Expectation, SalesOrder, Stage
from portal.sync import switched
from portal.sync.catch_up import take_up
from portal.sync.plan_orders import plan_order
from portal.sync.run_models import Run
from tests.ledger.orders import NOON, an_integration, kept


@pytest.fixture
def off(db) -> Integration:
    """Switched off; it was made before any order came."""
    integration = an_integration(enabled=False)
    Integration.objects.update(created_at=NOON - timedelta(days=30))
    integration.refresh_from_db()
    return integration


def left_out(integration: Integration, reference: str, **values) -> SalesOrder:
    order = kept(integration.channel, reference=reference, **values)
    plan_order(order, at=NOON)
    assert order.stage == Stage.IGNORED
    return order


def switch_on(integration: Integration, **changes) -> None:
    Integration.objects.filter(pk=integration.pk).update(enabled=True, **changes)
    take_up(integration.pk)


def stage(order: SalesOrder) -> str:
    return SalesOrder.objects.values_list("stage", flat=True).get(pk=order.pk)


class TestSwitchingOn:
    def test_sends_what_came_meanwhile_and_says_so_in_the_log(self, off):
        order = left_out(off, "a")
        switch_on(off)

        assert stage(order) == Stage.QUEUED
        assert Run.objects.get().message == "1 order came while nothing took them, and goes now."

    def test_leaves_what_was_placed_before_the_start_date(self, off):  # R113
        old, new = left_out(off, "old", placed_at=NOON - timedelta(days=5)), left_out(off, "new")
        switch_on(off, start_date=date(2026, 3, 1))

        assert (stage(old), stage(new)) == (Stage.IGNORED, Stage.QUEUED)
        assert "1 placed before 01 Mar 2026 stay out" in Run.objects.get().message

    def test_never_sends_a_shops_past_where_no_start_date_is_set(self, off):
        order = left_out(off, "old", placed_at=NOON - timedelta(days=31))
        switch_on(off)

        assert (stage(order), Run.objects.count()) == (Stage.IGNORED, 0)

    def test_leaves_other_stores_alone(self, off):  # R105
        order = left_out(off, "a", store_code="eu")
        switch_on(off, store_codes=["uk"])

        assert stage(order) == Stage.IGNORED

    def test_sends_nothing_twice(self, off):  # R35
        left_out(off, "a")
        switch_on(off)
        take_up(off.pk)

        assert Run.objects.count() == 1

    def test_is_asked_for_when_the_settings_are_saved(self, off, monkeypatch, django_capture_on_commit_callbacks):
        asked = []
        monkeypatch.setattr(switched, "async_task", lambda name, pk: asked.append((name, pk)))
        off.enabled = True
        with django_capture_on_commit_callbacks(execute=True):
            integration_changed.send(Integration, integration=off, by=None, at=NOON)

        assert asked == [("portal.sync.catch_up.take_up", off.pk)]


class TestAChangedSetting:
    @pytest.fixture
    def held(self, db) -> SalesOrder:
        integration = an_integration(hold_limit_min=120)
        order = kept(integration.channel, payment_state=PaymentState.AUTHORISED)
        plan_order(order, at=NOON)
        return order

    def test_of_the_gate_lets_held_orders_go(self, held):  # R37
        Integration.objects.update(payment_gate=PaymentGate.AUTHORISED)
        take_up(held.integration_id)

        assert stage(held) == Stage.QUEUED

    def test_of_the_limit_moves_the_end_of_the_wait(self, held):  # R37
        Integration.objects.update(hold_limit_min=60 * 24 * 365 * 30)
        take_up(held.integration_id)

        held.refresh_from_db()
        assert held.hold_until == NOON + timedelta(days=365 * 30)
        assert Expectation.objects.get(kind="payment").due_at == held.hold_until
