"""The daily run: one for each local day, at the wall clock's time, whatever daylight saving does (R118, R122-R124, D14)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.connections.schedule import Timetable

ZONES = sorted(available_timezones())
timetables = st.builds(Timetable, zone=st.sampled_from(ZONES), hour=st.integers(0, 23), minute=st.integers(0, 59), offset_min=st.integers(-1439, 0))
moments = st.datetimes(datetime(1995, 1, 1), datetime(2060, 12, 31), timezones=st.just(UTC))
LONGEST = timedelta(hours=50)  # a day, and the day a zone on the date line may lose


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestEveryTimetable:
    @given(timetables, moments)
    def test_has_a_next_run_and_a_last_one_with_none_between(self, table, at):  # R118, R122, R123
        last, following = table.last_until(at), table.next_after(at)

        assert last <= at < following
        assert table.next_after(last) == following
        assert table.last_until(following) == following
        assert following - last <= LONGEST

    @given(timetables, moments)
    def test_runs_at_its_time_of_day_where_that_exists(self, table, at):  # R118, R122, R123
        run = table.next_after(at) - timedelta(minutes=table.offset_min)
        local = run.astimezone(ZoneInfo(table.zone))
        naive = local.replace(tzinfo=None)
        jumped = {(naive + timedelta(minutes=step)).replace(tzinfo=ZoneInfo(table.zone)).utcoffset() for step in (-1500, 0, 1500)}

        assert (local.hour, local.minute) == (table.hour, table.minute) or len(jumped) > 1

    @given(timetables, moments)
    def test_starts_earlier_by_exactly_the_offset(self, table, at):  # R124
        nominal = Timetable(table.zone, table.hour, table.minute)
        day = at.date()

        assert table.run_of(day) - nominal.run_of(day) == timedelta(minutes=table.offset_min)

    @given(timetables, st.dates(date(1995, 1, 3), date(2060, 1, 1)))
    def test_never_runs_twice_for_a_day(self, table, day):  # R118
        runs = [table.run_of(day + timedelta(days=step)) for step in range(-2, 3)]

        assert runs == sorted(runs)

    @given(timetables, moments)
    def test_is_written_in_utc(self, table, at):
        assert table.next_after(at).utcoffset() == timedelta(0)


class TestTheOffset:
    def test_may_cross_midnight(self):  # R124: 00:10 with -30 runs 23:40 the day before
        table = Timetable("UTC", 0, 10, -30)

        assert table.next_after(utc("2026-03-04 12:00")) == utc("2026-03-04 23:40")

    def test_may_reach_a_whole_day_back(self):  # R124, D14
        assert Timetable("UTC", 0, 0, -1439).run_of(date(2026, 3, 4)) == utc("2026-03-03 00:01")


class TestDaylightSaving:
    """Los Angeles, the zone the requirement names: forward on 8 March 2026, back on 1 November 2026."""

    @pytest.mark.parametrize(
        ("day", "run"),
        [(date(2026, 3, 7), "2026-03-07 10:30"), (date(2026, 3, 8), "2026-03-08 10:30"), (date(2026, 3, 9), "2026-03-09 09:30")],
    )
    def test_moves_a_time_that_does_not_exist_to_the_new_clock(self, day, run):  # R118
        assert Timetable("America/Los_Angeles", 2, 30).run_of(day) == utc(run)

    def test_takes_the_first_of_a_time_that_comes_twice(self):  # R118
        table = Timetable("America/Los_Angeles", 1, 30)
        runs = [table.run_of(date(2026, 11, day)) for day in (1, 2)]

        assert runs == [utc("2026-11-01 08:30"), utc("2026-11-02 09:30")]
        assert table.next_after(runs[0]) == runs[1]

    def test_leaves_no_second_run_on_a_day_that_a_zone_skipped(self):  # Samoa had no 30 December 2011
        table = Timetable("Pacific/Apia", 9, 0)
        seen, at = [], utc("2011-12-28 00:00")
        while at < utc("2012-01-03 00:00"):
            at = table.next_after(at)
            seen.append(at)

        assert len(seen) == len(set(seen))
        assert all(timedelta(hours=23) <= later - earlier <= timedelta(hours=25) for earlier, later in pairwise(seen))
