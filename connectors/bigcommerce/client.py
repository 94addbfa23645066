"""Calls to one BigCommerce store: paths, pages, the quota that all apps share, and errors in our words.

https://developer.bigcommerce.com/docs/start/about#api-rate-limits
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.bigcommerce.settings import Settings
from connectors.bigcommerce.values import Body, Row, mapping, objects
from connectors.errors import AccessDenied, ConnectorError, ContractError, OutcomeUnknown, RateLimited, Rejected
from connectors.http import Answer, Http
from connectors.ports import Account
from connectors.reading import text

Params = Mapping[str, Any]
PLATFORM_BUSY_S = 60.0  # a 429 without the quota's headers: the platform itself is under load
LEAST_LEFT = 3
MOST_WAIT_S = 120.0
READ_TRIES = 3
MOST_PAGES = 10_000


@dataclass
class Client:
    """One store as one API account sees it. Errors of every method: those of `connectors.errors`."""

    account: Account
    http: Http
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings(self.account)

    def get(self, path: str, params: Params | None = None) -> Any:
        """What is there, in v3 without its envelope; None for 204 and 404."""
        answer = self._call("GET", path, params=dict(params or {}))
        if answer.status in (204, 404):
            return None
        body = read(answer)
        return body["data"] if path.startswith("/v3") and isinstance(body, dict) and "data" in body else body

    def rows(self, path: str, params: Params | None = None) -> list[Row]:
        """One page of a list; [] for 204, and for 404: a list under something that is gone."""
        found = self.get(path, params)
        if found is None:
            return []
        if not isinstance(found, list):
            raise ContractError("BigCommerce answered a list with something else.", detail=str(found)[:2000])
        return objects(found)

    def pages(self, path: str, params: Params, *, size: int, first: int = 1) -> Iterator[tuple[list[Row], int]]:
        """Every page from the `first`, each with the number of the next (0 after the last).

        A page with fewer rows than asked for ends a v2 list; v3 says how many pages there are, and may allow fewer rows than asked for.
        """
        for page in range(first, first + MOST_PAGES):
            answer = self._call("GET", path, params={**params, "page": page, "limit": size})
            if answer.status in (204, 404):
                return
            body = read(answer)
            rows = body.get("data") if isinstance(body, dict) else body
            if not isinstance(rows, list):
                raise ContractError("BigCommerce answered a list with something else.", detail=answer.text[:2000], exchange=answer.exchange)
            last = is_last(body, rows, page=page, size=size)
            yield objects(rows), 0 if last else page + 1
            if last:
                return
        raise ContractError(f"BigCommerce's list had no end after {MOST_PAGES} pages, so reading was stopped.")

    def write(self, method: str, path: str, body: Row, *, idempotent: bool = False) -> Any:
        """Create or change; the answer, in v3 without its envelope. An answer that cannot be read leaves the outcome unknown."""
        answer = self._call(method, path, json=body, idempotent=idempotent)
        if answer.status == 204:
            return None
        if not 200 <= answer.status < 300:
            raise refused(answer)
        try:
            told = answer.json()
        except ContractError as error:
            if idempotent:
                raise
            sentence = "BigCommerce's answer could not be read, so it is not known whether it did what was asked."
            raise OutcomeUnknown(sentence, detail=error.detail, exchange=answer.exchange) from error
        return told["data"] if isinstance(told, dict) and isinstance(told.get("data"), dict) and path.startswith("/v3") else told

    def _call(self, method: str, path: str, **options: Any) -> Answer:
        token = self.account.credentials.get("auth_token", "")
        if not token:
            raise AccessDenied("The connection to BigCommerce has no access token.")
        if not self.settings.store and "/stores/" not in self.settings.base_url:
            raise AccessDenied("The connection to BigCommerce does not name its store.")
        headers = {"X-Auth-Token": token, "Accept": "application/json", "Content-Type": "application/json"}
        if method == "GET" or options.get("idempotent"):
            options["tries"] = READ_TRIES
        try:
            answer = self.http.request(method, self.settings.base_url + path, headers=headers, **options)
        except RateLimited as error:
            raise error if error.retry_after_s is not None else self._busy(error) from error
        self._pace(answer)
        return answer

    def _busy(self, error: RateLimited) -> RateLimited:
        """Without the quota's own header it is not the quota: the platform is under load, and wants a longer rest."""
        self.http.limiter.penalise(PLATFORM_BUSY_S)
        return RateLimited(error.sentence, detail=error.detail, exchange=error.exchange, retry_after_s=PLATFORM_BUSY_S)

    def _pace(self, answer: Answer) -> None:
        """When the quota of all the store's apps is nearly used up, nobody asks until it begins anew."""
        left, reset_ms = answer.header("X-Rate-Limit-Requests-Left"), answer.header("X-Rate-Limit-Time-Reset-Ms")
        if left.isdigit() and reset_ms.isdigit() and int(left) < LEAST_LEFT:
            self.http.limiter.penalise(min(MOST_WAIT_S, int(reset_ms) / 1000))


def is_last(body: Any, rows: list[Any], *, page: int, size: int) -> bool:
    pagination = mapping(mapping(mapping(body).get("meta")).get("pagination"))
    total = pagination.get("total_pages")
    if isinstance(total, int):
        return page >= total
    return len(rows) < size


def lacks_scope(error: AccessDenied) -> bool:
    """One thing is not allowed (403); the token itself is good."""
    return error.exchange is not None and error.exchange.status == 403


def read(answer: Answer) -> Any:
    if not 200 <= answer.status < 300:
        raise refused(answer)
    return answer.json()


def refused(answer: Answer) -> ConnectorError:
    """A refusal in their words and ours; ContractError for an answer that is none (a redirect, a page)."""
    if 300 <= answer.status < 400:
        return ContractError(f"BigCommerce answered with a redirect (HTTP {answer.status}).", detail=answer.text[:2000], exchange=answer.exchange)
    said, fields = said_of(answer)
    sentence = f"BigCommerce refused this: {said[:300]}" if said else f"BigCommerce refused this (HTTP {answer.status})."
    return Rejected(sentence, detail=said or answer.text[:2000], exchange=answer.exchange, code=f"HTTP {answer.status}", fields=fields)


def said_of(answer: Answer) -> tuple[str, tuple[str, ...]]:
    """The words of an error and the fields it names: v2 answers a list of messages, v3 a problem with a title and errors by field."""
    try:
        body = answer.json()
    except ContractError:
        return "", ()
    rows = objects(body)
    if rows:
        return "; ".join(filter(None, (text(row.get("message")) for row in rows))), ()
    told: Body = mapping(body)
    errors = {name: text(value) for name, value in mapping(told.get("errors")).items()}
    parts = [text(told.get("title")) or text(told.get("message")), *(f"{name}: {value}" for name, value in errors.items() if value)]
    return "; ".join(filter(None, parts)), tuple(errors)
