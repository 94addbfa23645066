"""Whether the money is there, and what an order does until it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from connectors.canonical import OrderState, Payment, PaymentState
from exceptions.models import ExceptionCase
from portal.connections.models import Integration, PaymentGate
from portal.ledger.models import SalesOrder, Stage
from portal.ledger.record_orders import record_order
from portal.sync.models import OutboundMessage, State
from portal.sync.payment_gate import is_settled
from portal.sync.plan_orders import plan_order
from tests.corridor import control
from tests.ledger.orders import NOON, an_integration, an_order, kept, later

PAID, PENDING, FAILED, AUTHORISED, NOT_TOLD = (
    PaymentState.PAID, PaymentState.PENDING, PaymentState.FAILED, PaymentState.AUTHORISED, PaymentState.NOT_TOLD,
)  # fmt: skip


class TestIsSettled:
    @pytest.mark.parametrize(
        ("state", "gate", "settled"),
        [
            (PAID, PaymentGate.SETTLED, True),
            (AUTHORISED, PaymentGate.SETTLED, False),
            (AUTHORISED, PaymentGate.AUTHORISED, True),
            (PENDING, PaymentGate.AUTHORISED, False),
            (FAILED, PaymentGate.AUTHORISED, False),
            (FAILED, PaymentGate.ANY, True),
            (PaymentState.REFUNDED, PaymentGate.SETTLED, False),
        ],
    )
    def test_follows_the_channels_own_word(self, db, state, gate, settled):  # R37, R38
        order = kept(an_integration().channel, payment_state=state)

        assert is_settled(order, gate) is settled

    @pytest.mark.parametrize(
        ("payments", "settled"),
        [
            ((), False),
            ((Payment("p", captured=Decimal("12.00")),), True),
            ((Payment("p", captured=Decimal("11.99")),), False),
            ((Payment("p", captured=Decimal("5")), Payment("q", captured=Decimal("7"))), True),
            ((Payment("p", captured=Decimal("12"), refunded=Decimal("1")),), False),
            ((Payment("p", captured=Decimal("12"), currency="EUR"),), False),
            ((Payment("p", captured=Decimal("12"), failed=True),), False),
            ((Payment("p", authorised=Decimal("12")),), False),
        ],
    )
    def test_counts_the_money_where_the_channel_tells_no_state(self, db, payments, settled):
        order = kept(an_integration().channel, payment_state=NOT_TOLD, payments=payments)

        assert is_settled(order, PaymentGate.SETTLED) is settled

    def test_counts_what_is_authorised_only_where_that_is_enough(self, db):
        order = kept(an_integration().channel, payment_state=NOT_TOLD, payments=(Payment("p", authorised=Decimal("12")),))

        assert is_settled(order, PaymentGate.AUTHORISED)

    def test_asks_nothing_of_an_order_that_costs_nothing(self, db):
        order = kept(an_integration().channel, payment_state=NOT_TOLD, total=Decimal(0))

        assert is_settled(order, PaymentGate.SETTLED)


def hold_one(corridor):
    Integration.objects.update(hold_limit_min=60)
    [placed] = corridor.place(payment="pending")
    corridor.run()
    return placed


class TestAnOrderThatIsNotPaid:
    def test_is_held_and_not_sent(self, corridor):  # R36, R37, R38
        placed = hold_one(corridor)

        assert corridor.order(placed).stage == Stage.HELD
        assert corridor.at_warehouse(placed["orderNumber"]) == []
        assert not ExceptionCase.objects.exists()

    def test_goes_by_itself_when_the_payment_settles(self, corridor):  # R36, R37
        placed = hold_one(corridor)
        control(corridor.shop, f"orders/{placed['orderNumber']}/settle")
        corridor.run()

        assert corridor.order(placed).stage == Stage.WITH_HUB
        assert len(corridor.at_warehouse(placed["orderNumber"])) == 1

    def test_goes_though_only_the_payment_changed_and_not_the_order(self, corridor):  # R36
        [placed] = corridor.place(payment="pending", extra={"paymentState": None})
        corridor.run()
        held = corridor.order(placed).stage
        control(corridor.shop, f"orders/{placed['orderNumber']}/settle", label=False)
        corridor.read(corridor.channel, "payments")
        corridor.send()

        assert (held, corridor.order(placed).stage) == (Stage.HELD, Stage.WITH_HUB)

    def test_is_no_case_before_its_time(self, corridor):  # R37
        hold_one(corridor)
        corridor.later(minutes=59)

        assert not ExceptionCase.objects.filter(kind="E08").exists()

    def test_is_a_case_of_finance_when_the_limit_is_over(self, corridor):  # R37, E08
        placed = hold_one(corridor)
        corridor.later(minutes=61)

        case = ExceptionCase.objects.get(kind="E08")
        assert (case.owner, case.items_open) == ("FIN", 1)
        assert placed["orderNumber"] in case.cause and "not settled" in case.cause

    def test_closes_its_case_by_itself_when_the_payment_settles(self, corridor):  # E08, A4
        placed = hold_one(corridor)
        corridor.later(minutes=61)
        control(corridor.shop, f"orders/{placed['orderNumber']}/settle")
        corridor.run()

        case = ExceptionCase.objects.get(kind="E08")
        assert (case.is_open, case.resolution, case.proof["payment state"]) == (False, "fixed_verified", "paid")

    def test_closes_its_case_when_the_shop_cancels_it(self, corridor):  # E08
        placed = hold_one(corridor)
        corridor.later(minutes=61)
        control(corridor.shop, f"orders/{placed['orderNumber']}/cancel")
        corridor.run()

        assert not ExceptionCase.objects.get(kind="E08").is_open
        assert corridor.order(placed).stage == Stage.CANCELLED

    def test_never_closes_its_case_by_age(self, corridor):  # A4
        hold_one(corridor)
        corridor.later(minutes=61)
        corridor.later(days=90)

        assert ExceptionCase.objects.get(kind="E08").is_open


def plan_anew(order: SalesOrder, **changes) -> SalesOrder:
    """The channel tells a newer version of the order."""
    seen = replace(an_order(order.reference), version=str(int(order.version) + 1), changed_at=later(60), **changes)
    recorded = record_order(seen, connection=order.connection, at=later())
    plan_order(recorded.order, at=later(), changed=recorded.changed)
    recorded.order.refresh_from_db()
    return recorded.order


@pytest.fixture
def queued(db) -> SalesOrder:
    order = kept(an_integration().channel)
    plan_order(order, at=NOON)
    return order


def message_of(order) -> OutboundMessage:
    return OutboundMessage.objects.get(kind="create_order", order=order)


class TestAPaymentThatFailsWhileTheOrderWaits:
    def test_takes_the_order_off_the_queue(self, queued):  # R38
        order = plan_anew(queued, payment_state=FAILED)

        assert (order.stage, message_of(order).state) == (Stage.HELD, State.SUPERSEDED)

    def test_lets_it_go_when_it_is_mended(self, queued):  # R37
        plan_anew(queued, payment_state=FAILED)
        queued.refresh_from_db()
        order = plan_anew(queued, payment_state=PAID)

        assert (order.stage, message_of(order).state) == (Stage.QUEUED, State.QUEUED)

    @pytest.mark.parametrize("state", [State.IN_FLIGHT, State.SENT, State.CONFIRMED])
    def test_is_too_late_once_the_warehouse_may_have_it(self, queued, state):
        OutboundMessage.objects.update(state=state, lease_until=timezone.now())
        order = plan_anew(queued, payment_state=FAILED)

        assert (order.stage, message_of(order).state) == (Stage.QUEUED, state)

    def test_does_not_hold_an_order_that_finance_has_vouched_for(self, queued):
        SalesOrder.objects.update(corrections={"payment_accepted": "Bank statement of 2 March"})
        order = plan_anew(queued, payment_state=PENDING)

        assert (order.stage, message_of(order).state) == (Stage.QUEUED, State.QUEUED)

    def test_leaves_no_clock_running_for_an_order_that_takes_no_part(self, db):
        order = kept(an_integration().channel, payment_state=PENDING)
        plan_order(order, at=NOON)
        order = plan_anew(order, payment_state=PENDING, lines=())

        assert order.stage == Stage.IGNORED
        assert not order.connection.expectations.filter(met_at=None, dropped_at=None, due_at__lt=NOON + timedelta(days=9)).exists()


class TestAHeldOrder:
    def test_waits_from_when_it_was_placed(self, db):
        integration = an_integration(hold_limit_min=120)
        order = kept(integration.channel, payment_state=PENDING, placed_at=NOON - timedelta(hours=1))
        plan_order(order, at=NOON)

        assert order.hold_until == NOON + timedelta(hours=1)

    def test_that_is_cancelled_is_never_sent(self, db):  # R38
        order = kept(an_integration().channel, payment_state=PENDING)
        plan_order(order, at=NOON)
        order = plan_anew(order, state=OrderState.CANCELLED)

        assert order.stage == Stage.CANCELLED
        assert not OutboundMessage.objects.exists()
