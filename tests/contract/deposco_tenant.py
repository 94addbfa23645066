"""A seeded Deposco simulator on loopback and the connector that speaks with both of its APIs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
import requests

from connectors.canonical import Address, HubOrder, Page, Received, ReturnOrder, StockLevel, Variant, WarehouseLine, WarehouseOrder
from connectors.deposco.connector import DeposcoConnector
from connectors.http import Http
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.deposco import CLIENT_ID, CLIENT_SECRET, COMPANY, ENV, LEGACY_PASSWORD, LEGACY_USER, build
from connectors.sandbox.kit import ADMIN, Running, serve

CREDENTIALS = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "legacy_user": LEGACY_USER, "legacy_password": LEGACY_PASSWORD}
FAST = {"legacy_per_s": "1000", "env": ENV}
ADDRESS = Address(first_name="Ada", last_name="Quill", line1="1 Test St", city="Austin", region="TX", postcode="78701", country="US")


class DeposcoTenant:
    """One tenant: what a test does there, and the connector."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        self.made = self.control("seed-demo")
        self.deposco = self.connect()
        self.forget_calls()

    def connect(self, *, credentials: dict[str, str] | None = None, path: str = "/latest", **options: str) -> DeposcoConnector:
        secrets = {**CREDENTIALS, **(credentials or {})}
        account = Account("deposco-contract", f"{self.url}{path}", secrets, account=COMPANY, options={**FAST, **options})
        http = Http(account.base_url, secrets=tuple(secrets.values()), timeout_s=(1, 2))
        connected = vendor("deposco").connect(account, http)
        assert isinstance(connected, DeposcoConnector)
        return connected

    def control(self, to: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}{ADMIN}/{to}", json=body, timeout=20)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def floor(self, action: str, number: str = "CT-1", **more: Any) -> Any:
        answer = self.control(action, numbers=[number], **more)
        assert answer["refused"] == {}, answer
        return answer["done"][number]

    def fault(self, fault: str, *, method: str = "", path: str = "", **more: Any) -> None:
        self.control("faults", fault=fault, method=method, path=path, **more)

    def calls(self, path: str = "", method: str = "") -> list[dict[str, Any]]:
        every = requests.get(f"{self.url}{ADMIN}/calls", timeout=5).json()
        return [call for call in every if path in call["path"] and method in ("", call["method"])]

    def forget_calls(self) -> None:
        requests.delete(f"{self.url}{ADMIN}/calls", timeout=5)

    def there(self, number: str = "CT-1") -> dict[str, Any] | None:
        """The order of this number, as the simulator itself holds it."""
        answer = requests.get(f"{self.url}{ADMIN}/orders/{quote(number, safe='')}", timeout=5)
        return answer.json() if answer.ok else None

    def order(self, number: str = "CT-1", **changes: Any) -> WarehouseOrder:
        values: dict[str, Any] = {
            "number": number,
            "store_code": COMPANY,
            "ship_service_code": "UPS|UPS Ground",
            "currency": "USD",
            "lines": (line("MUG-BLU", 2, "25.0000"),),
            "shipping_address": ADDRESS,
            "email": "ada@example.test",
            "shipping_net": Decimal("3.95"),
            "total_tax": Decimal("10.00"),
            "placed_at": "2026-06-01T14:03:00+00:00",
        }
        return WarehouseOrder(**{**values, **changes})

    def hub_order(self, reference: str, deposco: DeposcoConnector | None = None) -> HubOrder:
        deposco = deposco or self.deposco
        received = deposco.fetch_order(reference)
        assert received is not None
        (order,) = deposco.parse(received.topic, received.body)
        assert isinstance(order, HubOrder)
        return order

    def read(self, feed: str, deposco: DeposcoConnector | None = None) -> list[HubOrder | ReturnOrder | StockLevel | Variant]:
        """Everything that a feed brings from the beginning."""
        deposco = deposco or self.deposco
        return [thing for item in items(list(deposco.poll(feed, "", until=until()))) for thing in deposco.parse(item.topic, item.body)]  # type: ignore[misc]


def line(sku: str, quantity: int, price: str = "10.0000", **more: Any) -> WarehouseLine:
    return WarehouseLine(sku, quantity, Decimal(price), **{"tax_rate": Decimal("0.2"), "channel_line": f"ct-{sku}", **more})


def until() -> datetime:
    return datetime.now(UTC)


def since(**ago: float) -> dict[str, str]:
    return {"start_at": (until() - timedelta(**ago)).isoformat()}


def items(pages: list[Page]) -> list[Received]:
    return [item for page in pages for item in page.items]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = serve(build(rate_scale=0))
    yield server
    server.stop()


@pytest.fixture
def tenant(running: Running) -> Iterator[DeposcoTenant]:
    """The tenant as new: faults, oddities, settings and clock of the last test are gone."""
    state = running.server.app.extensions["state"]
    before = dict(vars(state.settings))
    yield DeposcoTenant(running)
    state.settings.change(before)
    state.oddities.left.clear()
    state.bench.faults.clear()
    state.bench.clock.skew_s = 0.0
