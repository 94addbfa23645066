"""The working time of somebody else: on which days and hours a clock of theirs runs, and when it ends, across daylight saving."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = timedelta(days=20_000)  # longer than any clock that runs: 20 hours at one minute a week take 23 years

DAYS_REFUSED = "“{}” is not a day. Write days as Mon, Tue … Sun, or from-to as Mon-Fri."
NO_DAY = "Name at least one working day: with none the clock would never run out."
HOURS_REFUSED = "“{}” are not working hours. Write them as 09:00-17:30."
HOURS_BACKWARDS = "The working hours end before they begin: {}."
DATE_REFUSED = "“{}” is not a date. Write holidays as 2026-12-25, or as 12-25 for one of every year, separated by commas."


class CalendarError(ValueError):
    """What was written is no calendar; the text says why."""


@dataclass(frozen=True)
class Calendar:
    """Working days (0 is Monday) from `opens` to `closes` (None: midnight) in a zone. Holidays are (year, month, day), year 0 for every year.

    A time of day that daylight saving skips is the moment it would have been; one that comes twice is the first of the two.
    """

    zone: str = "UTC"
    days: frozenset[int] = frozenset(range(7))
    opens: time = time(0)
    closes: time | None = None
    holidays: frozenset[tuple[int, int, int]] = frozenset()

    def works_on(self, day: date) -> bool:
        free = {(day.year, day.month, day.day), (0, day.month, day.day)} & self.holidays
        return day.weekday() in self.days and not free

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """When the working time of a day begins and ends, in UTC; equal where there is none."""
        begins = self._moment(day, self.opens)
        if not self.works_on(day):
            return begins, begins
        ends = self._moment(day + timedelta(days=1), time(0)) if self.closes is None else self._moment(day, self.closes)
        return begins, max(begins, ends)

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The moment at which so much working time has passed since `start`."""
        day, left = start.astimezone(ZoneInfo(self.zone)).date(), span
        last = day + LONGEST
        while day <= last:
            begins, ends = self.hours_of(day)
            begins = max(begins, start)
            if begins < ends:
                if ends - begins >= left:
                    return (begins + left).astimezone(UTC)
                left -= ends - begins
            day += timedelta(days=1)
        raise CalendarError("This calendar has no working time.")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from one moment to a later one."""
        day, last = start.astimezone(ZoneInfo(self.zone)).date(), end.astimezone(ZoneInfo(self.zone)).date()
        passed = timedelta(0)
        while day <= last:
            begins, ends = self.hours_of(day)
            passed += max(timedelta(0), min(ends, end) - max(begins, start))
            day += timedelta(days=1)
        return passed

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def read_days(written: str) -> frozenset[int]:
    """“Mon-Fri, Sun” as numbers of days."""
    found: set[int] = set()
    for part in split(written):
        first, _, last = part.partition("-")
        numbers = [day_number(name) for name in (first, last or first)]
        if None in numbers:
            raise CalendarError(DAYS_REFUSED.format(part))
        begin, end = int(numbers[0] or 0), int(numbers[1] or 0)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    if not found:
        raise CalendarError(NO_DAY)
    return frozenset(found)


def day_number(name: str) -> int | None:
    short = name.strip().casefold()[:3]
    return DAYS.index(short) if short in DAYS and name.strip().isalpha() else None


def read_hours(written: str) -> tuple[time, time | None]:
    """“09:00-17:30” as two times of day; 24:00 is None."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", written.strip())
    if found is None:
        raise CalendarError(HOURS_REFUSED.format(written.strip()))
    begin_h, begin_m, end_h, end_m = map(int, found.groups())
    try:
        opens = time(begin_h, begin_m)
        closes = None if (end_h, end_m) == (24, 0) else time(end_h, end_m)
    except ValueError as error:
        raise CalendarError(HOURS_REFUSED.format(written.strip())) from error
    if closes is not None and closes <= opens:
        raise CalendarError(HOURS_BACKWARDS.format(written.strip()))
    return opens, closes


def read_holidays(written: str) -> frozenset[tuple[int, int, int]]:
    """“2026-12-25, 12-26” as days; without a year it is every year's."""
    return frozenset(read_holiday(part) for part in split(written))


def read_holiday(part: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})", part)
    if found is None:
        raise CalendarError(DATE_REFUSED.format(part))
    year, month, day = int(found[1] or 0), int(found[2]), int(found[3])
    try:
        date(year or 2024, month, day)  # a leap year, so that 02-29 is a day
    except ValueError as error:
        raise CalendarError(DATE_REFUSED.format(part)) from error
    return year, month, day


def split(written: str) -> list[str]:
    return [part for part in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", written.strip())) if part]
