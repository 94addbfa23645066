"""Dates as Xoro writes and reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectors.errors import ContractError
from connectors.xoro.dates import bound_text, read_date

PACIFIC = ZoneInfo("America/Los_Angeles")


class TestReadDate:
    def test_reads_the_us_way_in_the_tenants_zone(self):
        assert read_date("06/02/2026 04:15:00 PM", zone=PACIFIC, what="date") == datetime(2026, 6, 2, 23, 15, tzinfo=UTC)

    @pytest.mark.parametrize("none", ["", None, "01/01/0001 12:00:00 AM", "01/01/0001", "0001-01-01T00:00:00"])
    def test_takes_the_sentinel_for_none(self, none: str | None):
        assert read_date(none, zone=PACIFIC, what="date") is None

    def test_refuses_what_is_no_date(self):
        with pytest.raises(ContractError, match="ship date"):
            read_date("soon", zone=PACIFIC, what="ship date")


class TestBoundText:
    @given(at=some.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1), timezones=some.just(UTC)))
    def test_never_asks_from_later_than_meant(self, at: datetime):
        read = read_date(bound_text(at, zone=PACIFIC), zone=PACIFIC, what="bound")

        assert read is not None and at - timedelta(hours=2, seconds=1) <= read <= at
