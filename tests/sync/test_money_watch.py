"""Shipped and not paid, paid and not shipped: found by the clock alone, closed by what the channel shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from connectors.canonical import OrderState, Payment, PaymentState
from exceptions.models import CaseItem, ExceptionCase
from exceptions.proof import check
from portal.connections.models import Integration, PaymentGate
from portal.ledger.models import Expectation, SalesOrder, Shipment, Stage
from portal.ledger.record_orders import record_order
from portal.sync.plan_orders import plan_order
from portal.sync.sweep import sweep_clock
from tests.corridor import control
from tests.ledger.orders import NOON, an_integration, an_order, kept, later

AUTHORISED = (Payment("p", currency="GBP", authorised=Decimal("12.00")),)
PAID = (Payment("p", currency="GBP", authorised=Decimal("12.00"), captured=Decimal("12.00")),)
REFUNDED = (Payment("p", currency="GBP", captured=Decimal("12.00"), refunded=Decimal("12.00")),)


def case(kind: str) -> ExceptionCase:
    return ExceptionCase.objects.get(kind=kind)


def is_raised(kind: str) -> bool:
    return ExceptionCase.objects.filter(kind=kind).exists()


@pytest.fixture
def unpaid(corridor):
    """An order the shop has only authorised, at the warehouse."""
    Integration.objects.update(payment_gate=PaymentGate.AUTHORISED)
    [placed] = corridor.place(payment="authorized", extra={"paymentState": None})
    corridor.run()
    assert corridor.order(placed).stage == Stage.WITH_HUB
    return placed


def dispatch(corridor, placed, **wish) -> None:
    corridor.ship(placed["orderNumber"], **wish)
    corridor.read_warehouse()
    corridor.send()


def capture(corridor, placed) -> None:
    control(corridor.shop, f"orders/{placed['orderNumber']}/settle", label=False)
    corridor.read(corridor.channel, "payments")


class TestAnOrderThatShippedUnpaid:
    def test_is_a_case_of_finance_by_the_clock_alone(self, corridor, unpaid):  # E28, R66
        dispatch(corridor, unpaid)
        corridor.later(hours=23)
        before = is_raised("E28")
        corridor.later(hours=25)

        found = case("E28")
        assert (before, found.owner, found.items_open) == (False, "FIN", 1)
        assert "not been taken" in found.cause and unpaid["orderNumber"] in found.cause

    def test_shows_the_sum_that_is_missing_in_its_currency(self, corridor, unpaid):  # E28, R98
        dispatch(corridor, unpaid)
        corridor.later(hours=25)

        order = corridor.order(unpaid)
        assert case("E28").value == {"GBP": f"{order.total:.2f}"}

    def test_is_as_old_as_its_dispatch(self, corridor, unpaid):  # E28, R66: aged
        dispatch(corridor, unpaid)
        corridor.later(days=9)

        assert CaseItem.objects.get(case__kind="E28").at == Shipment.objects.get().shipped_at

    def test_closes_with_proof_when_the_capture_is_seen(self, corridor, unpaid):  # E28, R66: late capture
        dispatch(corridor, unpaid)
        corridor.later(hours=25)
        capture(corridor, unpaid)

        found = case("E28")
        assert (found.is_open, found.resolution) == (False, "fixed_verified")
        assert Decimal(found.proof["captured"]) == corridor.order(unpaid).total

    def test_is_no_case_when_the_money_comes_in_time(self, corridor, unpaid):  # E28
        dispatch(corridor, unpaid)
        capture(corridor, unpaid)
        corridor.later(days=9)

        assert not is_raised("E28")

    def test_begins_with_the_first_part_and_asks_for_that_part_only(self, corridor, unpaid):  # E28: partial fulfilment
        dispatch(corridor, unpaid, units={"MUG-1": 1})
        corridor.later(hours=25)

        half = (corridor.order(unpaid).total / 2).quantize(Decimal("0.01"))
        assert Decimal(case("E28").value["GBP"]) == half
        assert "in part" in case("E28").cause

    def test_that_was_paid_before_is_never_a_case(self, corridor):  # R66
        [placed] = corridor.place()
        corridor.run()
        dispatch(corridor, placed)
        corridor.later(days=9)

        assert not is_raised("E28")


def shipped(integration, **values) -> SalesOrder:
    order = kept(integration.channel, payment_state=PaymentState.AUTHORISED, payments=AUTHORISED, **values)
    SalesOrder.objects.update(integration=integration, stage=Stage.SHIPPED)
    order.refresh_from_db()
    plan_order(order, at=NOON)
    return order


def news(order: SalesOrder, *, at=None, **changes) -> SalesOrder:
    order.refresh_from_db()
    seen = replace(an_order(order.reference), version=str(int(order.version) + 1), changed_at=later(60), **changes)
    recorded = record_order(seen, connection=order.connection, at=later())
    plan_order(recorded.order, at=at or later(), changed=recorded.changed)
    recorded.order.refresh_from_db()
    return recorded.order


class TestACapture:
    def test_of_a_part_leaves_the_rest_on_the_case(self, db):  # E28, R98: partial capture
        order = shipped(an_integration())
        sweep_clock(at=NOON + timedelta(hours=25))
        news(order, payments=(Payment("p", currency="GBP", authorised=Decimal(12), captured=Decimal(5)),), payment_state=PaymentState.PENDING)

        assert (case("E28").is_open, case("E28").value) == (True, {"GBP": "7.00"})

    def test_in_another_currency_does_not_count(self, db):  # E28
        order = shipped(an_integration())
        other = (Payment("q", currency="EUR", captured=Decimal(12)), *AUTHORISED)
        news(order, payments=other, payment_state=PaymentState.AUTHORISED)
        sweep_clock(at=NOON + timedelta(hours=25))

        assert case("E28").value == {"GBP": "12.00"}

    def test_told_by_the_label_alone_counts_where_nothing_is_booked(self, db):  # E28
        order = shipped(an_integration())
        sweep_clock(at=NOON + timedelta(hours=25))
        order.payments.all().delete()
        news(order, payments=(), payment_state=PaymentState.PAID)

        assert not case("E28").is_open

    def test_is_not_believed_from_a_label_where_the_bookings_say_no(self, db):  # E28: “Paid” over a bare authorisation
        order = news(shipped(an_integration()), payments=AUTHORISED, payment_state=PaymentState.PAID)
        sweep_clock(at=NOON + timedelta(hours=25))

        assert order.payment_state == PaymentState.PAID
        assert case("E28").is_open

    def test_is_proven_by_looking_again(self, db):  # E28, A4
        order = shipped(an_integration())
        sweep_clock(at=NOON + timedelta(hours=25))
        open_before = check(case("E28"), at=later())
        order.payments.update(captured=Decimal(12))

        assert (open_before, check(case("E28"), at=later()), case("E28").is_open) == (False, True, False)


def paid(integration, **values) -> SalesOrder:
    order = kept(integration.channel, payments=PAID, **values)
    plan_order(order, at=NOON)
    order.refresh_from_db()
    return order


LATE = NOON + timedelta(days=3, minutes=31)  # the transfer's half hour and the warehouse's three days


class TestAPaidOrder:
    def test_that_never_ships_is_a_case_of_finance_by_the_clock_alone(self, db):  # E29, R94
        paid(an_integration())
        sweep_clock(at=LATE - timedelta(minutes=2))
        before = is_raised("E29")
        sweep_clock(at=LATE)

        found = case("E29")
        assert (before, found.owner, found.value, found.oldest_at) == (False, "FIN", {"GBP": "12.00"}, NOON)
        assert "12.00 GBP are kept" in found.cause

    def test_that_is_blocked_is_found_as_well(self, db):  # E29, R94: whatever it waits for
        paid(an_integration(), shipping_address=None)
        sweep_clock(at=LATE)

        assert case("E29").is_open

    def test_that_is_refunded_closes_its_case(self, db):  # E29, R94
        order = paid(an_integration())
        sweep_clock(at=LATE)
        news(order, payments=REFUNDED, payment_state=PaymentState.REFUNDED)

        assert (case("E29").is_open, case("E29").proof["given back"]) == (False, "12.0000")

    def test_that_ships_closes_its_case(self, corridor):  # E29, R94
        [placed] = corridor.place()
        corridor.run()
        corridor.later(days=4)
        was_open = case("E29").is_open
        dispatch(corridor, placed)

        assert (was_open, case("E29").is_open) == (True, False)
        assert "shipped" in case("E29").proof["order is"]

    def test_that_is_not_paid_yet_is_no_case_of_finance(self, corridor, unpaid):  # E29: only money that was taken
        corridor.read_warehouse()
        corridor.later(days=4)

        assert not is_raised("E29")
        assert case("E19").owner == "OPS"

    def test_whose_part_shipped_is_a_stuck_part(self, corridor):  # E19, R64, R94: partial fulfilment
        [placed] = corridor.place()
        corridor.run()
        dispatch(corridor, placed, units={"MUG-1": 1})
        corridor.later(days=4)

        assert (case("E19").is_open, is_raised("E29")) == (True, False)
        assert not check(case("E19"), at=timezone.now())


class TestAPaidOrderThatIsCancelled:
    def cancelled(self, **changes) -> SalesOrder:
        return news(paid(an_integration()), state=OrderState.CANCELLED, payments=changes.pop("payments", PAID), **changes)

    def test_keeps_nobodys_money_unnoticed(self, db):  # E29, R94: cancelled order
        assert self.cancelled().stage == Stage.CANCELLED
        sweep_clock(at=NOON + timedelta(hours=23))
        before = is_raised("E29")
        sweep_clock(at=NOON + timedelta(hours=25))

        assert (before, "Give the money back" in case("E29").cause) == (False, True)

    def test_closes_when_the_money_went_back(self, db):  # E29, R94
        order = self.cancelled()
        sweep_clock(at=NOON + timedelta(hours=25))
        news(order, state=OrderState.CANCELLED, payments=REFUNDED, payment_state=PaymentState.REFUNDED)

        assert not case("E29").is_open

    def test_does_not_lose_a_case_that_was_open(self, db):  # E29: cancelling gives nobody the money back
        order = paid(an_integration())
        sweep_clock(at=LATE)
        news(order, state=OrderState.CANCELLED, payments=PAID)

        assert case("E29").is_open

    def test_and_refunded_is_none(self, db):  # E29
        self.cancelled(payments=REFUNDED, payment_state=PaymentState.REFUNDED)
        sweep_clock(at=NOON + timedelta(days=9))

        assert not is_raised("E29")
        assert not Expectation.objects.filter(met_at=None, dropped_at=None).exists()
