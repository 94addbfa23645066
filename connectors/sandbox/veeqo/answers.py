"""How this vendor answers: its four error shapes, its paging headers, its timestamps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request

ALL_HEADERS = ("X-Total-Count", "X-Total-Pages-Count", "X-Page-Index", "X-Per-Page")
TOTAL_HEADERS = ALL_HEADERS[:2]  # /warehouses
NO_HEADERS: tuple[str, ...] = ()  # /channels, /delivery_methods, /tags, /orders/{id}/returns
GATEWAY_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
RAILS_ERRORS = {400: "Bad Request", 404: "Not Found", 500: "Internal Server Error"}


class Refused(Exception):
    """A request turned down with `error_messages`, a string or a list, exactly as given."""

    def __init__(self, status: int, messages: str | list[str]) -> None:
        super().__init__(str(messages))
        self.status = status
        self.messages = messages


def not_found() -> Refused:
    """An unknown record, also one named by an id inside a body."""
    return Refused(404, "Not found")


def invalid(*messages: str) -> Refused:
    return Refused(400, list(messages))


def refusal(refused: Refused) -> tuple[Response, int]:
    return jsonify(error_messages=refused.messages), refused.status


def rails_error(status: int) -> Response:
    """The framework's own error, 34 bytes for an unknown route: `{"status":404,"error":"Not Found"}`."""
    return Response(f'{{"status":{status},"error":"{RAILS_ERRORS[status]}"}}', status, mimetype="application/json")


def empty(status: int) -> Response:
    """No body at all (429, 204)."""
    answer = Response(b"", status)
    answer.headers.pop("Content-Type", None)
    if status != 204:
        answer.headers["Content-Length"] = "0"
    return answer


def injected(status: int) -> Response | None:
    """The body this vendor gives to a status that the bench injects."""
    if status == 429:
        return empty(429)
    if status == 500:
        return rails_error(500)
    title = {503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out"}.get(status)
    return Response(GATEWAY_PAGE.format(title), status, mimetype="text/html") if title else None


def stamp(at: datetime | None) -> str | None:
    """ISO-8601 in UTC with milliseconds and Z."""
    return at.isoformat(timespec="milliseconds")[:-6] + "Z" if at else None


@dataclass(frozen=True)
class Page:
    """A page as asked for: from 1, size already clamped."""

    number: int
    size: int

    def cut(self, rows: Sequence[Any]) -> Sequence[Any]:
        start = (self.number - 1) * self.size
        return rows[start : start + self.size]


def asked_page(*, default: int, most: int, size_name: str = "page_size") -> Page:
    """The page in the query; not a number is 400 `{"error_messages": ["Infinity"]}`, out of range is clamped."""
    return Page(max(1, whole("page", 1)), min(most, max(1, whole(size_name, default))))


def whole(name: str, default: int) -> int:
    sent = request.args.get(name, "")
    if not sent:
        return default
    try:
        return int(sent)
    except ValueError:
        raise invalid("Infinity") from None


def listed(
    rows: Sequence[Any],
    *,
    page: Page,
    render: Callable[[Any], Any],
    headers: tuple[str, ...],
    past_the_end: str = "empty",
    page_cap: int = 0,
) -> Response:
    """One page of a list; the totals travel in headers, and only in those that the endpoint is known to send."""
    pages = -(-len(rows) // page.size)
    shown = Page(min(page.number, page_cap), page.size) if page_cap else page
    if past_the_end == "error" and page.number > max(1, pages):
        raise not_found()
    answer = jsonify([render(row) for row in shown.cut(rows)])
    told_pages = min(pages, page_cap) if page_cap else pages
    values = dict(zip(ALL_HEADERS, (len(rows), told_pages, page.number, page.size), strict=True))
    for name in headers:
        answer.headers[name] = str(values[name])
    return answer
