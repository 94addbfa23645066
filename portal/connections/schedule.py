"""When a daily job runs: pure arithmetic on a time of day in a zone, across midnight and across daylight saving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFSET_REFUSED = "The offset only starts the job earlier: 0 to -1439 minutes. For a later start, change the hour."
# Local days looked at around a moment: an offset reaches a day back, and a zone may be a day off.
BEFORE, AFTER = -2, 4


@dataclass(frozen=True)
class Timetable:
    """Once a local day at hour:minute, started `offset_min` (0 to -1439) earlier (R118, R122-R124, D14).

    A time of day that daylight saving skips is the moment it would have been (02:30 becomes 03:30 on the new clock);
    one that comes twice is the first of the two. So every local day has exactly one run.
    """

    zone: str
    hour: int
    minute: int
    offset_min: int = 0

    def run_of(self, day: date) -> datetime:
        """The moment, in UTC, at which the job of this local day starts."""
        nominal = datetime.combine(day, time(self.hour, self.minute), tzinfo=ZoneInfo(self.zone))
        return nominal.astimezone(UTC) + timedelta(minutes=self.offset_min)

    def next_after(self, moment: datetime) -> datetime:
        """The first run later than the moment."""
        return min(run for run in self._around(moment) if run > moment)

    def last_until(self, moment: datetime) -> datetime:
        """The newest run that is not later than the moment."""
        return max(run for run in self._around(moment) if run <= moment)

    def _around(self, moment: datetime) -> list[datetime]:
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        return [self.run_of(today + timedelta(days=step)) for step in range(BEFORE, AFTER)]
