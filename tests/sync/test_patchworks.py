"""An order that a flow hands in, all the way: to the warehouse, and dispatch and stock back, fetched or started."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.errors import OutcomeUnknown
from exceptions.models import ExceptionCase
from portal.ledger.models import SalesOrder, Shipment, Stage, StockPublication
from portal.sync.models import OutboundMessage, State
from tests.flows import Flows, run_warehouse


@pytest.fixture(scope="module")
def warehouse():
    yield from run_warehouse()


@pytest.fixture
def flows(db, warehouse) -> Flows:
    return Flows(warehouse)


def outbound(kind: str) -> OutboundMessage:
    return OutboundMessage.objects.get(kind=kind)


class TestAnOrderHandedIn:
    def test_reaches_the_warehouse_once(self, flows):  # R35
        order = flows.sold()
        flows.hand_in("orders", flows.body())
        flows.send(flows.hub)
        assert order.stage == Stage.WITH_HUB
        assert len(flows.at_warehouse("N5551", prefix="PW-")) == 1

    def test_that_is_cancelled_is_cancelled_there(self, flows):
        flows.sold()
        flows.hand_in("orders", flows.body(status="cancelled"))
        flows.send(flows.hub)
        assert SalesOrder.objects.get().stage == Stage.CANCELLED


class TestADispatch:
    def test_waits_for_its_flow_without_an_error(self, flows):
        flows.sold()
        flows.ship()
        message = outbound("confirm_shipment")
        assert (message.state, "fetches it" in message.note, ExceptionCase.objects.count()) == (State.QUEUED, True, 0)
        (one,) = flows.pending()
        assert (one["order_external_id"], one["parcels"][0]["lines"] or one["lines"]) == ("5551", [{"sku": "MUG-1", "quantity": 2}])

    def test_is_over_when_the_flow_acknowledges_it(self, flows):
        order = flows.sold()
        flows.ship()
        assert flows.acknowledge(flows.pending()[0]["id"])["acknowledged"] == 1
        order.refresh_from_db()
        assert (order.stage, outbound("confirm_shipment").state, flows.pending()) == (Stage.DONE, State.CONFIRMED, [])

    def test_that_nobody_fetches_is_a_case(self, flows):  # R57
        flows.sold()
        flows.ship()
        flows.later(hours=2)
        case = ExceptionCase.objects.get(kind="E18")
        flows.acknowledge(flows.pending()[0]["id"])
        case.refresh_from_db()
        assert not case.is_open


class Platform:
    """Patchworks as the corridor sees it: runs that were started, and what goes wrong with the next one."""

    def __init__(self) -> None:
        self.started: list[Any] = []
        self.goes_wrong: Exception | None = None

    def start(self, client: Any, way: Any, body: bytes) -> str:
        self.started.append(body)
        error, self.goes_wrong = self.goes_wrong, None
        if error is not None:
            raise error
        return f"run-{len(self.started)}"


@pytest.fixture
def platform(monkeypatch) -> Platform:
    made = Platform()
    monkeypatch.setattr("connectors.patchworks.handing_over.hand_over", made.start)
    return made


class TestAFlowThatIsStarted:
    @pytest.fixture
    def flows(self, db, warehouse, platform) -> Flows:
        return Flows(warehouse, dispatch_by="start", dispatch_flow="412", stock_by="start", stock_flow="413", settle_s="0")

    def test_has_the_dispatch_but_proves_nothing(self, flows, platform):
        flows.sold()
        flows.ship()
        shipment = Shipment.objects.get()
        assert (len(platform.started) >= 1, shipment.shown_at) == (True, None)
        assert (outbound("confirm_shipment").state, shipment.channel_reference[:4]) == (State.SENT, "run-")
        flows.later(hours=2)
        assert ExceptionCase.objects.filter(kind="E18", is_open=True).exists()

    def test_is_not_started_twice_after_a_lost_answer(self, flows, platform, monkeypatch):
        flows.sold()
        before = len(platform.started)
        platform.goes_wrong = OutcomeUnknown("No answer.")
        monkeypatch.setattr("connectors.patchworks.handing_over.run_with", lambda *_, **__: "run-found")
        flows.ship()
        flows.send(flows.channel, at=timezone.now() + timedelta(minutes=5))
        assert (len(platform.started) - before, Shipment.objects.get().channel_reference) == (1, "run-found")

    def test_gets_stock_and_says_when_the_shop_shows_it(self, flows, platform):
        flows.sold()
        flows.read(flows.hub, "stock")
        flows.send(flows.channel)
        row = StockPublication.objects.filter(connection=flows.channel, sku="MUG-1").first()
        assert row is not None and row.confirmed is None
        level = {"sku": row.sku, "location": row.warehouse_code, "available": row.wanted, "asOf": timezone.now().isoformat()}
        flows.hand_in("stock", level)
        row.refresh_from_db()
        message = OutboundMessage.objects.filter(kind="publish_stock", subject=f"stock:{row.pk}").latest("pk")
        assert (row.confirmed, message.state) == (row.wanted, State.CONFIRMED)


class TestAShipmentOfAnotherWarehouse:
    def test_belongs_to_the_order_the_flow_names(self, flows):
        flows.hand_in("orders", flows.body(source="unmapped"))
        line = {"id": "1", "sku": "MUG-1", "quantity": 1}
        shipment = {"externalId": "S1", "orderExternalId": "5551", "shippedAt": "2026-11-20T12:00:00Z"}
        flows.hand_in("shipments", {**shipment, "packages": [{"trackingNumber": "T1", "carrier": "ups", "lineItems": [line]}]})
        order = SalesOrder.objects.get()
        assert (order.stage, order.shipments.count()) == (Stage.PART_SHIPPED, 1)
        flows.hand_in("shipments", {**shipment, "externalId": "S2", "packages": [{"trackingNumber": "T2", "carrier": "ups", "lineItems": [line]}]})
        order.refresh_from_db()
        assert (order.stage, order.shipments.count()) == (Stage.SHIPPED, 2)
