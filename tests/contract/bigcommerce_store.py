"""A seeded BigCommerce simulator on loopback and the connector that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.bigcommerce.connector import BigCommerce
from connectors.canonical import DispatchNotice, Page, Parcel, Received, SalesOrder, Shipment, ShipmentLine
from connectors.http import Http
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.bigcommerce import AUTH_TOKEN, CLIENT_SECRET, STORE_HASH, build
from connectors.sandbox.kit import ADMIN, Running, serve

HOOK_SECRET = "hook-secret"
SKUS = [{"sku": sku, "title": sku, "price": "10.00", "stock": 20} for sku in ("AAA", "BBB", "CCC")]


class Store:
    """One store: what its customers and staff do there, and the connector."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        requests.delete(f"{self.url}{ADMIN}/faults", timeout=5)
        self.control("settings", rate_scale=0, stock_delay_s=0, refused_rate="headers")
        self.control("load", times=0)
        self.control("seed-demo", skus=SKUS)
        self.channel = self.connect()

    def connect(self, *, token: str = AUTH_TOKEN, store: str = STORE_HASH, **options: str) -> BigCommerce:
        credentials = {"auth_token": token, "client_secret": CLIENT_SECRET, "hook_secret": HOOK_SECRET}
        account = Account("bc-contract", self.url, credentials, account=store, options=options)
        connected = vendor("bigcommerce").connect(account, Http(self.url, secrets=tuple(credentials.values()), timeout_s=(1, 2)))
        assert isinstance(connected, BigCommerce)
        return connected

    def control(self, to: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}{ADMIN}/{to}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def fault(self, fault: str, **more: Any) -> None:
        self.control("faults", fault=fault, path="/stores/", **more)

    def place(self, **wish: Any) -> list[dict[str, Any]]:
        wanted = {"lines": [{"sku": "AAA", "quantity": 2}, {"sku": "BBB", "quantity": 1}]} | wish
        orders: list[dict[str, Any]] = self.control("orders", **wanted)
        return orders

    def summary(self) -> Any:
        return requests.get(f"{self.url}{ADMIN}/summary", timeout=5).json()

    def order(self, reference: str) -> SalesOrder:
        received = self.channel.fetch_order(reference)
        assert received is not None
        [order] = self.channel.parse(received.topic, received.body)
        assert isinstance(order, SalesOrder)
        return order

    def a_new_order(self, **wish: Any) -> SalesOrder:
        return self.order(str(self.place(**wish)[0]["id"]))


def notice(order: SalesOrder, *units: int, key: str = "ful-1", numbers: tuple[str, ...] = ("1Z999AA10123456784",), **more: Any) -> DispatchNotice:
    """A dispatch of so many units of each of the order's lines; all of them where none are named."""
    amounts = units or tuple(line.quantity for line in order.lines)
    lines = tuple(ShipmentLine(line.sku, amount, line.reference) for line, amount in zip(order.lines, amounts, strict=False) if amount)
    parcels = tuple(Parcel(f"p{n}", tracking_number=number) for n, number in enumerate(numbers))
    shipment = Shipment(f"SHP-{key}", lines, parcels, carrier_code="UPS")
    return DispatchNotice(key, order.reference, shipment, complete=more.pop("complete", not units), **more)


def until() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def items(pages: list[Page]) -> list[Received]:
    return [item for page in pages for item in page.items]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = serve(build())
    yield server
    server.stop()


@pytest.fixture
def store(running: Running) -> Store:
    """The store as new."""
    return Store(running)
