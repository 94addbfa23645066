"""How the legacy API answers: XML unless JSON is asked for, nulls as objects, timestamps with an offset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from flask import Response, g, jsonify, request

from connectors.sandbox.deposco.answers import Refused
from connectors.sandbox.deposco.models import Json
from connectors.sandbox.deposco.settings import Settings
from connectors.sandbox.deposco.store import State, state

NAMESPACE = "http://integration.deposco.com"


def answer(payload: Json | list[Json], root: str, *, status: int = 200, claims_xml: bool = False) -> Response:
    """`root` names the XML document; an answer may claim to be XML and be JSON."""
    settings = state().settings
    if "json" in request.headers.get("Accept", "").lower() or claims_xml:
        found = jsonify(shaped(payload, settings))
        if claims_xml:
            found.headers["Content-Type"] = "application/xml"
    else:
        body = "".join(elements(root, payload, f' xmlns="{NAMESPACE}/{root}"'))
        found = Response(f'<?xml version="1.0" encoding="UTF-8"?>{body}', mimetype="application/xml")
    found.status_code = status
    return found


def shaped(value: Any, settings: Settings) -> Any:
    """As the mapping from XML to JSON leaves it."""
    if value is None:
        return {"@nil": "true"} if settings.legacy_nulls == "nil" else None
    if isinstance(value, dict):
        return {name: shaped(each, settings) for name, each in value.items()}
    if isinstance(value, list):
        if len(value) == 1 and settings.legacy_singles == "object":
            return shaped(value[0], settings)
        return [shaped(each, settings) for each in value]
    return value


def elements(name: str, value: Any, attributes: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from elements(name, each)
    elif value is None:
        yield f'<{name} nil="true"/>'
    elif isinstance(value, dict):
        yield f"<{name}{attributes}>"
        for key, each in value.items():
            yield from elements(key, each)
        yield f"</{name}>"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield f"<{name}{attributes}>{escape(text)}</{name}>"


def refusal(refused: Refused) -> Response:
    """The error body of this side is not recorded; it follows the entries of the import."""
    return answer({"errors": {"message": [refused.message]}}, "response", status=refused.status)


def stamp(here: State, at: datetime | None) -> str | None:
    zone = timezone(timedelta(hours=here.settings.legacy_zone_h))
    return at.astimezone(zone).isoformat(timespec="seconds") if at else None


def entry(here: State, *, type: str, number: str, status: int, errors: list[str] | None = None, **more: Any) -> Json:
    """One row of a 207."""
    return {
        "status": f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "type": type,
        "entity": number,
        "href": f"/orders/{type}/{number}",
        "processedDate": stamp(here, here.now()),
        "warnings": {"message": []},
        "errors": {"message": errors or []},
        **more,
    }


def unit(code: str) -> str:
    """The business unit of a path: the one of the login, or nothing."""
    if code != g.company:
        raise Refused(403, f"Business unit {code} is not permitted")
    return code


def many(value: Any) -> list[Any]:
    """A list that its sender may have left as its one element."""
    return [] if value is None else value if isinstance(value, list) else [value]
