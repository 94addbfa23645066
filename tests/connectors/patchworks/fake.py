"""An Http that answers from a table and keeps what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from connectors.errors import Exchange
from connectors.http import Answer, Http
from connectors.patchworks.connector import PatchworksConnector
from connectors.ports import Account

BASE = "https://core.example.test/api/v1"
Reply = Callable[[str, str, dict[str, Any]], Any]


class FakeHttp(Http):
    """`reply(method, url, options)` gives (status, body), or raises."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(BASE)
        self.reply, self.calls = reply, []

    def request(self, method: str, path: str, *, idempotent: bool | None = None, tries: int | None = None, **options: Any) -> Answer:
        self.calls.append((method, path, options))
        status, body = self.reply(method, path, options)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = Answer(status, {}, raw, Exchange(method, path, status))
        self._judge(answer, safe=method == "GET" if idempotent is None else idempotent)
        return answer


def connector(reply: Reply, *, credentials: dict[str, str] | None = None, **options: str) -> tuple[PatchworksConnector, FakeHttp]:
    http = FakeHttp(reply)
    account = Account("pw", BASE, credentials or {"api_key": "key-1"}, auth_url="https://app.example.test/login", options=options)
    return PatchworksConnector(account, http), http


def pages(rows: list[Any], *, last: int = 1) -> dict[str, Any]:
    return {"data": rows, "meta": {"current_page": 1, "last_page": last, "per_page": 100, "total": len(rows)}, "links": {}}
