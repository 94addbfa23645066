"""Dates as Xoro writes and reads them: the US way, in the tenant's time zone, with 01/01/0001 for none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import ContractError
from connectors.reading import moment, text

FORMS = ("%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S")
NO_YEAR = 1  # the sentinel 01/01/0001
NEAR_CHANGE = timedelta(hours=3)


def read_date(value: Any, *, zone: ZoneInfo, what: str) -> datetime | None:
    """A moment in UTC; None for nothing and for the sentinel."""
    told = text(value)
    if not told:
        return None
    for form in FORMS:
        try:
            read = datetime.strptime(told, form)
        except ValueError:
            continue
        return None if read.year == NO_YEAR else read.replace(tzinfo=zone).astimezone(UTC)
    try:
        iso = datetime.fromisoformat(told)
        if iso.year == NO_YEAR:
            return None
        return moment((iso if iso.tzinfo else iso.replace(tzinfo=zone)).isoformat(), what=what)
    except (ValueError, OverflowError) as error:
        raise ContractError(f"The {what} is {told!r}, not a date.") from error


def us_text(at: datetime, *, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%m/%d/%Y %I:%M:%S %p")


def bound_text(at: datetime, *, zone: ZoneInfo) -> str:
    """The moment as a filter's lower bound; near a change of clocks an hour earlier, because wall time is ambiguous there."""
    around = {(at + shift).astimezone(zone).utcoffset() for shift in (-NEAR_CHANGE, NEAR_CHANGE)}
    return us_text(at - timedelta(hours=1) if len(around) > 1 else at, zone=zone)


def stamp(at: datetime) -> str:
    """A moment as text of one length, so that texts compare as moments do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
