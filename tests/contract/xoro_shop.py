"""A seeded Xoro simulator on loopback and the connector that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connectors.canonical import DispatchNotice, Page, Parcel, Received, SalesOrder, Shipment, ShipmentLine
from connectors.http import Http, MemoryTokens
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.kit import ADMIN, Running, serve
from connectors.sandbox.xoro import API_KEY, API_SECRET, PROPOSED_PATHS, build
from connectors.xoro.connector import XoroConnector

PATHS = {"path_ship_confirm": PROPOSED_PATHS["ship_confirm"], "path_so_cancel": PROPOSED_PATHS["so_cancel"]}


class XoroShop:
    """One tenant: what a test does there, and the connector."""

    def __init__(self, running: Running) -> None:
        self.url, self.tokens = running.url, MemoryTokens()
        self.made = self.control("seed-demo", write_paths=True)
        self.xoro = self.connect(**PATHS)

    def connect(self, *, credentials: dict[str, str] | None = None, **options: str) -> XoroConnector:
        given = {"api_key": API_KEY, "api_secret": API_SECRET} if credentials is None else credentials
        account = Account("xoro-contract", self.url, given, options=options)
        http = Http(self.url, tokens=self.tokens, secrets=tuple(given.values()), timeout_s=(1, 2))
        connected = vendor("xoro").connect(account, http)
        assert isinstance(connected, XoroConnector)
        return connected

    def control(self, to: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}{ADMIN}/{to}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def fault(self, fault: str, *, method: str = "", path: str = "", **more: Any) -> None:
        self.control("faults", fault=fault, method=method, path=path, **more)

    def calls(self, path: str, method: str = "") -> list[dict[str, Any]]:
        every = requests.get(f"{self.url}{ADMIN}/calls", timeout=5).json()
        return [call for call in every if path in call["path"] and method in ("", call["method"])]

    def place(self, ref: str = "5551", *, waved: bool = True, lines: dict[str, int] | None = None, **more: Any) -> str:
        return str(self.control("orders", ref=ref, lines=lines or {"TEE-BLK-S": 2}, wave=waved, **more)[ref])

    def there(self, number: str) -> dict[str, Any]:
        return requests.get(f"{self.url}{ADMIN}/orders/{number}", timeout=5).json()

    def order(self, number: str, *, by: XoroConnector | None = None) -> SalesOrder:
        received = (by or self.xoro).fetch_order(number)
        assert received is not None
        return self.parsed(received, by=by)

    def parsed(self, received: Received, *, by: XoroConnector | None = None) -> SalesOrder:
        order = (by or self.xoro).parse(received.topic, received.body)[0]
        assert isinstance(order, SalesOrder)
        return order

    def polled(self, cursor: str = "", *, by: XoroConnector | None = None) -> tuple[dict[str, SalesOrder], str]:
        """The newest observation of every order that one poll brings, and the cursor after it."""
        pages = list((by or self.xoro).poll("orders", cursor, until=until()))
        found = [self.parsed(item) for item in items(pages)]
        return {order.number: order for order in found}, pages[-1].cursor

    def notice(self, number: str, units: dict[str, int], *, key: str = "d-1", complete: bool = True, **more: Any) -> DispatchNotice:
        received = self.xoro.fetch_order(number)
        assert received is not None
        ids = {line.sku: line.reference for line in self.parsed(received).lines}
        lines = tuple(ShipmentLine(sku, count, ids.get(sku, "")) for sku, count in units.items())
        values: dict[str, Any] = {"carrier_code": "UPS", "service_code": "Ground", "shipped_at": until(), "parcels": (Parcel("p", f"1Z-{key}"),)}
        return DispatchNotice(key, number, Shipment("s-1", lines, **{**values, **more}), complete=complete, seen=received.body)


def until() -> datetime:
    return datetime.now(UTC)


def items(pages: list[Page]) -> list[Received]:
    return [item for page in pages for item in page.items]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = serve(build(rate_scale=0))
    yield server
    server.stop()


@pytest.fixture
def shop(running: Running) -> Iterator[XoroShop]:
    """The tenant as new: faults, oddities, settings, keys and clock of the last test are gone."""
    state = running.server.app.extensions["state"]
    before, apps = dict(vars(state.settings)), dict(state.apps)
    yield XoroShop(running)
    state.settings.change(before)
    state.apps.clear()
    state.apps.update(apps)
    state.oddities.left.clear()
    state.bench.faults.clear()
    state.bench.calls.clear()
    state.bench.clock.skew_s = 0.0
