"""Our two clocks: minutes that count day and night, or only while the team works."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from exceptions.kinds import Clock
from exceptions.models import Holiday, TeamCalendar
from portal.accounts.roles import Role

UTC_ZONE = ZoneInfo("UTC")
KEPT_S = 30  # a changed calendar counts after this
LONGEST_DAYS = 3660  # a calendar that never opens must not search for ever


@dataclass(frozen=True)
class Calendar:
    """When a team works. Times are the team's wall clock, so that a day with a clock change is as long as it really is."""

    zone: ZoneInfo = UTC_ZONE
    opens: time = time(9, 0)
    closes: time = time(17, 30)
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()

    def hours_of(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing of that day in UTC, or None when nobody works."""
        if day.weekday() not in self.weekdays or day in self.holidays:
            return None
        return tuple(datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC) for clock in (self.opens, self.closes))  # type: ignore[return-value]

    def add(self, start: datetime, minutes: float) -> datetime:
        """The moment when so many working minutes have passed."""
        left = timedelta(minutes=minutes)
        for opens, closes in self._spans(start):
            begins = max(start, opens)
            if begins + left <= closes:
                return begins + left
            left -= closes - begins
        raise ValueError("this calendar has no working hours in ten years")

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """Working minutes from start to end; 0 when end is earlier."""
        total = timedelta()
        for opens, closes in self._spans(start):
            if opens >= end:
                break
            total += max(timedelta(), min(end, closes) - max(start, opens))
        return total.total_seconds() / 60

    def _spans(self, start: datetime) -> Iterable[tuple[datetime, datetime]]:
        """The working spans that end after start."""
        first = start.astimezone(self.zone).date()
        days = (first + timedelta(days=step) for step in range(LONGEST_DAYS))
        return (span for day in days if (span := self.hours_of(day)) and span[1] > start)


_kept: dict[Role, tuple[float, Calendar]] = {}


def calendar_of(role: Role) -> Calendar:
    """The team's calendar; read again after half a minute."""
    stamp, calendar = _kept.get(role, (0.0, None))
    if calendar is None or monotonic() - stamp > KEPT_S:
        calendar = _read(role)
        _kept[role] = (monotonic(), calendar)
    return calendar


def forget_calendars() -> None:
    _kept.clear()


def due(start: datetime, minutes: float, *, clock: Clock, team: Role) -> datetime:
    """When so many minutes of that clock have passed."""
    if clock is Clock.ALWAYS:
        return start + timedelta(minutes=minutes)
    return calendar_of(team).add(start, minutes)


def minutes_left(now: datetime, due_at: datetime, *, clock: Clock, team: Role) -> float:
    """Minutes of that clock until it is due; negative (in plain minutes) when it is late."""
    if due_at <= now or clock is Clock.ALWAYS:
        return (due_at - now).total_seconds() / 60
    return calendar_of(team).minutes_between(now, due_at)


def resumed(due_at: datetime, *, paused_at: datetime, at: datetime, clock: Clock, team: Role) -> datetime:
    """A clock that stood still goes on with what was left; one that was late stays late."""
    left = minutes_left(paused_at, due_at, clock=clock, team=team)
    return due_at if left <= 0 else due(at, left, clock=clock, team=team)


def _read(role: Role) -> Calendar:
    row = TeamCalendar.objects.filter(role=role).first() or TeamCalendar(role=role)
    free = frozenset(Holiday.objects.filter(role__in=("", role)).values_list("day", flat=True))
    return Calendar(ZoneInfo(row.time_zone), row.opens, row.closes, frozenset(row.weekdays), free)
