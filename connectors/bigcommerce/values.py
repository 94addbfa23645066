"""Small values as BigCommerce writes them: RFC 2822 dates, money as text, lists that may be a bare array or an envelope.

https://developer.bigcommerce.com/docs/start/best-practices
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.errors import ContractError
from connectors.reading import decimal, moment, text

Body = Mapping[str, Any]
Row = dict[str, Any]


def mapping(value: Any) -> Body:
    """The value where it is an object; an empty one where it is missing or something else."""
    return value if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[Row]:
    """The objects of a list; [] where it is missing or something else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def exact(value: Any) -> str:
    """Text as it is, capitals included (a SKU); "" for null and for what is not a plain value."""
    return "" if value is None or isinstance(value, dict | list | bool) else str(value)


def when(value: Any, *, what: str) -> datetime:
    """A date as v2 writes it ("Wed, 25 Jun 2025 05:22:10 +0000") or as v3 does (ISO 8601, or seconds since 1970)."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(float(value), UTC)
        except (OverflowError, OSError, ValueError) as error:
            raise ContractError(f"The {what} is {value!r}, not a date and time.") from error
    written = text(value)
    if written[:1].isalpha():
        try:
            read = parsedate_to_datetime(written)
        except (ValueError, TypeError, IndexError) as error:
            raise ContractError(f"The {what} is {value!r}, not a date and time.") from error
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    return moment(written, what=what)


def when_or_none(value: Any, *, what: str) -> datetime | None:
    return when(value, what=what) if value else None


def amount(value: Any, *, what: str) -> Decimal:
    """Money, nearly always text with four decimals; nothing where it is missing."""
    return Decimal(0) if value is None or value == "" else decimal(value, what=what)
