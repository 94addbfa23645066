"""The REST API's HTTP side: a token that is renewed once, refusals in Deposco's words, and lists read to their end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.deposco.auth import Access
from connectors.deposco.settings import Settings
from connectors.deposco.shapes import Row, id_of, listed, unwrapped
from connectors.errors import AccessDenied, Conflict, ConnectorError, ContractError, OutcomeUnknown, Rejected, Unavailable
from connectors.http import Answer, Http
from connectors.reading import dump, text

Params = list[tuple[str, str]]
BLANK = "Deposco answered with nothing, so nothing is known."


@dataclass(frozen=True)
class Sheet:
    """One page of a list. `query` continues after it ("" at the end)."""

    rows: list[Row]
    query: str

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(map(id_of, self.rows))


class Rest:
    """Calls of the new API, https://api.deposco.com."""

    def __init__(self, http: Http, settings: Settings) -> None:
        self.http = http
        self.settings = settings
        self.access = Access(http, settings)

    def call(self, method: str, path: str, *, params: Params | None = None, body: Any = None) -> Answer:
        """With a token; a 401 throws the token away and the call is made exactly once more."""
        token = self.access.token()
        try:
            return self.send(method, path, token, params=params, body=body)
        except AccessDenied as error:
            if is_forbidden(error):
                raise forbidden(error) from error
        return self.send(method, path, self.access.token(stale=token), params=params, body=body)

    def send(self, method: str, path: str, token: str, *, params: Params | None, body: Any) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        options: dict[str, Any] = {"params": params} if params else {}
        if method != "GET":
            headers["Content-Type"] = "application/json"
            options["data"] = dump(body) if body is not None else b""
        return self.http.request(method, self.settings.rest_url + path, headers=headers, **options)

    def read(self, path: str, *, name: str) -> Row | None:
        """One record, out of the key it may be wrapped in; None when Deposco does not know it."""
        answer = self.call("GET", path)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise refusal(answer, f"Deposco did not give {path}.")
        return unwrapped(full(answer).json(), name=name)

    def write(self, path: str, body: Any, *, sentence: str, params: Params | None = None, name: str = "salesOrder") -> Row:
        """Post, and the record that came back ({} for none). Conflict while somebody else changes it; OutcomeUnknown when the answer says nothing."""
        answer = self.call("POST", path, params=params, body=body)
        if answer.status == 409:
            raise Conflict("Somebody else is changing this in Deposco at the same moment.", detail=answer.text[:2000], exchange=answer.exchange)
        if not 200 <= answer.status < 300:
            raise refusal(answer, sentence)
        if not answer.body.strip():
            return {}
        try:
            return unwrapped(answer.json(), name=name)
        except ContractError as error:
            raise OutcomeUnknown(
                "Deposco's answer cannot be read, so it is not known whether it was done.", detail=error.detail, exchange=answer.exchange
            ) from error

    def pages(self, path: str, params: Params, *, query: str = "", size: int = 0) -> Iterator[Sheet]:
        """The pages of a list, newest rows first, from the start or on from `query`; a continuation that has expired starts over."""
        sent = [*params, ("pageSize", str(size or self.settings.number("page_size")))]
        number, followed = 1, query
        seen: tuple[str, ...] = ()
        while True:
            answer = self.call("GET", path, params=merged(sent, followed))
            if query and number == 1 and answer.status in (400, 404):
                followed = query = ""
                continue
            body = self.page_body(answer, path)
            sheet = Sheet(listed(body, path=path), next_query(body, number if not query else 0))
            if sheet.rows and sheet.ids == seen:
                sheet = self.unlike(path, sent, followed, seen)
            yield sheet
            if not sheet.query:
                return
            number, seen, followed = number + 1, sheet.ids, sheet.query

    def page_body(self, answer: Answer, path: str) -> Any:
        if answer.status != 200:
            raise refusal(answer, f"Deposco did not give the list {path}.")
        return full(answer).json()

    def unlike(self, path: str, params: Params, query: str, seen: tuple[str, ...]) -> Sheet:
        """A page equal to the one before it, asked for once more."""
        body = self.page_body(self.call("GET", path, params=merged(params, query)), path)
        sheet = Sheet(listed(body, path=path), next_query(body, 0))
        if sheet.ids == seen:
            raise ContractError(f"Deposco gave the same page of {path} twice, so the rest of the list cannot be read.", detail=query)
        return sheet

    def whole(self, path: str, params: Params | None = None) -> list[Row]:
        """Every row of a short list."""
        return [row for sheet in self.pages(path, params or []) for row in sheet.rows]


def merged(params: Params, query: str) -> Params:
    """The filters on every page, and what continues the list."""
    followed = parse_qsl(query)
    names = {name for name, _ in followed}
    return [*((name, value) for name, value in params if name not in names), *followed]


def next_query(body: Any, number: int) -> str:
    """The query of the next page. Only the query: the address in the link may be one that we cannot reach.

    `number` is the page's own, 0 where it is not known.
    """
    if not isinstance(body, Mapping) or body.get("complete") is True:
        return ""
    links = body.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next":
            return urlsplit(text(link.get("href"))).query
    pages = body.get("pages")
    if number and body.get("complete") is False and isinstance(pages, int) and pages > number:
        raise ContractError(f"Deposco says that there are {pages} pages, but not where page {number + 1} is. Nothing more could be read.")
    return ""


def full(answer: Answer) -> Answer:
    """An answer with a body. A 200 without one is a failure that does no harm to try again."""
    if not answer.body.strip():
        raise Unavailable(BLANK, exchange=answer.exchange)
    return answer


def is_forbidden(error: AccessDenied) -> bool:
    """The token is good, but something is not allowed: a scope, a business unit, a module that was not bought."""
    return error.exchange is not None and error.exchange.status == 403


def forbidden(error: AccessDenied) -> AccessDenied:
    said = error.detail[:300] or "it gives no reason"
    return AccessDenied(f"Deposco does not allow this to our app. It says: {said}", detail=error.detail, exchange=error.exchange)


def messages(answer: Answer) -> list[str]:
    """Deposco's own words: `errors[].errorMessage`, else the text, else the status."""
    try:
        body = answer.json()
    except ContractError:
        body = None
    told = body.get("errors") if isinstance(body, dict) else None
    found = [text(each.get("errorMessage") or each.get("message")) for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    return [word for word in found if word] or [answer.text[:500].strip() or f"HTTP {answer.status}"]


def said(answer: Answer) -> str:
    return "; ".join(messages(answer))


def refusal(answer: Answer, sentence: str, *, code: str = "", fields: tuple[str, ...] = ()) -> ConnectorError:
    """What an answer that is not a success means: the vendor's no, or nothing we know."""
    if 400 <= answer.status < 500:
        told = f"{sentence} It says: {said(answer)}"
        return Rejected(told, detail=answer.text[:2000], exchange=answer.exchange, code=code or str(answer.status), fields=fields)
    return ContractError(f"{sentence} It answered with HTTP {answer.status}.", detail=answer.text[:2000], exchange=answer.exchange)
