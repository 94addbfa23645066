"""Returns from the channel's authorisation to the money, with a marketplace and a warehouse over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exceptions.models import ExceptionCase
from portal.ledger.models import FlowState, ReturnFlow
from portal.sync.models import OutboundMessage
from tests.corridor import control


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


def kinds() -> list[str]:
    return sorted(ExceptionCase.objects.filter(is_open=True).values_list("kind", flat=True))


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
