"""Dates as Veeqo's filters read them, and how far back to ask because nobody says in which zone it reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UNKNOWN_ZONE_H = 14
MARGIN_H = 2  # every poll looks back this far, whatever the zone
EASTERNMOST = timedelta(hours=14)  # a filter read in the earliest zone on earth gives rows this much older than asked

# Rails' names of zones -> IANA, where they differ (the company's `settings.timezone`).
RAILS_ZONES = {
    "Eastern Time (US & Canada)": "America/New_York",
    "Central Time (US & Canada)": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Arizona": "America/Phoenix",
    "Alaska": "America/Anchorage",
    "Hawaii": "Pacific/Honolulu",
    "Atlantic Time (Canada)": "America/Halifax",
    "London": "Europe/London",
    "Edinburgh": "Europe/London",
    "Dublin": "Europe/Dublin",
    "Paris": "Europe/Paris",
    "Berlin": "Europe/Berlin",
    "Amsterdam": "Europe/Amsterdam",
    "Madrid": "Europe/Madrid",
    "Rome": "Europe/Rome",
    "Sydney": "Australia/Sydney",
    "Melbourne": "Australia/Melbourne",
}


def plain(at: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS` in UTC, the documented form. A date Veeqo cannot read is ignored: it then answers with everything."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


FORMS = {"plain": plain, "iso": iso}
DEFAULT_FORM = "plain"


def bound_text(at: datetime, *, form: str) -> str:
    """The moment as a filter's value, in the form the connection chose."""
    return FORMS.get(form, plain)(at)


def stamp(at: datetime) -> str:
    """A moment as text of one length, so that texts compare as moments do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def overlap_h(zone: str, *, at: datetime) -> int:
    """Hours to ask back: read in a zone west of UTC, a UTC bound loses as many hours as the zone lies behind."""
    try:
        place = ZoneInfo(RAILS_ZONES.get(zone, zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UNKNOWN_ZONE_H
    offsets = [moment.astimezone(place).utcoffset() or timedelta() for moment in (at - timedelta(days=1), at)]
    return MARGIN_H + max(0, ceil(-min(offsets) / timedelta(hours=1)))
