"""The demo's marketplaces: two operators with different rules, joined to the warehouse, with something to do at each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.utils import timezone

from connectors.sandbox import mirakl, veeqo
from connectors.sandbox.kit import ADMIN, Running, serve
from mappings.models import CarrierMapping
from portal.connections.models import Connection, Integration
from portal.connections.operators import profile_of
from portal.demo import marketplaces, money, traffic
from portal.demo.marketplaces import OPERATORS, UNKNOWN, create_marketplaces, open_marketplaces
from portal.management.commands.sandbox import builders
from tests.ledger.orders import a_connection

GOODS = [{"sku": f"MUG-{number}", "title": "Mug", "price": "10.00", "stock": 40} for number in range(4)]
SEEDED_STOCK = [{**row, "stock": {"Leeds Main": 40}} for row in GOODS]


@pytest.fixture
def simulators(monkeypatch) -> Iterator[dict[str, Running]]:
    made = builders()
    running = {name: serve(made[name]()) for name in ("mirakl", "mirakl-fr")} | {"veeqo": serve(veeqo.build(rate_scale=0))}
    for module in (marketplaces, traffic):
        monkeypatch.setattr(module, "url_of", lambda vendor: running[vendor].url)
    yield running
    for one in running.values():
        one.stop()


@pytest.fixture
def opened(db, simulators) -> dict[str, Running]:
    create_marketplaces()
    seeded = requests.post(f"{simulators['veeqo'].url}{ADMIN}/seed-demo", json={"skus": SEEDED_STOCK}, timeout=10).json()
    open_marketplaces(a_connection("Warehouse (Veeqo)", "veeqo"), GOODS, seeded, at=timezone.now())
    return simulators


def there(simulators: dict[str, Running], name: str) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{simulators[name].url}{ADMIN}/summary", timeout=10).json()
    return found


class TestTheMarketplaces:
    def test_are_verified_on_and_joined(self, opened):
        names = {operator.name for operator in OPERATORS}

        assert set(Connection.objects.working().filter(system="mirakl").values_list("name", flat=True)) == names
        assert set(Integration.objects.running().values_list("channel__name", flat=True)) == names

    def test_have_different_rules(self, opened):
        first, second = (profile_of(Connection.objects.get(name=operator.name)) for operator in OPERATORS)

        assert first.window != second.window and first.limits != second.limits
        assert first.limits and second.limits

    def test_begin_with_orders_that_wait_and_one_that_was_missed(self, opened):
        for operator in OPERATORS:
            states = there(opened, operator.simulator)["by_state"]
            assert states["WAITING_ACCEPTANCE"] >= operator.past
            assert there(opened, operator.simulator)["auto_refused"]

    def test_have_a_sku_that_the_warehouse_does_not_know(self, opened):
        assert there(opened, "mirakl")["published"][UNKNOWN["sku"]] == UNKNOWN["stock"]

    def test_leave_a_carrier_to_be_mapped(self, opened):
        first = Integration.objects.get(channel__name=OPERATORS[0].name)

        assert not CarrierMapping.objects.filter(integration=first, hub_carrier="1").exists()

    def test_go_on_where_they_stood(self, opened):
        before = there(opened, "mirakl")["orders"]
        open_marketplaces(Connection.objects.get(system="veeqo"), GOODS, None, at=timezone.now())

        assert there(opened, "mirakl")["orders"] == before
        assert Integration.objects.count() == len(OPERATORS)

    def test_let_an_order_of_the_trickle_come_in(self, opened):
        for vendor in traffic.MARKETPLACES:
            assert traffic.post(vendor, "place", {"lines": {"MUG-1": 1}})["order_ids"]


class TestTheDemosMoney:
    def test_is_charged_and_settled(self, opened):
        money.settle(1)
        money.settle(money.SETTLE_EVERY)
        url = f"{opened['mirakl'].url}/api/seller-billing-cycles"
        cycles = requests.get(url, headers={"Authorization": mirakl.API_KEY}, timeout=10).json()["data"]

        assert len(cycles) == 1
        assert cycles[0]["summary"]["total_seller_penalty_fees_incl_tax"] == -money.PENALTY
