"""How this vendor answers: one envelope for everything, HTTP statuses only for what never reached the business."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Response, jsonify, request

from connectors.sandbox.kit import LOGIN_PAGE
from connectors.sandbox.xoro.settings import Settings

T = TypeVar("T")
BUSY_PAGE = "<!doctype html><html><head><title>Xoro</title></head><body><h1>The service is busy</h1></body></html>"
UNAVAILABLE_PAGE = "<html><head><title>503 Service Unavailable</title></head><body><h2>Service Unavailable</h2></body></html>"
TIMEOUT_PAGE = "<html><head><title>504 Gateway Timeout</title></head><body><h2>Gateway Timeout</h2></body></html>"
INJECTED_PAGES = {503: UNAVAILABLE_PAGE, 504: TIMEOUT_PAGE}
MESSAGES = {  # HTTP status -> the framework's own sentence
    400: "The request is invalid.",
    401: "Authorization has been denied for this request.",
    404: "No HTTP resource was found that matches the request URI.",
    405: "The requested resource does not support this http method.",
    500: "An error has occurred.",
}
DEFAULT_PER_PAGE = 100
ASK_ABOUT = "This transaction needs to be confirmed. Do you want to continue?"


class Refused(Exception):
    """A business failure: HTTP 200, `Result:false` and a sentence. The code numbers are invented: there is no public list."""

    def __init__(self, message: str, code: int = 1000) -> None:
        super().__init__(message)
        self.message, self.code = message, code


class Denied(Exception):
    """A request that never reached the business: an HTTP status with the framework's sentence."""

    def __init__(self, status: int) -> None:
        super().__init__(MESSAGES[status])
        self.status = status


def invalid() -> Denied:
    """A body or a parameter that cannot be read."""
    return Denied(400)


def told(status: int) -> Response:
    answer = jsonify(Message=MESSAGES[status])
    answer.status_code = status
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Basic"
    return answer


def page_of(html: str, status: int = 200) -> Response:
    return Response(html, status, mimetype="text/html")


def envelope(data: Any, *, page: int = 1, total_pages: int = 1, **more: Any) -> Response:
    whole: dict[str, Any] = {
        "Result": True,
        "ErrorCode": 0,
        "Message": "",
        "MessageTitle": None,
        "Page": page,
        "TotalPages": total_pages,
        "Data": data,
        "ConfirmFlag": False,
        "ConfirmValue": None,
        "ConfirmValueData": None,
        "EndRequest": False,
        "Exceptions": [],
        "IsForwardRequest": False,
        "LogFlag": False,
        "MetaData": None,
        "SelectorErrorCode": 0,
    }
    return jsonify(whole | more)


def refusal(refused: Refused) -> Response:
    return envelope(None, Result=False, ErrorCode=refused.code, Message=refused.message)


def asking() -> Response:
    """What the screens would show as a question; nothing was done."""
    return envelope(None, ConfirmFlag=True, Message=ASK_ABOUT)


def injected(status: int) -> Response | None:
    """The body this vendor gives to a status that the bench injects."""
    if status in INJECTED_PAGES:
        return page_of(INJECTED_PAGES[status], status)
    return told(status) if status in MESSAGES else None


def throttled(manner: str) -> Response:
    """Too many requests: no 429, but an answer that looks like bad data."""
    if manner == "refused":
        return envelope(None, Result=False, ErrorCode=None, Message=MESSAGES[500])
    if manner == "empty":
        return empty_list(asked_page())
    return page_of(UNAVAILABLE_PAGE, 503) if manner == "unavailable" else page_of(BUSY_PAGE)


def empty_list(page: int) -> Response:
    """An empty read, the same whether nothing is there or too much was asked."""
    return envelope([], page=page, total_pages=0)


def login_page() -> Response:
    return page_of(LOGIN_PAGE)


def positive(name: str, default: int) -> int:
    """A number in the query; what is none, or less than 1, counts as not sent."""
    sent = request.args.get(name, "")
    return int(sent) if sent.isdecimal() and int(sent) >= 1 else default


def asked_page() -> int:
    return positive("page", 1)


def cut(rows: Sequence[T], settings: Settings) -> tuple[Sequence[T], int, int]:
    """The rows of the page asked for, its number, and what TotalPages says."""
    page, size = asked_page(), min(settings.max_per_page, positive("per_page", DEFAULT_PER_PAGE))
    pages = -(-len(rows) // size)
    shown = min(page, max(1, pages)) if settings.past_the_end == "repeat" else page
    claimed = {"true": pages, "one": 1, "more": pages + 2, "zero": 0}[settings.total_pages]
    return rows[(shown - 1) * size : shown * size], page, claimed


def listed(rows: Sequence[T], settings: Settings, *, render: Callable[[T], Any]) -> Response:
    if not len(rows):
        return empty_list(asked_page())
    shown, page, pages = cut(rows, settings)
    return envelope([render(row) for row in shown], page=page, total_pages=pages)
