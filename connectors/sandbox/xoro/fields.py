"""Reading what a client sent, and writing what the vendor writes: US dates, the 0001 sentinel, numbers that may be text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from connectors.sandbox.xoro.answers import invalid
from connectors.sandbox.xoro.models import Json

NO_DATE = "01/01/0001 12:00:00 AM"
STAMP = "%m/%d/%Y %I:%M:%S %p"
DAY = "%m/%d/%Y"
SPOKEN = "%d %B, %Y %H:%M:%S"  # "12 June, 2026 10:00:00", as credit memos are imported
FORMATS = (STAMP, DAY, SPOKEN)


def sent_object() -> Json:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise invalid()
    return body


def sent_objects() -> list[Json]:
    return objects(request.get_json(force=True, silent=True))


def objects(value: Any) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise invalid()
    return value


def part(body: Json, name: str) -> Json:
    """An object inside the body; absent or null is empty."""
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise invalid()
    return found


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise invalid()
    return str(value)


def flag(value: Any) -> bool:
    if value in (None, False, "", 0):
        return False
    if value is True or str(value).lower() in ("true", "1"):
        return True
    if str(value).lower() in ("false", "0"):
        return False
    raise invalid()


def decimal(value: Any) -> Decimal:
    """A number or a numeric text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise invalid()
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise invalid() from None
    if not number.is_finite():
        raise invalid()
    return number


def units(value: Any) -> int:
    """A quantity: whole pieces."""
    number = decimal(value)
    if number != number.to_integral_value():
        raise invalid()
    return int(number)


def moment(value: Any, *, zone: str) -> datetime:
    """A date or stamp, US or ISO 8601; one that names no zone is the tenant's own."""
    written = text(value).strip()
    for pattern in FORMATS:
        try:
            return in_utc(datetime.strptime(written, pattern), zone=zone)
        except ValueError:
            continue
    try:
        return in_utc(datetime.fromisoformat(written), zone=zone)
    except ValueError:
        raise invalid() from None


def in_utc(at: datetime, *, zone: str) -> datetime:
    try:
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except OverflowError:  # the sentinel, shifted over the edge of the calendar
        raise invalid() from None


def bound(name: str, *, zone: str) -> datetime | None:
    sent = request.args.get(name, "").strip()
    return moment(sent, zone=zone) if sent else None


def us_stamp(at: datetime | None, *, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime(STAMP) if at else NO_DATE


def us_day(at: datetime, *, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime(DAY)


def us_text(value: Any, *, zone: str) -> str:
    """A date as sent, as the vendor writes it back: a day stays a day, none is the sentinel."""
    written = text(value).strip()
    if not written or written == NO_DATE:
        return NO_DATE
    at = moment(written, zone=zone)
    local = at.astimezone(ZoneInfo(zone))
    return local.strftime(DAY) if (local.hour, local.minute, local.second) == (0, 0, 0) else local.strftime(STAMP)


def words(name: str) -> list[str]:
    """A comma list in the query."""
    return [word.strip() for word in request.args.get(name, "").split(",") if word.strip()]


def number(value: Decimal) -> float:
    return float(value)


def with_text_numbers(row: Json, names: Iterable[str]) -> None:
    """The same numbers as text, as they arrive now and then."""
    for name in names:
        if name in row:
            row[name] = str(row[name])
