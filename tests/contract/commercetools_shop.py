"""A seeded commercetools simulator on loopback and the connector that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.canonical import DispatchNotice, Page, Parcel, Received, SalesOrder, Shipment, ShipmentLine
from connectors.commercetools.connector import Commercetools
from connectors.http import Http
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.commercetools import CLIENT_ID, CLIENT_SECRET, PROJECT, build
from connectors.sandbox.kit import ADMIN, Running, serve


class Shop:
    """One project: what its customers do there, and the connector."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        self.control("reset")
        self.control("seed-demo", products=4)
        self.control("settings", message_delay_s=0, message_jitter_s=0, stock_lag_s=0, scope_required=False)
        self.channel = self.connect()

    def connect(self, *, client: tuple[str, str] = (CLIENT_ID, CLIENT_SECRET), project: str = PROJECT, **options: str) -> Commercetools:
        credentials = {"client_id": client[0], "client_secret": client[1]}
        account = Account("ct-contract", self.url, credentials, auth_url=self.url, account=project, options=options)
        connected = vendor("commercetools").connect(account, Http(self.url, secrets=(client[1],), timeout_s=(1, 2)))
        assert isinstance(connected, Commercetools)
        return connected

    def control(self, to: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}{ADMIN}/{to}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def fault(self, fault: str, *, method: str = "", path: str = "", **more: Any) -> None:
        self.control("faults", fault=fault, method=method, path=path, **more)

    def clear_faults(self) -> None:
        requests.delete(f"{self.url}{ADMIN}/faults", timeout=5)

    def place(self, **wish: Any) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self.control("orders", **wish)["orders"]
        return orders

    def calls(self, method: str = "", path: str = "") -> list[dict[str, Any]]:
        found = requests.get(f"{self.url}{ADMIN}/calls", timeout=5).json()
        return [call for call in found if (not method or call["method"] == method) and path in call["path"]]

    def forget_calls(self) -> None:
        requests.delete(f"{self.url}{ADMIN}/calls", timeout=5)

    def order(self, reference: str) -> SalesOrder:
        received = self.channel.fetch_order(reference)
        assert received is not None
        order = self.channel.parse(received.topic, received.body)[0]
        assert isinstance(order, SalesOrder)
        return order

    def notice(self, order: SalesOrder, *units: int, key: str = "ful-1", **more: Any) -> DispatchNotice:
        """A dispatch of so many units of each of the order's lines; all of them where none are named."""
        amounts = units or tuple(line.quantity for line in order.lines)
        lines = tuple(ShipmentLine(line.sku, amount, line.reference) for line, amount in zip(order.lines, amounts, strict=False) if amount)
        parcels = more.pop("parcels", (Parcel("p1", tracking_number="15501234567890"),))
        shipment = Shipment(f"SHP-{key}", lines, parcels, carrier_code="DPD")
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
def shop(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The project as new. Between attempts nobody waits."""
    monkeypatch.setattr("connectors.commercetools.dispatch.PAUSE_S", 0)
    yield Shop(running)
    requests.post(f"{running.url}{ADMIN}/clock", json={"skew_s": 0}, timeout=5)
