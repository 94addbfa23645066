"""Returns of a commercetools shop, with Veeqo and with Deposco behind it, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from connectors.canonical import ReturnState
from exceptions.actions import perform
from exceptions.models import ExceptionCase
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.ledger.models import FlowState, ReturnFlow, ReturnOrder
from portal.sync.models import OutboundMessage
from tests.corridor import Corridor, control
from tests.deposco_site import Site
from tests.people import person


class Shop:
    """One order that has shipped from Veeqo."""

    def __init__(self, corridor: Corridor, *, makes_refunds: str = "true") -> None:
        self.corridor = corridor
        corridor.channel.options = {**corridor.channel.options, "makes_refunds": makes_refunds}
        Connection.objects.filter(pk=corridor.channel.pk).update(options=corridor.channel.options)
        [self.placed] = corridor.place()
        corridor.run()
        corridor.ship(self.placed["orderNumber"])
        corridor.read_warehouse()
        corridor.send()
        corridor.read_orders()

    def authorise(self, quantity: int = 2) -> None:
        advise(self.corridor, self.placed, quantity)

    def arrive(self) -> None:
        control(self.corridor.warehouse, "return", numbers=[f"CT-{self.placed['orderNumber']}"], received=True)
        self.corridor.read_warehouse()

    def flow(self) -> ReturnFlow:
        return ReturnFlow.objects.get(order__reference=self.placed["id"])

    def refunds(self) -> list[Any]:
        return list(connect(self.corridor.channel).find_refunds(self.placed["id"]))

    def provider_pays(self) -> None:
        """The shop's payment integration carries the refunds out."""
        client = connect(self.corridor.channel).client
        order = client.get(f"/orders/{self.placed['id']}", (("expand", "paymentInfo.payments[*]"),))
        payment = order["paymentInfo"]["payments"][0]["obj"]
        moves = [
            {"action": "changeTransactionState", "transactionId": one["id"], "state": "Success"}
            for one in payment["transactions"]
            if one["type"] == "Refund"
        ]
        client.post(f"/payments/{payment['id']}", {"version": payment["version"], "actions": moves})
        control(self.corridor.shop, f"orders/{self.placed['orderNumber']}/confirm")
        self.corridor.read_orders()


def advise(corridor: Corridor, placed: dict[str, Any], quantity: int) -> None:
    """The shop's people announce the customer's return."""
    line = corridor.in_shop(placed["id"])
    line = (line.get("order") or line)["lineItems"][0]["id"]
    item = {"lineItemId": line, "quantity": quantity, "shipmentState": "Advised", "key": "RMA-1"}
    control(corridor.shop, f"orders/{placed['orderNumber']}/act", actions=[{"action": "addReturnInfo", "items": [item]}])
    corridor.read_orders()


@pytest.fixture
def shop(corridor) -> Shop:
    return Shop(corridor)


class TestAShopsReturn:
    def test_is_awaited_paid_on_receipt_and_closed(self, shop):  # R83, R84, R90
        shop.authorise()
        pending = shop.flow().state
        shop.arrive()
        shop.corridor.send()
        asked = [(one.amount, one.state) for one in shop.refunds()]
        shop.provider_pays()

        flow = shop.flow()
        assert (pending, asked) == (FlowState.PENDING, [(flow.paid, "Initial")])
        assert (flow.refunded, flow.paid) == (Decimal("24.00"), Decimal("24.00"))

    def test_is_paid_once_when_the_answer_was_lost(self, shop):
        shop.authorise()
        shop.corridor.fault(shop.corridor.shop, "lost_after", path="/payments/")
        shop.arrive()
        shop.corridor.send()
        OutboundMessage.objects.filter(kind="refund").update(not_before=OutboundMessage.objects.get(kind="refund").created_at)
        shop.corridor.send()

        assert len(shop.refunds()) == 1

    def test_is_paid_for_the_units_that_came(self, shop):  # partial return
        shop.authorise(1)
        control(shop.corridor.warehouse, "return", numbers=[f"CT-{shop.placed['orderNumber']}"], received=True, units={"MUG-1": 1})
        shop.corridor.read_warehouse()
        shop.corridor.send()

        assert [one.amount for one in shop.refunds()] == [Decimal("12.00")]

    def test_is_a_case_at_once_where_the_shop_pays_itself(self, corridor):  # R87, E26
        shop = Shop(corridor, makes_refunds="false")
        shop.authorise()
        shop.arrive()
        shop.corridor.send()

        assert "own people give money back" in ExceptionCase.objects.get(kind="E26", is_open=True).cause
        assert shop.refunds() == []


def sent_to_deposco(site: Site, facility: str) -> dict[str, Any]:
    """An order that left Deposco, and whose return the shop has announced."""
    Connection.objects.filter(pk=site.corridor.channel.pk).update(options={**site.corridor.channel.options, "makes_refunds": "true"})
    site.corridor.channel.refresh_from_db()
    set_facility(site, facility)
    placed = site.place()
    site.floor("ship", placed)
    site.tell()
    site.corridor.read_orders()
    advise(site.corridor, placed, 2)
    site.corridor.send(site.hub)
    return placed


def set_facility(site: Site, facility: str) -> None:
    site.hub.options = {**site.hub.options, "returns_facility": facility}
    Connection.objects.filter(pk=site.hub.pk).update(options=site.hub.options)


class TestAReturnToDeposco:
    def test_is_announced_there_and_awaited(self, site: Site):  # R83, R90, D3
        placed = sent_to_deposco(site, "ATL1")
        site.read("returns")
        there = ReturnOrder.objects.get(connection=site.hub)

        assert (there.rma, there.state, there.order.number) == ("RMA-1", ReturnState.AUTHORISED, placed["orderNumber"])
        assert ReturnFlow.objects.get().state == FlowState.PENDING

    def test_is_assessed_there_and_its_receipt_pays(self, site: Site):  # R84, R91
        placed = sent_to_deposco(site, "ATL1")
        control(site.running, "receive", numbers=["RMA-1"], damaged={"MUG-1": 1})
        site.read("returns")
        site.corridor.send(site.corridor.channel)

        flow = ReturnFlow.objects.get()
        assert (flow.received, flow.sellable, flow.damaged, flow.unassessed) == (2, 1, 1, 0)
        assert [one.amount for one in connect(site.corridor.channel).find_refunds(placed["id"])] == [flow.paid]

    def test_that_it_cannot_take_is_a_case_that_ends_when_it_was_taken(self, site: Site):
        sent_to_deposco(site, "")
        case = ExceptionCase.objects.get(kind="E20", is_open=True)
        set_facility(site, "ATL1")
        perform(case, "retry", by=person("omar"), token=uuid4())
        site.corridor.send(site.hub)

        case.refresh_from_db()
        assert ("facility" in case.cause, case.is_open) == (True, False)
