"""Reading what a client sent: roots that may be missing, numbers that may be strings, dates that fail open."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from connectors.sandbox.veeqo.answers import invalid
from connectors.sandbox.veeqo.models import Json
from connectors.sandbox.veeqo.settings import Settings

NAIVE = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?")
BRITISH = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
TRUE_WORDS = (True, 1, "1", "true", "t")


def sent(root: str = "") -> Json:
    """The JSON object of the body, out of its root key if it has one (Rails wraps parameters either way)."""
    if not request.get_data():
        return {}
    body = request.get_json(force=True)  # what cannot be parsed is a 400 of the framework's own
    if not isinstance(body, dict):
        raise invalid("Parameters are not an object")
    inner = body.get(root) if root else None
    return inner if isinstance(inner, dict) else body


def text(value: Any) -> str | None:
    return None if value is None else str(value)


def boolean(value: Any) -> bool:
    return value in TRUE_WORDS


def decimal(value: Any, *, name: str) -> Decimal:
    """A number or a numeric string ("75.000")."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise invalid(f"{name} is not a number")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise invalid(f"{name} is not a number") from None
    if not number.is_finite():
        raise invalid(f"{name} is not a number")
    return number


def integer(value: Any, *, name: str) -> int:
    number = decimal(value, name=name)
    if number != number.to_integral_value():
        raise invalid(f"{name} must be an integer")
    return int(number)


def reference(value: Any) -> int:
    """An id as sent; what is no id at all names no record (0), and so ends in a 404."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isdigit() else 0


def objects(value: Any, *, name: str) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise invalid(f"{name} is invalid")
    return value


def mapping(value: Any, *, name: str) -> Json:
    if not isinstance(value, dict):
        raise invalid(f"{name} is invalid")
    return value


def due(value: Any) -> datetime | None:
    """A due date, sent as DD/MM/YYYY ("31/01/2018"); what is no date is no due date."""
    british = BRITISH.fullmatch(str(value or "").strip())
    written = "-".join(reversed(british.groups())) if british else str(value or "")
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def bound(name: str, *, settings: Settings, whole_day: bool = False) -> datetime | None:
    """A date filter of the query. One that cannot be read is ignored: the vendor answers 200 with everything.

    A client that forgets to encode the plus of an offset ends here, too: it arrives as a blank.
    """
    written = request.args.get(name, "").strip()
    naive = NAIVE.fullmatch(written) is not None
    if not written or not (naive or settings.iso_dates):
        return None
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    if read.tzinfo is None:
        read = read.replace(tzinfo=ZoneInfo(settings.naive_zone))
    if whole_day:
        read = read.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return read.astimezone(UTC)


def ids(*names: str) -> set[int]:
    """Ids in the query, as `name[]=1&name[]=2` or a single `name=1`."""
    written = [value for name in names for value in request.args.getlist(name)]
    return {reference(value) for value in written if value}
