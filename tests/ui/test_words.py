"""Numbers as a person says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.ui.words import distance, duration, masked, time_left

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class TestDuration:
    @pytest.mark.parametrize(
        ("seconds", "said"),
        [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (725, "12 min"),
            (5399, "89 min"),
            (5400, "1 h"),
            (172_799, "47 h"),
            (172_800, "2 days"),
            (-725, "12 min"),
        ],
    )
    def test_is_short(self, seconds, said):
        assert duration(seconds) == said
        assert duration(timedelta(seconds=seconds)) == said


class TestDistance:
    @pytest.mark.parametrize(("minutes", "said"), [(12, "in 12 min"), (-180, "3 h ago"), (0.5, "now"), (-0.5, "now")])
    def test_says_before_and_after(self, minutes, said):
        assert distance(NOON + timedelta(minutes=minutes), at=NOON) == said


class TestTimeLeft:
    @pytest.mark.parametrize(("minutes", "said"), [(12, "12 min left"), (-180, "3 h late"), (0.2, "due now")])
    def test_says_left_and_late(self, minutes, said):
        assert time_left(NOON + timedelta(minutes=minutes), at=NOON) == said


class TestMasked:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [("Jane Doe", "J••• D•••"), ("jane.doe@example.co.uk", "j•••@e•••.uk"), ("+44 7700 900123", "+••• 7••• 9•••"), ("", ""), ("   ", "")],
    )
    def test_keeps_only_the_first_letter(self, text, shown):
        assert masked(text) == shown
