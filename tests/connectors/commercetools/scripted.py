"""A commercetools that answers from a function, behind the real door to the network."""

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

from connectors.commercetools.connector import Commercetools
from connectors.http import Http
from connectors.ports import Account

SAMPLES = Path(__file__).parent / "samples"
BASE = "http://ct.test"
UNTIL = datetime(2026, 3, 4, 12, tzinfo=UTC)
Reply = tuple[int, Any]


@dataclass(frozen=True)
class Asked:
    """One request as it went over the wire."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: Any
    headers: dict[str, str]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]


@dataclass
class Script(BaseAdapter):
    """Answers every request of the project with what `reply` makes of it, and every request for a token with one."""

    reply: Callable[[Asked], Reply]
    scope: str = "manage_project:demo-shop"
    asked: list[Asked] = field(default_factory=list)
    tokens: int = 0
    date: str = "Wed, 04 Mar 2026 12:00:00 GMT"

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        if parts.path == "/oauth/token":
            self.tokens += 1
            token = {"access_token": f"token-{self.tokens}", "token_type": "Bearer", "expires_in": 172800, "scope": self.scope}
            return answer(request, 200, token, self.date)
        body = json.loads(request.body) if request.body else None
        asked = Asked(str(request.method), parts.path.removeprefix("/demo-shop"), parse_qsl(parts.query), body, dict(request.headers))
        self.asked.append(asked)
        return answer(request, *self.reply(asked), self.date)

    def close(self) -> None:
        """Nothing is open."""

    @property
    def writes(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST"]


def answer(request: requests.PreparedRequest, status: int, body: Any, date: str) -> requests.Response:
    response = requests.Response()
    response.status_code, response.request, response.url = status, request, str(request.url)
    response.headers["Date"] = date
    response.raw = BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
    return response


def connector(reply: Callable[[Asked], Reply], *, scope: str = "manage_project:demo-shop", **options: str) -> tuple[Commercetools, Script]:
    script = Script(reply, scope)
    http = Http(BASE)
    http.session.mount("http://", script)
    account = Account("ct-test", BASE, {"client_id": "ops", "client_secret": "s3cret"}, auth_url=BASE, account="demo-shop", options=options)
    return Commercetools(account, http), script


def bare(**options: str) -> Commercetools:
    """A connector that is only asked to read what is stored."""
    return connector(lambda asked: (500, {}), **options)[0]


def sample(name: str, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return {**body, **changes}


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()


def page(*results: dict[str, Any], limit: int = 500) -> Reply:
    return 200, {"limit": limit, "offset": 0, "count": len(results), "results": list(results)}


def conflict(version: int) -> Reply:
    message = f"Object x has a different version than expected. Expected: 4 - Actual: {version}."
    error = {"code": "ConcurrentModification", "message": message, "currentVersion": version}
    return 409, {"statusCode": 409, "message": message, "errors": [error]}


def refusal(code: str, message: str, **fields: Any) -> Reply:
    return 400, {"statusCode": 400, "message": message, "errors": [{"code": code, "message": message, **fields}]}
