"""A Mirakl that answers from a function, behind the real door to the network."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

from connectors.http import Http
from connectors.mirakl.connector import Mirakl
from connectors.ports import Account

SAMPLES = Path(__file__).parent / "samples"
BASE = "http://operator.test"
UNTIL = datetime(2026, 8, 4, 12, tzinfo=UTC)
Reply = tuple[int, Any]


@dataclass(frozen=True)
class Asked:
    """One request as it went over the wire."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Script(BaseAdapter):
    """Answers every request with what `reply` makes of it."""

    reply: Callable[[Asked], Reply]
    asked: list[Asked] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        body = request.body if isinstance(request.body, bytes) else b"".join(request.body or ())  # type: ignore[arg-type]
        asked = Asked(str(request.method), parts.path, dict(parse_qsl(parts.query)), body, dict(request.headers))
        self.asked.append(asked)
        status, answer = self.reply(asked)
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, str(request.url)
        response.headers["Date"] = "Tue, 04 Aug 2026 11:59:00 GMT"
        response.raw = BytesIO(answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode())
        return response

    def close(self) -> None:
        """Nothing is open."""


def connector(reply: Callable[[Asked], Reply], *, shop_id: str = "2310", **options: str) -> tuple[Mirakl, Script]:
    script = Script(reply)
    http = Http(BASE)
    http.session.mount("http://", script)
    account = Account("mirakl-test", BASE, {"api_key": "k3y-of-the-shop"}, account=shop_id, options=options)
    return Mirakl(account, http), script


def bare(**options: str) -> Mirakl:
    """A connector that is only asked to read what is stored."""
    return connector(lambda asked: (500, {}), **options)[0]


def sample(name: str, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return {**body, **changes}


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()
