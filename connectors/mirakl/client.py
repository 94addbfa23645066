"""Mirakl's HTTP side: the bare key, the shop on every call, two error shapes, offset and seek paging.

https://developer.mirakl.com
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.errors import AccessDenied, ContractError, OutcomeUnknown, Rejected
from connectors.http import Answer, Http
from connectors.mirakl.options import Settings
from connectors.mirakl.pacing import Pacing
from connectors.ports import Account
from connectors.reading import dump, text

OFFSET_PAGE = 100  # the documented maximum; the default is 10
Params = Sequence[tuple[str, str]]
Row = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """One page of a list: its rows, where the next one begins (an offset or a token), and whether there is one."""

    rows: list[Row]
    offset: int = 0
    token: str = ""
    last: bool = False
    at: datetime | None = None  # the server's clock


class Client:
    """Calls of one shop user. Errors of every method: those of `connectors.errors`."""

    def __init__(self, account: Account, http: Http) -> None:
        self.account, self.http = account, http
        self.settings = Settings(account)
        self.root = api_root(account.base_url)
        self.shop_id = account.account.strip()
        secret = "|".join((self.root, self.shop_id, self.key))
        self.scope = f"mirakl:{hashlib.sha256(secret.encode()).hexdigest()[:24]}"
        self.pacing = Pacing(http.limiter, http.tokens, self.scope)
        http.limiter = self.pacing

    @property
    def key(self) -> str:
        return self.account.credentials.get("api_key", "").strip()

    def call(self, operation: str, method: str, path: str, *, params: Params = (), headers: Row | None = None, **options: Any) -> Answer:
        """Any answer but 401, 403, 429 and 5xx. `operation` is Mirakl's own id of it (OR11), which its limits go by."""
        if not self.key:
            raise AccessDenied("This Mirakl connection has no API key.")
        query = [*params, *([("shop_id", self.shop_id)] if self.shop_id else [])]
        sent = {"Authorization": self.key, "Accept": "application/json", **(headers or {})}
        self.pacing.operation = operation
        try:
            return self.http.request(method, f"{self.root}{path}", params=query, headers=sent, **options)
        except AccessDenied as error:
            raise denied(error, operation) from error

    def get(self, operation: str, path: str, params: Params = ()) -> Row:
        """One JSON object. Errors: Rejected for a 4xx."""
        answer = self.call(operation, "GET", path, params=params)
        if answer.status != 200:
            raise refusal(answer, f"Mirakl did not answer {operation}.")
        return mapping_of(answer, operation)

    def write(self, operation: str, method: str, path: str, body: Any = None, *, idempotent: bool = False) -> Row:
        """Send JSON (or nothing); {} for an empty answer. OutcomeUnknown when what came back is no answer to it."""
        options: dict[str, Any] = {"idempotent": idempotent}
        if body is not None:
            options |= {"data": dump(body), "headers": {"Content-Type": "application/json"}}
        return self.written(operation, self.call(operation, method, path, **options))

    def written(self, operation: str, answer: Answer) -> Row:
        if not 200 <= answer.status < 300:
            raise refusal(answer, "Mirakl refused this.")
        if answer.status == 204 or not answer.body.strip():
            return {}
        try:
            return mapping_of(answer, operation)
        except ContractError as error:
            sentence = "Mirakl's answer could not be read, so it is not known whether it did what was asked."
            raise OutcomeUnknown(sentence, detail=error.detail, exchange=answer.exchange) from error

    def order(self, reference: str, *, as_platform: bool = False) -> Row | None:
        """One order by OR11; None when this shop has none of that id. (OR12 is not for integrations.)

        `as_platform`: its prices as the platform keeps them, whatever the connection wants to see.
        """
        if not reference or "," in reference:
            return None
        asked = [("order_ids", reference), *([] if as_platform else self.order_params()), ("max", str(OFFSET_PAGE))]
        rows = rows_of(self.get("OR11", "/orders", asked), "orders")
        return next((row for row in rows if text(row.get("order_id")) == reference), None)

    def order_params(self) -> Params:
        named = (("order_tax_mode", self.settings.text("order_tax_mode")), ("locale", self.settings.text("locale")))
        return [(name, value) for name, value in named if value]

    def offset_sheets(self, operation: str, path: str, params: Params, *, root: str, start: int = 0) -> Iterator[Sheet]:
        """Pages from an offset. When the total falls while they are read, rows moved up: as many are read again."""
        offset, known_total = start, None
        while True:
            answer = self.call(operation, "GET", path, params=[*params, ("max", str(OFFSET_PAGE)), ("offset", str(offset))])
            if answer.status != 200:
                raise refusal(answer, f"Mirakl did not answer {operation}.")
            body = mapping_of(answer, operation)
            rows, total = rows_of(body, root), counted(body.get("total_count"))
            if known_total is not None and total is not None and total < known_total and offset:
                offset, known_total = max(0, offset - (known_total - total)), total
                continue
            offset, known_total = offset + len(rows), total
            last = not rows or (total is not None and offset >= total)
            yield Sheet(rows, offset=offset, last=last, at=server_time(answer))
            if last:
                return

    def seek_sheets(self, operation: str, path: str, params: Params, *, limit: int, token: str = "") -> Iterator[Sheet]:
        """Pages by token. Beside a token everything else is ignored, so nothing else is sent."""
        while True:
            asked = [("page_token", token)] if token else [*params, ("limit", str(limit))]
            answer = self.call(operation, "GET", path, params=asked)
            if answer.status != 200:
                raise refusal(answer, f"Mirakl did not answer {operation}.")
            body = mapping_of(answer, operation)
            rows, after = rows_of(body, "data"), text(body.get("next_page_token"))
            if after and after == token:
                raise ContractError(f"Mirakl gave the same page of {operation} again, so reading was stopped.", exchange=answer.exchange)
            token = after
            last = not rows or not token
            yield Sheet(rows, token=token, last=last, at=server_time(answer))
            if last:
                return


def api_root(base_url: str) -> str:
    """The address with one `/api` at its end, whether it was entered with it or not."""
    base = base_url.strip().rstrip("/")
    return base if base.endswith("/api") else f"{base}/api"


def mapping_of(answer: Answer, operation: str) -> Row:
    body = answer.json()
    if not isinstance(body, dict):
        raise ContractError(
            f"Mirakl answered {operation} with something that is not one object.", detail=answer.text[:2000], exchange=answer.exchange
        )
    return body


def rows_of(body: Row, name: str) -> list[Row]:
    """A list inside an answer; its null or missing twin is empty, anything else breaks the contract."""
    found = body.get(name)
    if found is None:
        if name in body:
            return []
        raise ContractError(f"Mirakl's answer has no {name}.", detail=str(body)[:500])
    if not isinstance(found, list):
        raise ContractError(f"Mirakl's {name} is not a list.", detail=str(body)[:500])
    return [row for row in found if isinstance(row, dict)]


def listed(body: Row, name: str) -> list[Row]:
    """The objects in a list that may be missing."""
    found = body.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def part(body: Row, name: str) -> Row:
    """An object inside another; {} where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def counted(value: Any) -> int | None:
    written = text(value)
    return int(written) if written.isdecimal() else None


def server_time(answer: Answer) -> datetime | None:
    try:
        read = parsedate_to_datetime(answer.header("Date"))
    except (ValueError, TypeError):
        return None
    return read.astimezone(UTC) if read.tzinfo else None


def error_items(answer: Answer) -> list[Row]:
    """`errors` of the second shape, or the first shape's `message` as one item. A body may be empty, HTML or anything."""
    try:
        body = answer.json()
    except ContractError:
        return []
    if not isinstance(body, dict):
        return []
    if body.get("message"):
        return [{"message": text(body["message"])}, *listed(body, "errors")]
    return listed(body, "errors")


def refusal(answer: Answer, sentence: str) -> Rejected | ContractError:
    """What an answer that is no success means. There is no 409 or 422: a conflict of states is a 400, too."""
    if not 400 <= answer.status < 500:
        return ContractError(f"{sentence} It answered with HTTP {answer.status}.", detail=answer.text[:2000], exchange=answer.exchange)
    items = error_items(answer)
    said = "; ".join(dict.fromkeys(text(item.get("message")) for item in items if item.get("message"))) or f"HTTP {answer.status}"
    code = next((text(item["code"]) for item in items if item.get("code")), "") or str(answer.status)
    fields = tuple(text(item["field"]) for item in items if item.get("field"))
    return Rejected(f"{sentence} It says: {said[:300]}", detail=answer.text[:2000], exchange=answer.exchange, code=code, fields=fields)


def denied(error: AccessDenied, operation: str) -> AccessDenied:
    """401: the key is wrong. 403: this user may not do this, or not for this shop."""
    if not is_forbidden(error):
        return AccessDenied("Mirakl does not know this API key.", detail=error.detail, exchange=error.exchange)
    sentence = f"Mirakl does not let this API key call {operation}: its user lacks the role, or the shop is not one of its own."
    return AccessDenied(sentence, detail=error.detail, exchange=error.exchange)


def is_forbidden(error: AccessDenied) -> bool:
    return error.exchange is not None and error.exchange.status == 403
