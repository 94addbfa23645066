"""A seeded Veeqo simulator on loopback and the connector that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from connectors.canonical import Address, Code, CodeKind, HubOrder, Page, Received, WarehouseLine, WarehouseOrder
from connectors.http import Http
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.kit import ADMIN, Running, serve
from connectors.sandbox.veeqo import API_KEY, build
from connectors.veeqo.connector import VeeqoConnector

STORE = "Commercetools UK"


class VeeqoAccount:
    """One account: what a test does there, and the connector."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        self.made = self.control("seed-demo")
        self.veeqo = self.connect()

    def connect(self, *, key: str = API_KEY, **options: str) -> VeeqoConnector:
        account = Account("veeqo-contract", self.url, {"api_key": key}, options=options)
        connected = vendor("veeqo").connect(account, Http(self.url, secrets=(key,), timeout_s=(1, 2)))
        assert isinstance(connected, VeeqoConnector)
        return connected

    def control(self, to: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}{ADMIN}/{to}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def fault(self, fault: str, *, method: str = "", path: str = "", **more: Any) -> None:
        self.control("faults", fault=fault, method=method, path=path, **more)

    def calls(self) -> list[dict[str, Any]]:
        return requests.get(f"{self.url}{ADMIN}/calls", timeout=5).json()

    def forget_calls(self) -> None:
        requests.delete(f"{self.url}{ADMIN}/calls", timeout=5)

    def there(self, number: str) -> list[dict[str, Any]]:
        """Every order of this number, as the simulator itself holds it."""
        return requests.get(f"{self.url}{ADMIN}/orders/{requests.utils.quote(number, safe='')}", timeout=5).json()

    def order(self, number: str = "CT-1", **changes: Any) -> WarehouseOrder:
        values: dict[str, Any] = {
            "number": number,
            "store_code": str(self.made["channels"][STORE]),
            "ship_service_code": str(self.made["delivery_methods"]["Standard"]),
            "currency": "GBP",
            "lines": (WarehouseLine("MUG-BLU", 2, Decimal("25.00"), tax_rate=Decimal("0.2"), item_reference=str(self.made["sellables"]["MUG-BLU"])),),
            "shipping_address": Address(first_name="Ana", last_name="Lee", line1="1 High St", city="Leeds", postcode="LS1 1AA", country="GB"),
            "email": f"{number.lower().strip('#')}@example.com",
            "shipping_net": Decimal("3.95"),
            "total_tax": Decimal("10.00"),
        }
        return WarehouseOrder(**{**values, **changes})

    def hub_order(self, reference: str) -> HubOrder:
        received = self.veeqo.fetch_order(reference)
        assert received is not None
        order = self.veeqo.parse(received.topic, received.body)[0]
        assert isinstance(order, HubOrder)
        return order

    def code(self, kind: CodeKind, label: str) -> Code:
        return next(code for code in self.veeqo.codes(kind) if code.label == label)


def until() -> datetime:
    return datetime.now(UTC)


def since(**ago: float) -> dict[str, str]:
    return {"start_at": (until() - timedelta(**ago)).isoformat(), "overlap_hours": "2"}


def items(pages: list[Page]) -> list[Received]:
    return [item for page in pages for item in page.items]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = serve(build(rate_scale=0))
    yield server
    server.stop()


@pytest.fixture
def account(running: Running) -> Iterator[VeeqoAccount]:
    """The account as new: faults, oddities, settings, keys and clock of the last test are gone."""
    state = running.server.app.extensions["state"]
    before = dict(vars(state.settings))
    users = dict(state.users)
    yield VeeqoAccount(running)
    state.settings.change(before)
    state.users.clear()
    state.users.update(users)
    state.oddities.left.clear()
    state.bench.faults.clear()
    state.bench.clock.skew_s = 0.0
