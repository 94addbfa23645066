"""The one door to the network: timeouts, limits, redaction, evidence, and every failure named by what to do next."""

from __future__ import annotations

import json
import os
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import requests
from requests.exceptions import ChunkedEncodingError, ConnectTimeout, ContentDecodingError, RequestException

from connectors.errors import AccessDenied, ContractError, Exchange, OutcomeUnknown, RateLimited, Unavailable
from connectors.ports import Limiter, Priority, TokenStore

CONNECT_S, READ_S = 5, 60
MAX_BODY = 64 * 1024 * 1024
EVIDENCE_BYTES = 64 * 1024
READ_TRIES = 3
SAFE_METHODS = frozenset({"GET", "HEAD"})
USER_AGENT = "lockstep/1 python-requests"
SECRET_NAMES = re.compile(r"authorization|api[-_]?key|secret|token|password|cookie|signature|hmac", re.IGNORECASE)
SECRET_PAIR = re.compile(r'("[^"]*(?:secret|token|password|api_?key)[^"]*"\s*:\s*")[^"]*(")', re.IGNORECASE)
SECRET_HINTS = ("secret", "token", "password", "apikey", "api_key")  # without one of these words neither pattern can match
SECRET_FORM = re.compile(r"((?:client_secret|password|api_?key|access_token|token)=)[^&\s]+", re.IGNORECASE)


class NoLimit:
    """A limiter that never waits, for tests and tools."""

    def acquire(self, priority: Priority) -> None:
        """Go at once."""

    def penalise(self, seconds: float | None) -> None:
        """Nobody is waiting."""


class MemoryTokens:
    """Tokens shared by the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # fetching one thing may ask for another
        self._kept: dict[str, tuple[str, float]] = {}

    def get(self, name: str, fetch: Callable[[], tuple[str, float]], *, stale: str = "") -> str:
        with self._lock:
            token, good_until = self._kept.get(name, ("", 0.0))
            if not token or token == stale or time.monotonic() >= good_until:
                token, lifetime_s = fetch()
                self._kept[name] = (token, time.monotonic() + max(1.0, lifetime_s * 0.9 - 30))
            return token


@dataclass
class Http:
    """A session with one vendor's account. Not shared between threads: each has its own.

    `secrets` are the literal values that must never appear in evidence.
    """

    base_url: str
    limiter: Limiter = field(default_factory=NoLimit)
    tokens: TokenStore = field(default_factory=MemoryTokens)
    secrets: tuple[str, ...] = ()
    priority: Priority = Priority.ORDERS
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: tuple[float, float] = (CONNECT_S, READ_S)
    request_id: str = ""

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = has_surroundings()
        self.session.headers.update({"User-Agent": USER_AGENT, **self.headers})
        self._exchanges: list[Exchange] = []

    def take_exchanges(self) -> list[Exchange]:
        taken, self._exchanges = self._exchanges, []
        return taken

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def request(self, method: str, path: str, *, idempotent: bool | None = None, tries: int | None = None, **options: Any) -> Answer:
        """Call and return any answer below 500 other than 401, 403 and 429.

        `idempotent`: a lost answer does no harm if it is sent again (default: GET and HEAD). Only such calls are tried again here,
        a few times and briefly; everything longer is the corridor's to decide.
        Errors: Unavailable, OutcomeUnknown, RateLimited, AccessDenied, ContractError (body too large).
        """
        safe = method in SAFE_METHODS if idempotent is None else idempotent
        tries = tries or (READ_TRIES if method in SAFE_METHODS else 1)
        for attempt in range(1, tries + 1):
            try:
                return self._call(method, path, safe=safe, options=options)
            except Unavailable:
                if attempt == tries:
                    raise
                time.sleep(0.2 * 2**attempt * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable: the last try returns or raises")

    def _call(self, method: str, path: str, *, safe: bool, options: dict[str, Any]) -> Answer:
        url = path if path.startswith(("http://", "https://")) else self.base_url.rstrip("/") + path
        self.limiter.acquire(self.priority)
        started = time.monotonic()
        try:
            response = self.session.request(method, url, timeout=self.timeout_s, stream=True, allow_redirects=False, **options)
            body = read_body(response)
        except RequestException as error:
            raise self._lost(error, method, url, safe=safe, options=options, started=started) from error
        except TooLarge as error:
            raise ContractError(f"The answer of {urlsplit(url).netloc} is larger than {MAX_BODY // 1024 // 1024} MB, so it was not read.") from error
        exchange = self._keep(method, url, status=response.status_code, options=options, body=body, started=started, response=response)
        answer = Answer(response.status_code, dict(response.headers), body, exchange)
        self._judge(answer, safe=safe)
        return answer

    def _lost(self, error: RequestException, method: str, url: str, *, safe: bool, options: dict[str, Any], started: float) -> Exception:
        exchange = self._keep(method, url, status=None, options=options, body=str(error).encode(), started=started, response=None)
        host = urlsplit(url).netloc
        never_sent = isinstance(error, ConnectTimeout) or "NewConnectionError" in str(error) or "Failed to establish" in str(error)
        if safe or never_sent:
            return Unavailable(f"{host} could not be reached.", detail=str(error), exchange=exchange)
        return OutcomeUnknown(f"{host} did not answer, so it is not known whether it did what was asked.", detail=str(error), exchange=exchange)

    def _judge(self, answer: Answer, *, safe: bool) -> None:
        host = urlsplit(answer.exchange.url).netloc
        if answer.status == 429:
            wait_s = retry_after(answer.headers)
            self.limiter.penalise(wait_s)
            raise RateLimited(f"{host} asked us to slow down.", exchange=answer.exchange, retry_after_s=wait_s)
        if answer.status in (401, 403):
            raise AccessDenied(f"{host} refused our credential (HTTP {answer.status}).", detail=answer.text[:2000], exchange=answer.exchange)
        if answer.status >= 500:
            if safe:
                raise Unavailable(f"{host} has a fault of its own (HTTP {answer.status}).", detail=answer.text[:2000], exchange=answer.exchange)
            raise OutcomeUnknown(
                f"{host} failed while working on it (HTTP {answer.status}), so it is not known whether it was done.",
                detail=answer.text[:2000],
                exchange=answer.exchange,
            )

    def _keep(
        self, method: str, url: str, *, status: int | None, options: dict[str, Any], body: bytes, started: float, response: requests.Response | None
    ) -> Exchange:
        sent = response.request if response is not None else None
        exchange = Exchange(
            method=method,
            url=self.redact(sent.url if sent is not None and sent.url else url),
            status=status,
            request_body=self.redact(body_text(sent.body if sent is not None else options.get("data") or options.get("json"))),
            response_body=self.redact(body[:EVIDENCE_BYTES].decode("utf-8", "replace")),
            request_id=response.headers.get("X-Request-Id", response.headers.get("X-Correlation-ID", "")) if response is not None else "",
            duration_ms=round((time.monotonic() - started) * 1000),
        )
        self._exchanges = [*self._exchanges[-19:], exchange]
        return exchange

    def redact(self, text: str) -> str:
        for secret in self.secrets:
            if len(secret) >= 4:
                text = text.replace(secret, "[redacted]")
        lowered = text.casefold()
        if not any(hint in lowered for hint in SECRET_HINTS):
            return text
        return SECRET_FORM.sub(r"\1[redacted]", SECRET_PAIR.sub(r"\1[redacted]\2", text))


def has_surroundings() -> bool:
    """Whether the environment names a proxy or certificates of its own. `requests` would look through all of it at every single call."""
    return bool(getproxies()) or any(os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers, bytes, and the exchange as evidence."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    exchange: Exchange

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str:
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")

    def json(self) -> Any:
        """The body as JSON (decimals exact); ContractError when it is not."""
        try:
            return json.loads(self.body, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            host = urlsplit(self.exchange.url).netloc
            what = "a web page" if b"<html" in self.body[:2000].lower() or b"<!doctype" in self.body[:200].lower() else "something that is not JSON"
            raise ContractError(f"{host} answered with {what} instead of data.", detail=self.text[:2000], exchange=self.exchange) from error


class TooLarge(Exception):
    """The body exceeds MAX_BODY."""


def read_body(response: requests.Response) -> bytes:
    chunks, size = [], 0
    try:
        for chunk in response.iter_content(256 * 1024):
            size += len(chunk)
            if size > MAX_BODY:
                raise TooLarge
            chunks.append(chunk)
    except (ChunkedEncodingError, ContentDecodingError) as error:
        raise requests.ConnectionError(str(error)) from error
    finally:
        response.close() if size > MAX_BODY else None
    return b"".join(chunks)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from Retry-After, as a number or an HTTP date, or the rest of a quota's window; None when absent or unreadable."""
    lowered = {key.lower(): value for key, value in headers.items()}
    value = lowered.get("retry-after") or lowered.get("x-retry-after") or ""
    if not value and (left_ms := lowered.get("x-rate-limit-time-reset-ms", "")).isdigit():
        return int(left_ms) / 1000
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def body_text(body: Any) -> str:
    if body is None:
        return ""
    if isinstance(body, bytes):
        return body[:EVIDENCE_BYTES].decode("utf-8", "replace")
    return (body if isinstance(body, str) else json.dumps(body, default=str))[:EVIDENCE_BYTES]
