"""Veeqo's HTTP side: the key, the four error shapes, and lists whose pages move while they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from connectors.errors import AccessDenied, ConnectorError, ContractError, Rejected
from connectors.http import Answer, Http
from connectors.ports import Account

PAGE_SIZE = 100  # the documented maximum; defaults are as low as 1 (delivery methods), so it is always sent
SURELY_SHORT = 10  # lists without totals: fewer rows than any page size we would be cut down to
END_OF_LIST = (400, 404)  # what a page past the end may answer
Params = list[tuple[str, str]]
Row = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """One page of a list; `total` is what the headers say of the whole list, where they say it."""

    number: int
    rows: list[Row]
    total: int | None
    last: bool

    @property
    def ids(self) -> tuple[Any, ...]:
        return tuple(row.get("id") for row in self.rows)


class Client:
    """Calls with the account's key. https://developers.veeqo.com"""

    def __init__(self, account: Account, http: Http) -> None:
        self.http = http
        self.account = account

    def headers(self) -> dict[str, str]:
        key = self.account.credentials.get("api_key", "").strip()
        token = self.account.credentials.get("access_token", "").strip()
        if not key and not token:
            raise AccessDenied("This Veeqo connection has neither an API key nor an access token.")
        return {"Accept": "application/json", **({"x-api-key": key} if key else {"Authorization": f"Bearer {token}"})}

    def call(self, method: str, path: str, *, params: Params | None = None, json: Any = None, idempotent: bool | None = None) -> Answer:
        query = f"?{urlencode(params, quote_via=quote)}" if params else ""
        options: dict[str, Any] = {"headers": self.headers()}
        if json is not None:
            options["json"] = json
        return self.http.request(method, path + query, idempotent=idempotent, **options)

    def order(self, reference: str) -> Row | None:
        """One order by Veeqo's id; None when it does not know it, or when it cannot be an id."""
        return self.read_or_none(f"/orders/{reference}", root="order") if reference.isdecimal() else None

    def read_or_none(self, path: str, *, root: str) -> Row | None:
        """One record, out of its root key if it has one; None when Veeqo does not know it."""
        answer = self.call("GET", path)
        if answer.status == 404:
            return None
        if answer.status not in (200, 201):
            raise refusal(answer, f"Veeqo did not give {path}.")
        return unwrapped(answer.json(), root=root)

    def sheet(self, path: str, params: Params, number: int) -> Sheet:
        """One page. A short page ends the list unless the headers say there is more."""
        sent = [*params, ("page", str(number)), ("page_size", str(PAGE_SIZE))]
        answer = self.call("GET", path, params=sent)
        if number > 1 and answer.status in END_OF_LIST:
            return Sheet(number, [], None, last=True)
        if answer.status != 200:
            raise refusal(answer, f"Veeqo did not give the list {path}.")
        rows = listed(answer.json(), path=path)
        full = min(PAGE_SIZE, counted(answer, "X-Per-Page") or PAGE_SIZE)
        more = (counted(answer, "X-Total-Pages-Count") or 0) > number
        return Sheet(number, rows, counted(answer, "X-Total-Count"), last=not rows or (len(rows) < full and not more))

    def pages(self, path: str, params: Params, *, start: int = 1, total: int | None = None) -> Iterator[Sheet]:
        """The pages from `start`, every one with every filter.

        Rows leave a list while it is read (an order is cancelled) and the rest moves up: when the total falls, as many pages are read again.
        """
        number, seen = start, ()
        while True:
            sheet = self.sheet(path, params, number)
            if number > 1 and total is not None and sheet.total is not None and sheet.total < total:
                number = max(1, number - (total - sheet.total - 1) // PAGE_SIZE - 1)
                total, seen = sheet.total, ()
                continue
            if sheet.rows and sheet.ids == seen:
                sheet = self.unlike(path, params, sheet)
            yield sheet
            if sheet.last:
                return
            number, total, seen = number + 1, sheet.total, sheet.ids

    def unlike(self, path: str, params: Params, repeated: Sheet) -> Sheet:
        """A page equal to the one before it, asked for once more. Lists of over 10,000 rows are known to repeat their last page."""
        again = self.sheet(path, params, repeated.number)
        if again.rows and again.ids == repeated.ids:
            raise ContractError(
                f"Veeqo gave page {repeated.number - 1} of {path} again as page {repeated.number}, so the rest of the list cannot be read. "
                "A later start date makes the list shorter."
            )
        return again

    def whole_list(self, path: str, params: Params | None = None) -> list[Row]:
        """A short reference list. It tells no totals, so it ends at an empty page or one that brings nothing new."""
        found: dict[Any, Row] = {}
        for number in range(1, 101):
            sheet = self.sheet(path, params or [], number)
            new = {row.get("id"): row for row in sheet.rows if row.get("id") not in found}
            found.update(new)
            if not new or len(sheet.rows) < SURELY_SHORT:
                break
        return list(found.values())


def unwrapped(body: Any, *, root: str) -> Row:
    inner = body.get(root) if isinstance(body, dict) and "id" not in body else body
    if not isinstance(inner, dict):
        raise ContractError(f"Veeqo answered with something that is not one {root}.", detail=str(body)[:500])
    return inner


def listed(body: Any, *, path: str) -> list[Row]:
    if isinstance(body, dict):
        body = next((value for value in body.values() if isinstance(value, list)), None)
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise ContractError(f"Veeqo answered {path} with something that is not a list.", detail=str(body)[:500])
    return body


def counted(answer: Answer, header: str) -> int | None:
    value = answer.header(header)
    return int(value) if value.isdecimal() else None


def messages(answer: Answer) -> list[str]:
    """Veeqo's own words: `error_messages` (text or list), else `error`, else `errors`, else the text, else the status."""
    try:
        body = answer.json()
    except ContractError:
        body = None
    if isinstance(body, Mapping):
        for name in ("error_messages", "error", "errors"):
            told = body.get(name)
            if told:
                return [str(each) for each in told] if isinstance(told, list) else [str(told)]
    return [answer.text[:500].strip() or f"HTTP {answer.status}"]


def refusal(answer: Answer, sentence: str, *, code: str = "") -> ConnectorError:
    """What an answer that is not a success means: the vendor's no, or nothing we know."""
    told = "; ".join(messages(answer))
    if 400 <= answer.status < 500:
        return Rejected(f"{sentence} It says: {told}", detail=answer.text[:2000], exchange=answer.exchange, code=code or str(answer.status))
    return ContractError(f"{sentence} It answered with HTTP {answer.status}.", detail=answer.text[:2000], exchange=answer.exchange)
