"""A door to the network that answers from a function, and what the Deposco tests build with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.canonical import Address, WarehouseLine, WarehouseOrder
from connectors.deposco.connector import DeposcoConnector
from connectors.errors import Exchange
from connectors.http import Answer, MemoryTokens
from connectors.ports import Account

SAMPLES = Path(__file__).parent / "samples"
CREDENTIALS = {"client_id": "cid", "client_secret": "cs", "legacy_user": "api", "legacy_password": "pw"}
Reply = tuple[int, Any] | Exception


@dataclass(frozen=True)
class Asked:
    """One request as the connector made it."""

    method: str
    url: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


class ScriptedHttp:
    """Answers each request with what `reply` makes of it; an exception is raised. Tokens are given to everybody."""

    def __init__(self, reply: Callable[[Asked], Reply]) -> None:
        self.reply = reply
        self.asked: list[Asked] = []
        self.tokens = MemoryTokens()

    def request(self, method: str, url: str, **options: Any) -> Answer:
        data = options.get("data")
        body = json.loads(data) if isinstance(data, bytes) and data else data
        asked = Asked(method, url, dict(options.get("params") or []), body, options.get("headers", {}))
        exchange = Exchange(method, url, 200)
        if url.endswith("/oauth2/token"):
            return Answer(200, {}, b'{"access_token":"eyJ.demo","expires_in":3600}', exchange)
        self.asked.append(asked)
        replied = self.reply(asked)
        if isinstance(replied, Exception):
            raise replied
        status, told = replied
        return Answer(status, {}, told if isinstance(told, bytes) else json.dumps(told).encode(), exchange)

    def take_exchanges(self) -> list[Exchange]:
        return []


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return found


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()


def connector(reply: Callable[[Asked], Reply], **options: str) -> tuple[DeposcoConnector, ScriptedHttp]:
    http = ScriptedHttp(reply)
    account = Account("test", "https://api.deposco.com/latest", CREDENTIALS, account="ACME", options={"legacy_per_s": "0", **options})
    return DeposcoConnector(account, http), http  # type: ignore[arg-type]


def bare(**options: str) -> DeposcoConnector:
    """A connector that is only asked to read what is stored."""
    return connector(lambda asked: AssertionError(f"{asked.method} {asked.url} was not expected"), **options)[0]


def line(**changes: Any) -> WarehouseLine:
    return WarehouseLine(**{"sku": "TEE-BLK-M", "quantity": 2, "unit_net": Decimal("19.5"), "tax_rate": Decimal("0.08"), **changes})


def order(**changes: Any) -> WarehouseOrder:
    place = Address(first_name="Ada", last_name="Quill", line1="1 Test St", city="Austin", region="TX", postcode="78701", country="US")
    wanted: dict[str, Any] = {
        "number": "WEB-10021",
        "store_code": "ACME",
        "ship_service_code": "UPS|UPS Ground",
        "currency": "USD",
        "lines": (line(),),
        "shipping_address": place,
        "email": "ada@example.test",
        "total_tax": Decimal("3.12"),
    }
    return WarehouseOrder(**{**wanted, **changes})
