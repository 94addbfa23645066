"""Every refusal as problem details (RFC 9457): a title, a sentence, and the fields at fault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

NOWHERE = "non_field_errors"
TITLES = {
    400: "The request cannot be read",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "It does not fit what is here",
    413: "Too large",
    415: "Media type not supported",
    422: "The content is not right",
    429: "Too many calls",
    503: "Not now",
}


class ProblemRenderer(JSONRenderer):
    """The media type of a refusal."""

    media_type = "application/problem+json"
    format = "problem"


class Conflict(drf.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "It does not fit what is here."
    default_code = "conflict"


class TooLarge(drf.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large. Send it in parts."
    default_code = "too_large"


class Unprocessable(drf.APIException):
    """Well formed, and still not something we can take. `errors`: field → what is wrong with it."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "unprocessable"

    def __init__(self, detail: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or {}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: None for what is a fault of ours (it becomes a 500 and is logged)."""
    error = known(error)
    if not isinstance(error, drf.APIException):
        return None
    set_rollback()
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    return Response(problem(error), status=error.status_code, headers=headers, content_type=ProblemRenderer.media_type)


def known(error: Exception) -> Exception:
    """Our own and Django's refusals as DRF's."""
    if isinstance(error, Http404):
        return drf.NotFound("There is nothing under this address.")
    if isinstance(error, PermissionDenied):
        return drf.PermissionDenied(str(error) or None)
    if isinstance(error, drf.ValidationError):
        return Unprocessable("Some fields are not right; nothing was kept.", flat(error.detail))
    if isinstance(error, ValidationError):
        return Unprocessable("Some fields are not right; nothing was kept.", flat(getattr(error, "message_dict", None) or error.messages))
    return error


def problem(error: drf.APIException) -> dict[str, Any]:
    """The body of a refusal."""
    code = error.status_code
    body = {"type": "about:blank", "title": TITLES.get(code, "Refused"), "status": code, "detail": str(error.detail)}
    errors = getattr(error, "errors", None)
    return {**body, "errors": errors} if errors else body


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Nested errors as one list for each field: `lineItems[0].sku`."""
    if isinstance(detail, dict):
        return joined(flat(inner, below(path, name)) for name, inner in detail.items())
    if isinstance(detail, list) and any(isinstance(one, dict | list) for one in detail):
        return joined(flat(inner, f"{path}[{index}]") for index, inner in enumerate(detail) if inner)
    sentences = [str(one) for one in detail] if isinstance(detail, list) else [str(detail)]
    return {path or "body": sentences}


def below(path: str, name: Any) -> str:
    """The path of a field inside another; lists are told by their numbers."""
    if name == NOWHERE:
        return path
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else str(name)


def joined(parts: Iterable[dict[str, list[str]]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in parts:
        found |= part
    return found
