"""Reading vendor JSON leniently: what is missing or odd becomes a ContractError with the field's name, never a crash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import ContractError


def load(body: bytes, *, what: str) -> dict[str, Any]:
    """The bytes as one JSON object (decimals exact)."""
    try:
        read = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"The {what} could not be read: it is not valid JSON.", detail=body[:500].decode("utf-8", "replace")) from error
    if not isinstance(read, dict):
        raise ContractError(f"The {what} could not be read: it is not one JSON object.", detail=body[:500].decode("utf-8", "replace"))
    return read


def need(body: Mapping[str, Any], name: str, *, what: str) -> Any:
    """A field that must be there and not be empty."""
    value = body.get(name)
    if value is None or value == "":
        raise ContractError(f"The {what} has no {name}.")
    return value


def text(value: Any) -> str:
    """Text without surrounding space; "" for null and for what is not a plain value."""
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).strip()


def whole(value: Any, *, what: str) -> int:
    """A whole number given as int, float or numeric text."""
    number = decimal(value, what=what)
    if number != number.to_integral_value():
        raise ContractError(f"The {what} is {value}, not a whole number.")
    return int(number)


def decimal(value: Any, *, what: str) -> Decimal:
    """An exact number given as int, Decimal or numeric text."""
    if isinstance(value, bool) or value is None:
        raise ContractError(f"The {what} is {value!r}, not a number.")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ContractError(f"The {what} is {value!r}, not a number.") from error
    if not number.is_finite():
        raise ContractError(f"The {what} is {value!r}, not a number.")
    return number


def moment(value: Any, *, what: str) -> datetime:
    """An ISO 8601 time as an aware UTC datetime; a time without zone is UTC."""
    try:
        read = datetime.fromisoformat(str(value).replace("Z", "+00:00").replace(" +", "+"))
    except ValueError as error:
        raise ContractError(f"The {what} is {value!r}, not a date and time.") from error
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def moment_or_none(value: Any, *, what: str) -> datetime | None:
    return moment(value, what=what) if value else None


def dump(body: Any) -> bytes:
    """JSON as bytes, decimals kept exact: what a connector stores of an item it took from a list."""
    return json.dumps(body, default=str_or_number, separators=(",", ":"), ensure_ascii=False).encode()


def str_or_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value) if Decimal(repr(float(value))) == value else str(value)
    return str(value)
