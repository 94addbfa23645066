"""Seek paging: opaque tokens that hold the whole question and the place where the last page ended."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from flask import Response, jsonify, request
from werkzeug.datastructures import MultiDict

from connectors.sandbox.mirakl.answers import Args, Refused, whole
from connectors.sandbox.mirakl.models import Json

T = TypeVar("T")
Place = list[str]  # [moment, id]: sortable, and plain JSON
INNER = "@place", "@turn"  # names that no caller can send


def asked() -> Args:
    """The question: the query, or what the page token holds, beside which everything else is ignored."""
    token = request.args.get("page_token")
    if not token:
        return MultiDict(request.args)
    try:
        pairs = json.loads(base64.urlsafe_b64decode(token.encode() + b"=="))
        return MultiDict([(str(name), str(value)) for name, value in pairs])
    except (ValueError, TypeError, binascii.Error):
        raise Refused(400, "The page token is not valid") from None


def token(args: Args, place: Place, turn: str) -> str:
    pairs = [pair for pair in args.items(multi=True) if pair[0] not in (*INNER, "shop_id", "page_token")]
    pairs += [("@place", json.dumps(place)), ("@turn", turn)]
    return base64.urlsafe_b64encode(json.dumps(pairs).encode()).decode().rstrip("=")


def direction(args: Args, *, allowed: Sequence[str], default: str) -> tuple[str, bool]:
    """`sort=<criterion>,<ASC|DESC>`: the criterion, and whether it descends."""
    criterion, _, way = args.get("sort", default).partition(",")
    if criterion not in allowed or way.upper() not in ("", "ASC", "DESC"):
        raise Refused(400, f"The parameter sort is not valid: {args.get('sort')}")
    return criterion, way.upper() == "DESC"


def place_of(at: datetime, id: str) -> Place:
    return [at.isoformat(timespec="microseconds"), id]


def seek_page(
    rows: Sequence[T], args: Args, *, place: Callable[[T], Place], render: Callable[[T], Json], descending: bool, most: int = 100
) -> Response:
    """One page of `{"data", "next_page_token", "previous_page_token"}`; rows may come in any order."""
    limit = whole(args, "limit", 10)
    if not 1 <= limit <= most:
        raise Refused(400, f"The limit of {most} is exceeded for the parameter : limit")
    keyed = sorted(((place(row), row) for row in rows), key=lambda pair: pair[0], reverse=descending)
    start = 0
    if "@place" in args:
        mark = json.loads(args["@place"])
        start = sum(1 for at, _ in keyed if (at > mark if descending else at < mark))
        if args["@turn"] == "next":
            start += start < len(keyed) and keyed[start][0] == mark
        else:
            start = max(0, start - limit)
    page = keyed[start : start + limit]
    more = start + limit < len(keyed)
    return jsonify(
        data=[render(row) for _, row in page],
        next_page_token=token(args, page[-1][0], "next") if page and more else None,
        previous_page_token=token(args, page[0][0], "previous") if page and start else None,
    )
