"""The Patchworks simulator's flows against the portal's own API: from a Shopify shop into it, and dispatches and stock back."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from connectors.sandbox.kit import serve
from connectors.sandbox.shopify import ACCESS_TOKEN
from portal.api.models import ApiToken
from portal.api.scopes import Scope
from portal.api.tokens import mint, revoke
from portal.connections.models import Connection, Integration
from portal.ledger.models import HubOrder, OrderLine, SalesOrder, Shipment, ShipmentLine, StockPublication
from portal.sync.models import InboundMessage
from tests.people import person
from tests.sandbox.patchworks_company import Company
from tests.sandbox.shopify_shop import Shop

IN, OUT, MONEY, STOCK = "Shopify → portal", "Portal → Shopify", "Shopify refunds and returns → portal", "Portal stock → Shopify"


@pytest.fixture
def account(transactional_db) -> Connection:
    return Connection.objects.create(name="Flows", system="patchworks", base_url="http://127.0.0.1:1")


@pytest.fixture
def warehouse(transactional_db) -> Connection:
    return Connection.objects.create(name="Warehouse", system="veeqo", base_url="http://127.0.0.1:2")


@pytest.fixture
def shop():
    found = Shop()
    running = serve(found.app)
    found.url = running.url
    yield found
    running.stop()


@pytest.fixture
def company(account, live_server, shop) -> Company:
    token = ApiToken(name="Flows", connection=account, scopes=[scope.value for scope in Scope])
    found = Company()
    portal = {"url": live_server.url, "token": mint(token, by=person("ada"))}
    found.control("instances", portal=portal, shopify={"url": shop.url, "token": ACCESS_TOKEN})
    return found


def sold(account: Connection, order: dict) -> SalesOrder:
    """The shop's order as the portal knows it."""
    facts = {"number": order["name"], "version": "1", "state": "open", "payment_state": "paid", "currency": "USD", "total": "39.00"}
    now = timezone.now()
    row = SalesOrder.objects.create(connection=account, reference=str(order["id"]), placed_at=now, changed_at=now, **facts)
    OrderLine.objects.create(order=row, reference="1", position=1, sku="TEE-BLK-S", quantity=2, total="39.00")
    return row


def sent(warehouse: Connection, order: SalesOrder) -> Shipment:
    now = timezone.now()
    hub_order = HubOrder.objects.create(
        connection=warehouse, order=order, reference="9", number=order.number, version="1", state="shipped", changed_at=now
    )
    made = Shipment.objects.create(connection=warehouse, hub_order=hub_order, order=order, reference="S1", shipped_at=now, carrier_label="UPS")
    ShipmentLine.objects.create(shipment=made, sku="TEE-BLK-S", quantity=2)
    made.parcels.create(reference="P1", tracking_number="1Z999", tracking_url="https://c.example/1Z999", lines=[["TEE-BLK-S", 2]])
    return made


class TestTheFlows:
    def test_hand_orders_in_and_tell_of_the_bad_ones(self, company, shop):
        shop.place()
        shop.place(missing_sku=True)
        run = company.run(IN)

        assert run["status"] == 2, run["logs"]
        kept = [json.loads(bytes(each.body))["item"] for each in InboundMessage.objects.filter(topic="orders").order_by("pk")]
        assert [each["name"] for each in kept] == ["#10021", "#10022"]

    def test_hand_an_order_in_once_however_often_they_fail(self, company, shop):
        shop.place()
        company.control(f"flows/{company.flows[IN]}/sabotage", step=3, manner="done_but_failed")
        failed = company.run(IN)
        retried = company.call("POST", f"/core/api/v1/flow-runs/{failed['id']}/retry").get_json()["data"]["flow_run_id"]

        assert (failed["status"], company.over(retried)["status"]) == (3, 2)
        assert InboundMessage.objects.filter(topic="orders").count() == 1

    def test_hand_refunds_and_returns_in(self, company, shop):
        id = shop.place()["id"]
        shop.fulfil(id)
        shop.control(f"orders/{id}/refund", quantity=1, with_return=True)

        assert company.run(MONEY)["status"] == 2
        assert set(InboundMessage.objects.values_list("topic", flat=True)) == {"refunds", "returns"}

    def test_bring_dispatches_to_the_shop_and_acknowledge_them(self, company, account, warehouse, shop):
        placed = shop.place()
        dispatch = sent(warehouse, sold(account, placed))
        run = company.run(OUT)

        assert run["status"] == 2, run["logs"]
        assert shop.order(placed["id"])["fulfillments"][0]["trackingInfo"][0]["number"] == "1Z999"
        dispatch.refresh_from_db()
        assert dispatch.shown_at is not None

    def test_bring_stock_to_the_shop_and_say_what_it_shows(self, company, account, warehouse, shop):
        integration = Integration.objects.create(name="Flows to warehouse", channel=account, hub=warehouse)
        facts = {"sku": "TEE-BLK-S", "warehouse_code": "", "wanted": 17, "truth_changed_at": timezone.now()}
        StockPublication.objects.create(integration=integration, connection=account, **facts)
        run = company.run(STOCK)

        assert run["status"] == 2, run["logs"]
        assert shop.level()["available"] == 17
        assert InboundMessage.objects.filter(topic="stock").count() == 1

    def test_with_a_revoked_token_fail_with_the_reason(self, company, shop):
        revoke(ApiToken.objects.get(), by=person("ada"))
        shop.place()
        run = company.run(IN)

        assert run["status"] == 3
        assert any(each["message"].startswith("[401]") for each in run["logs"])
