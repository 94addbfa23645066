"""How this vendor answers: its two error shapes, its offset and its seek paging, its dates and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from connectors.sandbox.mirakl.models import Json

T = TypeVar("T")
Args = MultiDict[str, str]
PHRASES = {401: "Unauthorized", 403: "Access denied", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable"}
PHRASES |= {400: "Bad Request", 415: "Unsupported Media Type", 429: "Too Many Requests", 500: "Internal Server Error"}


class Refused(Exception):
    """A request turned down; `errors` makes it the second shape, a list of {code, field, message}."""

    def __init__(self, status: int, message: str = "", *, errors: list[Json] | None = None) -> None:
        super().__init__(message or PHRASES.get(status, "Error"))
        self.status, self.message, self.errors = status, message or PHRASES.get(status, "Error"), errors


def refusal(refused: Refused) -> tuple[Response, int]:
    if refused.errors:
        return jsonify(status=refused.status, errors=refused.errors), refused.status
    return jsonify(status=refused.status, message=refused.message), refused.status


def too_many(seconds: int) -> Response:
    answer = jsonify(status=429, message=PHRASES[429])
    answer.status_code = 429
    answer.headers["Retry-After"] = str(seconds)
    return answer


def no_content() -> Response:
    answer = Response(b"", 204)
    answer.headers.pop("Content-Type", None)
    return answer


def stamp(at: datetime | None) -> str | None:
    """UTC with Z; milliseconds are left out when they are zero."""
    if at is None:
        return None
    spec = "milliseconds" if at.microsecond >= 1000 else "seconds"
    return at.isoformat(timespec=spec)[:-6] + "Z"


def number(value: Decimal | int) -> int | float:
    """A JSON number, and an integer where it is one ("price": 165)."""
    return int(value) if value == int(value) else float(value)


def whole(args: Args, name: str, default: int) -> int:
    written = args.get(name, "")
    if not written:
        return default
    try:
        return int(written)
    except ValueError:
        raise Refused(400, f"The parameter {name} is not a number") from None


def offset_page(rows: Sequence[T], name: str, *, render: Callable[[T], Json], clamp: bool) -> Response:
    """`{name: […], total_count}` from `max` and `offset`, with a Link header to the neighbours."""
    size, offset = whole(request.args, "max", 10), whole(request.args, "offset", 0)
    if size > 100 and not clamp:
        raise Refused(400, "The limit of 100 is exceeded for the parameter : max")
    size = min(size, 100)
    if size < 1 or offset < 0:
        raise Refused(400, "The parameters max and offset are not valid")
    answer = jsonify({name: [render(row) for row in rows[offset : offset + size]], "total_count": len(rows)})
    links = []
    if offset > 0:
        links.append(link(max(0, offset - size), size, "previous"))
    if offset + size < len(rows):
        links.append(link(offset + size, size, "next"))
    if links:
        answer.headers["Link"] = ", ".join(links)
    return answer


def link(offset: int, size: int, rel: str) -> str:
    args = MultiDict(request.args)
    args.setlist("offset", [str(offset)])
    args.setlist("max", [str(size)])
    query = urlencode(list(args.items(multi=True)))
    return f'<{iri_to_uri(request.base_url)}?{query}>; rel="{rel}"'
