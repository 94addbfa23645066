"""Returns from the channel's authorisation to the money, with a marketplace and a warehouse over HTTP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from exceptions.actions import perform
from exceptions.ageing import raise_severity
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest
from portal.accounts.roles import Role
from portal.connections.models import Connection
from portal.ledger.models import FlowState, ReturnFlow, ReturnOrder, StockPublication
from portal.sync.models import OutboundMessage
from portal.sync.returns import acts
from portal.sync.returns.follow import follow_stray
from tests.corridor import control
from tests.people import person


class Goods:
    """One order that has shipped, and what its customer does with it."""

    def __init__(self, marketplace: Any, **lines: int) -> None:
        self.market = marketplace
        marketplace.shop_settings(balance_check=False)
        marketplace.set_options(refund_reason="19")
        [self.reference] = marketplace.place(lines=lines or {"MUG-1": 2})
        marketplace.round()
        marketplace.ship_parcel(self.reference)
        marketplace.round()

    def authorise(self, **wish: Any) -> str:
        [made] = control(self.market.shop, "returns", order_ids=[self.reference], accepted=True, **wish)["return_ids"]
        self.market.read(self.market.channel, "returns")
        return str(made)

    def arrive(self, **wish: Any) -> None:
        """Booked and received on the warehouse's dock."""
        control(self.market.warehouse, "return", numbers=[f"MK-{self.reference}"], **{"received": True, **wish})
        self.market.read_warehouse()

    def receive(self, units: int) -> None:
        control(self.market.warehouse, "receive", numbers=[f"MK-{self.reference}"], units={"MUG-1": units})
        self.market.read_warehouse()

    def settle(self) -> None:
        self.market.send()
        self.market.read(self.market.channel, "orders", "returns")

    def flow(self) -> ReturnFlow:
        return ReturnFlow.objects.get(order__reference=self.reference)

    def given_back(self) -> list[Decimal]:
        lines = self.market.there(self.reference)["order_lines"]
        return [Decimal(str(refund["amount"])) for line in lines for refund in line["refunds"]]

    def refund_calls(self) -> int:
        return len(self.market.calls(self.market.shop, method="PUT", path="/refund"))


@pytest.fixture
def goods(marketplace) -> Goods:
    return Goods(marketplace)


def shown(goods: Goods) -> int:
    """What the channel should show of the mug, after the warehouse's stock was read."""
    goods.market.read(goods.market.hub, "stock")
    return StockPublication.objects.get(sku="MUG-1", connection=goods.market.channel).wanted


def kinds() -> list[str]:
    return sorted(ExceptionCase.objects.filter(is_open=True, kind__in=("E25", "E26", "E27")).values_list("kind", flat=True))


class TestAReturn:
    def test_authorised_on_the_channel_is_one_the_warehouse_awaits(self, goods):  # R83, R90
        goods.authorise()

        flow = goods.flow()
        assert (flow.state, flow.authorised, flow.received, flow.owed) == (FlowState.PENDING, 2, 0, 0)
        assert flow.integration.hub == goods.market.hub

    def test_gives_no_money_back_before_its_goods_are_here(self, goods):  # R85
        goods.authorise()
        goods.settle()

        assert (goods.given_back(), OutboundMessage.objects.filter(kind="refund").count()) == ([], 0)

    def test_gives_the_money_back_once_its_goods_are_here(self, goods):  # R84
        goods.authorise()
        goods.arrive()
        goods.settle()

        flow = goods.flow()
        assert (goods.given_back(), flow.refunded) == ([flow.paid], flow.paid)
        assert OutboundMessage.objects.get(kind="refund").state == "confirmed"

    def test_tells_the_channel_that_the_goods_are_here(self, goods):  # R84
        made = goods.authorise()
        goods.arrive()
        goods.settle()

        assert goods.market.known(goods.reference).return_orders.get(reference=made).vendor_state == "RECEIVED"

    def test_is_never_paid_twice_when_the_answer_was_lost(self, goods):
        goods.authorise()
        goods.market.fault(goods.market.shop, "lost_after", path="/orders/refund")
        goods.arrive()
        goods.settle()
        goods.market.later_send(minutes=5)
        goods.settle()

        assert goods.given_back() == [goods.flow().paid]
        assert goods.refund_calls() == 1

    def test_of_a_part_gives_back_that_part_and_the_rest_when_it_comes(self, goods):  # partial returns, several parcels
        goods.authorise()
        goods.arrive(received=False)
        goods.receive(1)
        goods.settle()
        halves = goods.given_back()
        control(goods.market.shop, "advance", seconds=3600)
        goods.receive(1)
        goods.settle()

        assert (halves, goods.given_back()) == ([Decimal("10.00")], [Decimal("10.00"), Decimal("10.00")])
        assert goods.flow().refunded == goods.flow().paid

    def test_that_a_colleague_has_paid_already_is_not_paid_again(self, goods):
        goods.authorise()
        control(goods.market.shop, "refund", order_ids=[goods.reference])
        goods.arrive()
        goods.settle()

        assert (len(goods.given_back()), goods.refund_calls()) == (1, 0)

    def test_waits_while_the_shops_balance_is_too_low_and_then_goes_by_itself(self, goods):  # E26
        goods.market.shop_settings(balance_check=True)
        control(goods.market.shop, "move", order_ids=[goods.reference], to="RECEIVED")
        control(goods.market.shop, "close-cycle")
        goods.authorise()
        goods.arrive()
        goods.settle()
        case = ExceptionCase.objects.get(kind="E26", is_open=True)
        goods.market.shop_settings(balance_check=False)
        goods.market.later_send(hours=2)
        goods.settle()

        case.refresh_from_db()
        assert "balance" in case.cause
        assert (len(goods.given_back()), case.is_open) == (1, False)


class TestAssessment:
    def test_keeps_units_from_being_sold_until_somebody_looked_at_them(self, goods):  # R91
        goods.authorise()
        level = shown(goods)
        goods.arrive()
        before = (goods.flow().unassessed, shown(goods))
        acts.assess(goods.flow(), sellable=1, damaged=1, missing=0, by=person("omar"))

        assert before == (2, level)
        assert (goods.flow().unassessed, shown(goods)) == (0, level + 2)

    def test_of_more_than_came_back_is_refused_with_a_sentence(self, goods):
        goods.authorise()
        goods.arrive()
        with pytest.raises(CaseError, match="Only 2 came back"):
            acts.assess(goods.flow(), sellable=3, damaged=0, missing=0, by=person("omar"))


class TestGoodsNobodyAuthorised:
    def test_are_a_case_and_no_money_goes_back(self, goods):  # R86, E25
        goods.arrive()
        goods.market.clock(hours=1)
        goods.settle()

        case = ExceptionCase.objects.get(kind="E25", is_open=True)
        assert "authorised no return" in case.cause
        assert set(case.evidence) >= {"authorised", "goods back", "money back"}
        assert goods.given_back() == []

    def test_close_their_case_when_the_channel_authorises_them_late(self, goods):  # E25
        goods.arrive()
        goods.market.clock(hours=1)
        goods.authorise()
        goods.settle()

        case = ExceptionCase.objects.get(kind="E25")
        assert (case.is_open, case.items.get().proof["authorised"][:9]) == (False, "2 of 2 so")
        assert len(goods.given_back()) == 1

    def test_are_paid_when_a_person_accepts_them(self, goods):  # E25
        goods.arrive()
        goods.market.clock(hours=1)
        case = ExceptionCase.objects.get(kind="E25")
        perform(case, "match_return", by=person("omar"), token=uuid4(), data={"number": "", "note": "Agreed on the phone"})
        goods.settle()

        assert (kinds(), len(goods.given_back())) == ([], 1)

    def test_that_are_exchanged_are_not_paid(self, goods):  # E25, exchanges
        goods.arrive()
        goods.market.clock(hours=1)
        case = ExceptionCase.objects.get(kind="E25")
        perform(case, "record_disposition", by=person("omar"), token=uuid4(), data={"what": "exchange", "note": "Size L went out"})
        goods.settle()

        assert (kinds(), goods.given_back(), goods.flow().state) == ([], [], FlowState.DONE)

    def test_of_a_sale_nobody_knows_are_kept_unmatched(self, goods):  # R86, an order older than the portal
        goods.arrive()
        order = goods.market.known(goods.reference)
        found = ReturnOrder.objects.get()
        ReturnOrder.objects.update(order=None)
        ReturnFlow.objects.all().delete()
        found.refresh_from_db()
        follow_stray(found, at=timezone.now())
        goods.market.clock(hours=1)
        flow = ReturnFlow.objects.get()
        case = ExceptionCase.objects.get(kind="E25", is_open=True)
        perform(case, "match_return", by=person("omar"), token=uuid4(), data={"number": order.number, "note": "Found by name"})

        assert (flow.order, goods.flow().received, kinds()) == (None, 2, [])


class TestGoodsWithoutMoney:
    def test_are_a_case_after_their_time_and_the_worst_after_five_days(self, goods):  # R87, E26
        goods.authorise()
        goods.market.fault(goods.market.shop, "500", times=None, path="/orders/refund")
        goods.arrive()
        goods.market.send()
        later = goods.market.clock(hours=5)
        first = ExceptionCase.objects.get(kind="E26", is_open=True).severity
        raise_severity(at=later + timedelta(days=5))
        worst = ExceptionCase.objects.get(kind="E26", is_open=True)

        assert (first, worst.severity) == (2, 1)
        assert "chargeback" in worst.cause

    def test_close_their_case_when_the_refund_is_seen(self, goods):  # E26
        Connection.objects.filter(pk=goods.market.channel.pk).update(options={**goods.market.channel.options, "refunds_by_operator": "yes"})
        goods.authorise()
        goods.arrive()
        goods.market.clock(hours=5)
        open_then = kinds()
        control(goods.market.shop, "refund", order_ids=[goods.reference])
        goods.settle()

        assert (open_then, kinds()) == (["E26"], [])
        assert "20.00" in ExceptionCase.objects.get(kind="E26").items.get().proof["money back"]


class TestMoneyWithoutGoods:
    def test_is_a_case_when_the_goods_do_not_come(self, goods):  # R88, E27
        control(goods.market.shop, "refund", order_ids=[goods.reference])
        goods.settle()
        before = kinds()
        goods.market.clock(days=15)

        case = ExceptionCase.objects.get(kind="E27", is_open=True)
        assert (before, case.rule.owner) == ([], Role.FIN)
        assert "nothing of MUG-1 came back" in case.cause

    def test_closes_its_case_when_the_goods_come(self, goods):  # E27
        control(goods.market.shop, "refund", order_ids=[goods.reference])
        goods.settle()
        goods.market.clock(days=15)
        goods.authorise()
        goods.arrive()

        assert not ExceptionCase.objects.get(kind="E27").is_open
        assert goods.given_back() == [goods.flow().paid]

    def test_closes_its_case_when_finance_writes_the_goods_off(self, goods):  # E27
        control(goods.market.shop, "refund", order_ids=[goods.reference])
        goods.settle()
        goods.market.clock(days=15)
        case = ExceptionCase.objects.get(kind="E27", is_open=True)
        perform(case, "write_off_goods", by=person("finn"), token=uuid4(), data={"note": "The parcel is lost"})

        case.refresh_from_db()
        assert (case.is_open, goods.flow().state) == (False, FlowState.DONE)


class TestReleasingEarly:
    def test_needs_a_reason_and_a_second_person(self, goods):  # R85, 4.2
        goods.authorise()
        acts.release_early(goods.flow(), amount=Decimal(20), by=person("cora"), reason="Known customer")
        asked = ApprovalRequest.objects.get()
        before = OutboundMessage.objects.filter(kind="refund").count()
        approvals.approve(asked.pk, by=person("finn"))
        goods.settle()

        assert (before, asked.reason, goods.given_back()) == (0, "Known customer", [Decimal("20.00")])
        assert goods.flow().decisions["released"]["approved by"] == "Finn"

    def test_without_a_reason_or_by_somebody_else_is_refused(self, goods):  # R85
        goods.authorise()
        with pytest.raises(approvals.ApprovalError, match="Say why"):
            acts.release_early(goods.flow(), amount=Decimal(20), by=person("cora"), reason=" ")
        with pytest.raises(PermissionDenied):
            acts.release_early(goods.flow(), amount=Decimal(20), by=person("omar"), reason="because")

    def test_of_more_than_the_line_is_refused_with_a_sentence(self, goods):
        goods.authorise()
        with pytest.raises(CaseError, match="more than the line"):
            acts.release_early(goods.flow(), amount=Decimal("20.01"), by=person("cora"), reason="because")
