"""An operator's calendar: what is read from what people write, and when a clock of working time runs out, across daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.connections.calendars import Calendar, CalendarError, read_days, read_holidays, read_hours

PARIS = ZoneInfo("Europe/Paris")
ZONES = ["UTC", "Europe/London", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia"]
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(minutes=1), timedelta(days=12))
times = st.times(max_value=time(22, 59)).map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def calendars(draw) -> Calendar:
    opens = draw(times)
    closes = draw(st.none() | st.integers(1, 60).map(lambda minutes: (datetime.combine(date(2026, 1, 1), opens) + timedelta(minutes=minutes)).time()))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    free = draw(st.frozensets(st.dates(date(2024, 1, 1), date(2030, 12, 31)).map(lambda day: (day.year, day.month, day.day)), max_size=8))
    return Calendar(draw(st.sampled_from(ZONES)), days, opens, closes, free)


class TestADeadline:  # D4
    @given(calendars(), moments, st.timedeltas(timedelta(minutes=1), timedelta(hours=20)))
    def test_comes_after_exactly_so_much_working_time(self, calendar, placed_at, span):
        until = calendar.after(placed_at, span)

        assert calendar.between(placed_at, until) == span

    @given(calendars(), moments, st.timedeltas(timedelta(minutes=1), timedelta(hours=20)))
    def test_falls_into_working_time_and_never_before_the_plain_span(self, calendar, placed_at, span):
        until = calendar.after(placed_at, span)
        local = until.astimezone(ZoneInfo(calendar.zone)).date()

        assert until >= placed_at + span
        assert any(begins < until <= ends for begins, ends in map(calendar.hours_of, [local, local - timedelta(days=1)]))

    @given(calendars(), moments, st.timedeltas(timedelta(0), timedelta(days=5)), st.timedeltas(timedelta(minutes=1), timedelta(hours=20)))
    def test_is_never_earlier_for_an_order_placed_later(self, calendar, placed_at, later, span):
        assert calendar.after(placed_at, span) <= calendar.after(placed_at + later, span)

    @given(st.sampled_from(ZONES), moments, spans)
    def test_is_the_plain_sum_where_every_hour_counts(self, zone, placed_at, span):
        assert Calendar(zone).after(placed_at, span) == placed_at + span

    def test_stands_still_over_a_weekend_with_a_clock_change(self):
        """Paris, Friday 27 March 2026 15:00; the clocks go forward on Sunday."""
        calendar = Calendar("Europe/Paris", read_days("Mon-Fri"), *read_hours("09:00-17:00"))
        placed_at = datetime(2026, 3, 27, 15, tzinfo=PARIS)

        assert calendar.after(placed_at, timedelta(hours=4)) == datetime(2026, 3, 30, 11, tzinfo=PARIS)

    @pytest.mark.parametrize(("day", "until"), [(date(2026, 3, 29), 9), (date(2026, 10, 25), 7)])
    def test_counts_hours_as_they_pass_on_a_day_with_a_clock_change(self, day, until):
        """Eight hours from midnight: nine on the clock where one is skipped, seven where one comes twice."""
        placed_at = datetime.combine(day, time(0), tzinfo=PARIS)

        assert Calendar("Europe/Paris").after(placed_at, timedelta(hours=8)) == datetime.combine(day, time(until), tzinfo=PARIS)

    def test_skips_holidays_of_one_year_and_of_every_year(self):
        calendar = Calendar("UTC", read_days("Mon-Fri"), time(0), None, read_holidays("2026-12-24, 12-25"))
        placed_at = datetime(2026, 12, 23, 12, tzinfo=UTC)

        assert calendar.after(placed_at, timedelta(hours=24)) == datetime(2026, 12, 28, 12, tzinfo=UTC)

    def test_is_refused_by_a_calendar_on_which_nobody_ever_works(self):
        with pytest.raises(CalendarError, match="no working time"):
            Calendar("UTC", frozenset()).after(datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1))


class TestReading:
    @pytest.mark.parametrize(
        ("written", "days"),
        [("Mon-Fri", range(5)), ("mon, Wed  fri", (0, 2, 4)), ("Sat - Mon", (5, 6, 0)), ("Sunday; monday-tuesday", (6, 0, 1)), ("Thu", (3,))],
    )
    def test_takes_days_as_people_write_them(self, written, days):
        assert read_days(written) == frozenset(days)

    @pytest.mark.parametrize("written", ["Mo", "Mon-Xyz", "1-5", "", "mon5"])
    def test_refuses_what_names_no_day(self, written):
        with pytest.raises(CalendarError, match="day"):
            read_days(written)

    def test_takes_hours_up_to_midnight(self):
        assert read_hours("9:00 – 17:30") == (time(9), time(17, 30))
        assert read_hours("00:00-24:00") == (time(0), None)

    @pytest.mark.parametrize(("written", "says"), [("9-5", "Write them as"), ("25:00-26:00", "Write them as"), ("17:00-09:00", "end before")])
    def test_refuses_hours_that_are_none(self, written, says):
        with pytest.raises(CalendarError, match=says):
            read_hours(written)

    @pytest.mark.parametrize("written", ["25.12.", "2026-02-30", "13-01", "tomorrow"])
    def test_refuses_a_date_that_is_none(self, written):
        with pytest.raises(CalendarError, match="is not a date"):
            read_holidays(written)
