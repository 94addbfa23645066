"""A door to the network that answers from a function, and what the Veeqo tests build with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.canonical import Address, WarehouseLine, WarehouseOrder
from connectors.errors import Exchange
from connectors.http import Answer
from connectors.ports import Account
from connectors.veeqo.connector import VeeqoConnector

SAMPLES = Path(__file__).parent / "samples"
Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]] | Exception


@dataclass(frozen=True)
class Asked:
    """One request as the connector made it."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: Any
    headers: dict[str, str]

    def value(self, name: str) -> str:
        return dict(self.query).get(name, "")


class ScriptedHttp:
    """Answers each request with what `reply` makes of it; an exception is raised."""

    def __init__(self, reply: Callable[[Asked], Reply]) -> None:
        self.reply = reply
        self.asked: list[Asked] = []

    def request(self, method: str, path: str, *, idempotent: bool | None = None, **options: Any) -> Answer:
        parts = urlsplit(path)
        asked = Asked(method, parts.path, parse_qsl(parts.query), options.get("json"), options.get("headers", {}))
        self.asked.append(asked)
        replied = self.reply(asked)
        if isinstance(replied, Exception):
            raise replied
        status, body, *headers = replied
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Answer(status, headers[0] if headers else {}, raw, Exchange(method, "https://api.veeqo.com" + path, status))

    def take_exchanges(self) -> list[Exchange]:
        return []


def sample(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()


def connector(reply: Callable[[Asked], Reply], **options: str) -> tuple[VeeqoConnector, ScriptedHttp]:
    http = ScriptedHttp(reply)
    account = Account("veeqo-test", "https://api.veeqo.com", {"api_key": "Vqt/key"}, options=options)
    return VeeqoConnector(account, http), http  # type: ignore[arg-type]


def bare() -> VeeqoConnector:
    """A connector that is only asked to read what is stored."""
    return connector(lambda asked: AssertionError(f"{asked.method} {asked.path} was not expected"))[0]


def line(**changes: Any) -> WarehouseLine:
    return WarehouseLine(
        **{"sku": "MUG-BLU", "quantity": 2, "unit_net": Decimal("25.00"), "tax_rate": Decimal("0.2"), "item_reference": "13847534", **changes}
    )


def order(**changes: Any) -> WarehouseOrder:
    address = Address(first_name="Ana", last_name="Lee", line1="1 High St", city="Leeds", postcode="LS1 1AA", country="GB", phone="07000000000")
    wanted: dict[str, Any] = {
        "number": "CT-100045",
        "store_code": "35250",
        "ship_service_code": "4411",
        "currency": "GBP",
        "lines": (line(),),
        "shipping_address": address,
        "email": "ana@example.com",
        "shipping_net": Decimal("3.95"),
        "total_tax": Decimal("10.00"),
        "payment_reference": "CT-PAY-9",
    }
    return WarehouseOrder(**{**wanted, **changes})
