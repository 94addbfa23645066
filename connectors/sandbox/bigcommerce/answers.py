"""How this vendor answers: bare arrays and arrays of errors in v2, envelopes and problem objects in v3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from flask import Response, jsonify, request

from connectors.sandbox.bigcommerce.models import Doc

TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
NOT_FOUND = "The requested resource was not found."
MOST_V2, USUAL = 250, 50


class Refused(Exception):
    """An HTTP status with the vendor's sentence; v3 tells the fields as well."""

    def __init__(self, status: int, message: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors or {}


def not_found() -> Refused:
    return Refused(404, NOT_FOUND)


def refusal(refused: Refused) -> Response:
    """As the version of the path tells it."""
    return problem(refused.status, refused.message, refused.errors)


def problem(status: int, message: str, errors: dict[str, str] | None = None) -> Response:
    if "/v3/" in request.path:
        answer = jsonify(status=status, title=message, type=TYPE, **({"errors": errors} if errors else {}))
    else:
        more = {"details": errors} if errors else {}
        answer = jsonify([{"status": status, "message": message, **more}])
    answer.status_code = status
    return answer


def rfc(moment: datetime | None) -> str:
    """RFC 2822, and nothing for never."""
    return format_datetime(moment.astimezone(UTC)) if moment else ""


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def money(value: Decimal) -> str:
    return f"{value:.4f}"


def moment_asked(name: str) -> datetime | None:
    """A date in the query: ISO 8601, RFC 2822, or seconds."""
    sent = request.args.get(name)
    if not sent:
        return None
    try:
        found = (
            datetime.fromtimestamp(int(sent), UTC)
            if sent.isdecimal()
            else datetime.fromisoformat(sent.replace(" ", "T") if sent[:1].isdigit() else sent)
        )
    except ValueError:
        found = rfc_read(sent, name)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def rfc_read(sent: str, name: str) -> datetime:
    try:
        return parsedate_to_datetime(sent)
    except (ValueError, TypeError) as error:
        raise Refused(400, f"The field '{name}' is invalid.") from error


def numbers_asked(name: str) -> list[int] | None:
    """Numbers of an `:in` filter; None when it was not sent."""
    sent = request.args.get(name)
    if sent is None:
        return None
    words = [word.strip() for word in sent.split(",") if word.strip()]
    if not all(word.isdecimal() for word in words):
        raise Refused(422, f"The filter(s): {name} are not valid filter parameter(s).", {name: "must be numbers"})
    return [int(word) for word in words]


def whole(name: str, default: int) -> int:
    sent = request.args.get(name, "")
    if sent and not sent.isdecimal():
        raise Refused(400 if "/v2/" in request.path else 422, f"The field '{name}' is invalid.", {name: "must be a number"})
    return int(sent) if sent and int(sent) >= 1 else default


def page_asked(most: int) -> tuple[int, int]:
    """The page and how many rows on it; more than the most is the most."""
    return whole("page", 1), min(most, whole("limit", USUAL))


def v2_list(rows: Iterable[Any], view: Callable[[Any], Doc]) -> Response:
    """A bare array, or 204 and nothing at all."""
    page, limit = page_asked(MOST_V2)
    return v2_answer([view(row) for row in islice(rows, (page - 1) * limit, page * limit)])


def v2_answer(told: Any) -> Response:
    if isinstance(told, list) and not told:
        return Response(status=204)
    return jsonify(told)


def v3_list(rows: Sequence[Any], view: Callable[[Any], Doc], *, most: int = MOST_V2) -> Response:
    page, limit = page_asked(most)
    shown = [view(row) for row in rows[(page - 1) * limit : page * limit]]
    pages = -(-len(rows) // limit)
    links = (
        {"current": link(page, limit)}
        | ({"next": link(page + 1, limit)} if page < pages else {})
        | ({"previous": link(page - 1, limit)} if page > 1 else {})
    )
    told = {"total": len(rows), "count": len(shown), "per_page": limit, "current_page": page, "total_pages": pages, "links": links}
    return jsonify(data=shown, meta={"pagination": told})


def link(page: int, limit: int) -> str:
    return "?" + urlencode({**request.args.to_dict(), "limit": limit, "page": page}, safe=":,")


def v3_one(told: Any, status: int = 200) -> Response:
    answer = jsonify(data=told, meta={})
    answer.status_code = status
    return answer


def body_object() -> Doc:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Refused(400 if "/v2/" in request.path else 422, "The request body could not be read as JSON.")
    return sent


def as_xml(told: Any, name: str = "response") -> str:
    """What v2 answers to whoever does not ask for JSON."""
    if isinstance(told, dict):
        inner = "".join(as_xml(value, key) for key, value in told.items())
    elif isinstance(told, list):
        inner = "".join(as_xml(value, "item") for value in told)
    else:
        inner = "" if told is None else escape(str(told))
    return f"<{name}>{inner}</{name}>"
