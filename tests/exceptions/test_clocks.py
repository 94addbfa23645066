"""Minutes that count: always, or while the team works."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions.clocks import Calendar, due, resumed
from exceptions.kinds import Clock
from exceptions.models import Holiday, TeamCalendar
from portal.accounts.roles import Role

FRIDAY_FIVE = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
LONDON = Calendar(zone=ZoneInfo("Europe/London"))


class TestCalendar:
    def test_carries_the_rest_over_the_weekend(self) -> None:
        assert Calendar().add(FRIDAY_FIVE, 60) == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)

    def test_starts_at_opening_for_what_comes_at_night(self) -> None:
        assert Calendar().add(datetime(2026, 3, 4, 2, 0, tzinfo=UTC), 30) == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)

    def test_leaves_holidays_out(self) -> None:
        calendar = Calendar(holidays=frozenset({date(2026, 3, 9)}))

        assert calendar.add(FRIDAY_FIVE, 60) == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)

    def test_opens_by_the_wall_clock_after_a_clock_change(self) -> None:
        friday = datetime(2026, 3, 27, 17, 0, tzinfo=UTC)  # summer time begins on the 29th

        assert LONDON.add(friday, 60) == datetime(2026, 3, 30, 8, 30, tzinfo=UTC)

    def test_counts_working_minutes_only(self) -> None:
        assert Calendar().minutes_between(FRIDAY_FIVE, datetime(2026, 3, 9, 10, 0, tzinfo=UTC)) == 90

    def test_says_so_when_it_never_opens(self) -> None:
        with pytest.raises(ValueError, match="no working hours"):
            Calendar(weekdays=frozenset()).add(FRIDAY_FIVE, 1)


class TestDue:
    def test_counts_day_and_night_for_what_cannot_wait(self, db: None) -> None:
        assert due(FRIDAY_FIVE, 60, clock=Clock.ALWAYS, team=Role.OPS) == FRIDAY_FIVE + timedelta(hours=1)

    def test_asks_the_teams_own_calendar(self, db: None) -> None:
        TeamCalendar.objects.create(role=Role.CX, weekdays=[5])
        Holiday.objects.create(day=date(2026, 3, 7), name="Closed", role=Role.CX)

        assert due(FRIDAY_FIVE, 60, clock=Clock.OFFICE, team=Role.CX) == datetime(2026, 3, 14, 10, 0, tzinfo=UTC)


class TestResumed:
    def test_goes_on_with_what_was_left(self, db: None) -> None:
        paused, again = FRIDAY_FIVE, FRIDAY_FIVE + timedelta(days=2)
        due_at = FRIDAY_FIVE + timedelta(minutes=20)

        assert resumed(due_at, paused_at=paused, at=again, clock=Clock.ALWAYS, team=Role.OPS) == again + timedelta(minutes=20)

    def test_leaves_late_what_was_late(self, db: None) -> None:
        due_at = FRIDAY_FIVE - timedelta(minutes=20)

        assert resumed(due_at, paused_at=FRIDAY_FIVE, at=FRIDAY_FIVE, clock=Clock.ALWAYS, team=Role.OPS) == due_at
