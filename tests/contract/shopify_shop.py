"""A seeded Shopify simulator on loopback and the connector that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.canonical import DispatchNotice, Page, Parcel, Received, SalesOrder, Shipment, ShipmentLine
from connectors.http import Http
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.kit import ADMIN, Running, serve
from connectors.sandbox.shopify import ACCESS_TOKEN, CLIENT_SECRET, SHOP, build
from connectors.shopify.connector import Shopify

SKUS = [{"sku": sku, "title": sku, "price": "10.00", "stock": 20} for sku in ("AAA", "BBB", "CCC")]


class Shop:
    """One shop: what its customers and staff do there, and the connector."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        self.clear_faults()
        self.control("settings", rate_scale=0, throttle_status=200, linear_cost=False, token_form="static")
        self.seed(SKUS)
        self.forget_calls()
        self.channel = self.connect()

    def connect(self, *, token: str = ACCESS_TOKEN, secret: str = CLIENT_SECRET, client_id: str = "", **options: str) -> Shopify:
        credentials = {"access_token": token, "client_secret": secret, "client_id": client_id}
        account = Account("shopify-contract", self.url, credentials, account=SHOP, options=options)
        connected = vendor("shopify").connect(account, Http(self.url, secrets=(token, secret), timeout_s=(1, 2)))
        assert isinstance(connected, Shopify)
        return connected

    def control(self, to: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}{ADMIN}/{to}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def seed(self, skus: list[dict[str, Any]], *, locations: tuple[str, ...] = ("Atlanta",)) -> dict[str, int]:
        made: dict[str, int] = self.control("seed-demo", skus=skus, locations=list(locations))["locations"]
        return made

    def fault(self, fault: str, **more: Any) -> None:
        self.control("faults", fault=fault, path="graphql", **more)

    def oddity(self, name: str, times: int | None = 1) -> None:
        self.control("oddities", name=name, times=times)

    def clear_faults(self) -> None:
        requests.delete(f"{self.url}{ADMIN}/faults", timeout=5)
        requests.delete(f"{self.url}{ADMIN}/oddities", timeout=5)

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(f"{self.url}{ADMIN}/calls", timeout=5).json()
        return found

    def forget_calls(self) -> None:
        requests.delete(f"{self.url}{ADMIN}/calls", timeout=5)

    def place(self, **wish: Any) -> list[dict[str, Any]]:
        wanted = {"lines": [{"sku": "AAA", "quantity": 2}, {"sku": "BBB", "quantity": 1}]} | wish
        orders: list[dict[str, Any]] = self.control("orders", **wanted)
        return orders

    def inside(self, reference: str) -> Any:
        """The order as the shop's own screens show it."""
        return requests.get(f"{self.url}{ADMIN}/orders/{reference}", timeout=5).json()

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
    parcels = tuple(Parcel(f"p{n}", tracking_number=number, tracking_url=f"https://carrier.example/{number}") for n, number in enumerate(numbers))
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
def shop(running: Running) -> Iterator[Shop]:
    """The shop as new."""
    yield Shop(running)
    requests.post(f"{running.url}{ADMIN}/access", json={"status": 0}, timeout=5)
