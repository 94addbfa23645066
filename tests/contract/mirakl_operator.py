"""A Mirakl operator on loopback with a seeded shop, and the connector that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.canonical import DispatchNotice, LineDecision, OrderDecision, Page, Parcel, Received, SalesOrder, Shipment, ShipmentLine
from connectors.http import Http
from connectors.mirakl.connector import Mirakl
from connectors.ports import Account
from connectors.registry import vendor
from connectors.sandbox.kit import ADMIN, Running, serve
from connectors.sandbox.mirakl import API_KEY, SHOP_ID, build
from connectors.sandbox.mirakl.settings import Settings
from tests.contract.mirakl_record import all_faults


class Operator:
    """One operator: what its customers do, and the connector of our shop."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        fresh = vars(Settings())
        self.control("settings", **{**fresh, "rate_scale": 0, "import_wait_s": 0, "debit_delay_s": 0})
        self.control("clock", skew_s=0)
        self.clear_faults()
        requests.delete(f"{self.url}{ADMIN}/oddities", timeout=5)
        self.control("seed-demo")
        self.forget_calls()
        self.shop = self.connect()

    def connect(self, *, key: str = API_KEY, shop_id: str = str(SHOP_ID), base: str = "", **options: str) -> Mirakl:
        account = Account("mirakl-contract", base or self.url, {"api_key": key}, account=shop_id, options=options)
        connected = vendor("mirakl").connect(account, Http(self.url, secrets=(key,), timeout_s=(1, 2)))
        assert isinstance(connected, Mirakl)
        return connected

    def control(self, door: str, /, **body: Any) -> Any:
        answer = requests.post(f"{self.url}{ADMIN}/{door}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def fault(self, fault: str, *, method: str = "", path: str = "", **more: Any) -> None:
        self.control("faults", fault=fault, method=method, path=path, **more)

    def clear_faults(self) -> None:
        requests.delete(f"{self.url}{ADMIN}/faults", timeout=5)

    def place(self, **wish: Any) -> list[str]:
        ids: list[str] = self.control("place", **{"lines": {"MUG-BLU": 2, "CAP-RED": 1}, **wish})["order_ids"]
        return ids

    def there(self, reference: str) -> dict[str, Any]:
        """The order as the operator itself holds it."""
        found: dict[str, Any] = requests.get(f"{self.url}{ADMIN}/orders/{reference}", timeout=5).json()
        return found

    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.url}{ADMIN}/summary", timeout=5).json()
        return found

    def offers(self) -> list[dict[str, Any]]:
        """The offers as Mirakl tells them, every field of them but the deadline, which moves by itself."""
        answer = requests.get(f"{self.url}/api/offers", params={"max": 100, "shop_id": SHOP_ID}, headers={"Authorization": API_KEY}, timeout=5)
        return [{name: value for name, value in offer.items() if name != "shipping_deadline"} for offer in answer.json()["offers"]]

    def calls(self, method: str = "", path: str = "") -> list[dict[str, Any]]:
        found = requests.get(f"{self.url}{ADMIN}/calls", timeout=5).json()
        return [call for call in found if (not method or call["method"] == method) and path in call["path"]]

    def forget_calls(self) -> None:
        requests.delete(f"{self.url}{ADMIN}/calls", timeout=5)

    def accepted(self, **wish: Any) -> str:
        """An order that we accepted and that was paid: it may be shipped."""
        [reference] = self.place(**wish)
        self.shop.decide_order(self.decision(reference))
        assert self.there(reference)["order_state"] == "SHIPPING"
        return reference

    def decision(self, reference: str, *accept: bool) -> OrderDecision:
        lines = self.there(reference)["order_lines"]
        answers = accept or (True,) * len(lines)
        decided = tuple(LineDecision(line["order_line_id"], yes) for line, yes in zip(lines, answers, strict=True))
        return OrderDecision(reference, decided)

    def received(self, reference: str, shop: Mirakl | None = None) -> Received:
        found = (shop or self.shop).fetch_order(reference)
        assert found is not None
        return found

    def order(self, reference: str, shop: Mirakl | None = None) -> SalesOrder:
        received = self.received(reference, shop)
        order = self.shop.parse(received.topic, received.body)[0]
        assert isinstance(order, SalesOrder)
        return order

    def notice(
        self, reference: str, *units: int, key: str = "veeqo-1-ful-1", carrier: str = "DPD-UK", number: str = "15501", **more: Any
    ) -> DispatchNotice:
        """A dispatch of so many units of each line, all of them where none are named, with the order as it is now."""
        seen = more.pop("seen", None)
        body = self.received(reference).body if seen is None else seen
        lines = self.there(reference)["order_lines"]
        amounts = units or tuple(line["quantity"] for line in lines)
        shipped = tuple(ShipmentLine(line["offer_sku"], count, line["order_line_id"]) for line, count in zip(lines, amounts, strict=True) if count)
        parcels = more.pop("parcels", (Parcel("p1", number),) if number else ())
        return DispatchNotice(
            key, reference, Shipment("S1", shipped, parcels, carrier_code=carrier), complete=more.pop("complete", not units), seen=body
        )


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
def operator(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    """The operator as new, its import and debit done at once; between looks nobody waits. Whatever is sent keeps to the published API."""
    monkeypatch.setattr("connectors.mirakl.stock.pause", lambda seconds: None)
    made = Operator(running)
    yield made
    assert all_faults(made.calls()) == []
