"""A month at an operator's simulator: sold, shipped, charged, settled and paid out over the wire, and all of it agrees."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from portal.connections.models import Connection
from portal.ledger.models import PayoutLine
from portal.reconciliation.finance import jobs
from portal.reconciliation.finance.models import Discrepancy, Entry, MatchTotal, Period
from portal.reconciliation.finance.words import Basis, Match, Side
from tests.corridor import control
from tests.marketplace import Marketplace, run_operators
from tests.reconciliation.conftest import open_cases


@pytest.fixture(scope="module")
def operators():
    yield from run_operators()


@pytest.fixture
def settled(db, operators) -> Marketplace:
    """Two orders shipped and received, one refunded in part; a penalty, the subscription, and a cycle that is paid."""
    made = Marketplace(*operators, receive_after_s=10)
    Connection.objects.filter(pk=made.channel.pk).update(rate_per_s=1000)
    references = [made.place()[0] for _ in range(2)]
    made.round()
    for reference in references:
        made.ship_parcel(reference)
    made.round()
    made.operator_later(minutes=5)
    control(made.shop, "charge", kind="SELLER_PENALTY_FEE", amount=12, order_id=references[0])
    control(made.shop, "charge", kind="SUBSCRIPTION_FEE", amount=5, tax=1)
    control(made.shop, "close-cycle", pay_out="PAID")
    made.read_orders()
    made.read(made.channel, "payouts", "cycles")
    jobs.work(at=timezone.now())
    return made


class TestASettledCycle:
    def test_agrees_to_the_penny_with_the_operators_own_statement(self, settled: Marketplace):  # R92
        cycle = Period.objects.get(basis=Basis.CYCLE)
        paid = PayoutLine.objects.get(kind="cycle").amount

        assert Discrepancy.objects.exclude(state=Match.TIMING).count() == 0
        assert set(MatchTotal.objects.filter(state=Match.EXACT).values_list("side", flat=True)) >= {Side.SALE, Side.CYCLE, Side.COMMISSION}
        assert cycle.transferred == paid > 0
        assert cycle.ending == Decimal(0)

    def test_leaves_the_penalty_to_be_explained(self, settled: Marketplace):  # E31
        [case] = open_cases("E31")

        assert "SELLER_PENALTY_FEE" in case.cause
        assert Entry.objects.get(vendor_kind="SELLER_PENALTY_FEE").order is not None
