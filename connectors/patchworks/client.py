"""Patchworks' HTTP side: the Core API that reads, the Start API that starts, and the two ways to show who we are.

https://doc.wearepatchworks.com
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.errors import AccessDenied, ContractError, Rejected
from connectors.http import Answer, Http
from connectors.patchworks.settings import LOGIN, Settings
from connectors.ports import Account
from connectors.reading import text

Row = dict[str, Any]
JSON = {"Accept": "application/json", "Content-Type": "application/json"}
DAY_S = 86400.0
MOST_PAGES = 500
SAID_NO = {
    404: "Patchworks does not know it.",
    405: "Patchworks does not offer this call.",
    413: "It is larger than Patchworks takes (8 MB).",
    422: "Patchworks refused it.",
}


class Client:
    """Calls in the name of one account."""

    def __init__(self, account: Account, http: Http) -> None:
        self.account, self.http = account, http
        self.settings = Settings(account)

    def call(self, method: str, url: str, **options: Any) -> Answer:
        """One call with our credential; a login that has run out is renewed once."""
        if self.settings.text("auth_mode") != LOGIN:
            return self.http.request(method, url, headers={**JSON, "Authorization": self.key()}, **options)
        token = self.token()
        try:
            return self.http.request(method, url, headers={**JSON, "Authorization": f"Bearer {token}"}, **options)
        except AccessDenied as error:
            if error.exchange is None or error.exchange.status != 401:
                raise
            return self.http.request(method, url, headers={**JSON, "Authorization": f"Bearer {self.token(stale=token)}"}, **options)

    def key(self) -> str:
        key = self.account.credentials.get("api_key", "").strip()
        if not key:
            raise AccessDenied("This Patchworks connection has no API key. A manager can make one in the dashboard.")
        prefix = self.settings.text("authorization_prefix")
        return f"{prefix} {key}" if prefix else key

    def token(self, *, stale: str = "") -> str:
        return self.http.tokens.get(f"{self.account.key}:login", self.log_in, stale=stale)

    def log_in(self) -> tuple[str, float]:
        given = self.account.credentials
        if not given.get("username") or not given.get("password"):
            raise AccessDenied("This Patchworks connection has no user name and password to log in with.")
        body = {self.settings.text("login_field"): given["username"], "password": given["password"]}
        answer = self.http.request("POST", self.account.auth_url, headers=JSON, json=body, idempotent=True)
        told = answer.json() if answer.status < 400 else {}
        token = text(told.get("token")) if isinstance(told, dict) else ""
        if not token:
            raise AccessDenied("Patchworks did not log us in with this user name and password.", detail=answer.text[:500], exchange=answer.exchange)
        lasts = told.get("expires_in")
        return token, float(lasts) if isinstance(lasts, int | float) else DAY_S

    def read(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """A read of the Core API. Rejected where it says no."""
        answer = self.call("GET", self.settings.core + path, params=dict(params or {}))
        refuse(answer)
        return answer

    def one(self, path: str, params: Mapping[str, str] | None = None) -> Row:
        body = self.read(path, params).json()
        found = body.get("data", body) if isinstance(body, dict) else body
        if not isinstance(found, dict):
            raise ContractError("Patchworks answered with something that is not one object.")
        return flat(found)

    def pages(self, path: str, params: Mapping[str, str]) -> Iterator[list[Row]]:
        """The pages of a list, every one with every filter."""
        size = self.settings.number("per_page")
        for page in range(1, MOST_PAGES + 1):
            answer = self.read(path, {**params, "per_page": str(size), "page": str(page)})
            body = answer.json()
            rows = body.get("data") if isinstance(body, dict) else body
            if not isinstance(rows, list):
                raise ContractError("Patchworks answered a list without rows.", detail=answer.text[:500], exchange=answer.exchange)
            yield [flat(row) for row in rows if isinstance(row, dict)]
            if not rows or is_last(body, page, len(rows), size):
                return
        raise ContractError(f"Patchworks' list {path} goes on after {MOST_PAGES} pages.")

    def date(self, at: datetime) -> str:
        """A moment as the filters want it."""
        if self.settings.text("date_filter_format") == "iso":
            return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return str(int(at.timestamp() * 1000))

    def start(self, flow: str, body: bytes) -> Answer:
        """Start the flow's deployed version with this payload."""
        answer = self.call("POST", self.settings.start + self.settings.text("start_path").format(flow_id=flow), data=body)
        refuse(answer)
        return answer

    def retry(self, run: str) -> Answer:
        """Run it again with the payload it had."""
        answer = self.call("POST", self.settings.core + self.settings.text("retry_path").format(run_id=run))
        refuse(answer)
        return answer


def refuse(answer: Answer) -> None:
    """Rejected with Patchworks' own words, for every answer that is not a success."""
    if answer.status < 300:
        return
    said = words_of(answer)
    sentence = SAID_NO.get(answer.status, f"Patchworks answered with HTTP {answer.status}.")
    raise Rejected(f"{sentence} {said}".strip(), detail=answer.text[:2000], exchange=answer.exchange, code=str(answer.status))


def words_of(answer: Answer) -> str:
    try:
        body = answer.json()
    except ContractError:
        return ""
    return text(body.get("message"))[:300] if isinstance(body, dict) else ""


def is_last(body: Any, page: int, rows: int, size: int) -> bool:
    meta = body.get("meta") if isinstance(body, dict) else None
    last = text(meta.get("last_page")) if isinstance(meta, dict) else ""
    return page >= int(last) if last.isdecimal() else rows < size


def flat(row: Mapping[str, Any]) -> Row:
    """A flat row and one with its fields under `attributes` are the same."""
    inner = row.get("attributes")
    if not isinstance(inner, Mapping):
        return dict(row)
    related = row.get("relationships")
    links = {name: one.get("data") for name, one in related.items() if isinstance(one, Mapping)} if isinstance(related, Mapping) else {}
    return {**links, **{name: value for name, value in row.items() if name not in ("attributes", "relationships", "type")}, **inner}


def run_id(answer: Answer) -> str:
    """The new run's id, wherever it stands; empty where the answer has none."""
    try:
        body = answer.json()
    except ContractError:
        return ""
    if not isinstance(body, Mapping):
        return ""
    data = body.get("data")
    inner = flat(data) if isinstance(data, Mapping) else {}
    return text(inner.get("id")) or text(inner.get("flow_run_id")) or text(body.get("flow_run_id")) or text(body.get("id"))
