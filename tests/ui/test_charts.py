"""Charts: geometry, and a table that says the same."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from portal.ui.charts import LEFT, WIDTH, Mark, bar_chart, line_chart, spark_points, waterfall

MARKS = [Mark("Opening", 100, tone="total"), Mark("Sales", 50), Mark("Refunds", -30), Mark("Closing", 120, tone="total")]


class TestBars:
    def test_are_as_long_as_their_values(self):
        long, short = bar_chart("Cases", [Mark("a", 40), Mark("b", 10)]).bars

        assert long.width == pytest.approx(4 * short.width, rel=0.01)
        assert long.x == short.x == LEFT

    def test_below_zero_end_at_zero(self):
        chart = bar_chart("Drift", [Mark("up", 10), Mark("down", -10)])

        assert chart.bars[1].end == pytest.approx(chart.zero, abs=0.2)

    @pytest.mark.parametrize("values", [[], [0], [0, 0], [-5], [1e9, 1]])
    def test_stay_inside_the_drawing(self, values):
        for bar in bar_chart("Any", [Mark("x", value) for value in values]).bars:
            assert 0 <= bar.x <= bar.end <= WIDTH
            assert bar.width >= 1


class TestWaterfall:
    def test_goes_on_where_the_bar_before_ended(self):
        opening, sales, refunds, closing = waterfall("Payout", MARKS).bars

        assert sales.x == pytest.approx(opening.end, abs=0.2)
        assert refunds.end == pytest.approx(sales.end, abs=0.2)
        assert refunds.x == pytest.approx(closing.end, abs=0.2)


class TestLine:
    def test_runs_from_left_to_right(self):
        points = line_chart("Orders", [Mark(str(hour), hour) for hour in range(5)]).points

        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert points[0][1] > points[-1][1]  # up is less in an SVG

    @pytest.mark.parametrize("values", [[], [0], [7], [-3, 3]])
    def test_draws_even_little(self, values):
        assert len(line_chart("Orders", [Mark("x", value) for value in values]).points) == len(values)


class TestDrawing:
    def test_says_the_same_in_a_table(self):
        shown = render_to_string("ui/chart.html", {"chart": waterfall("Payout", MARKS)})

        assert shown.count("<rect") == 4
        for said in ("Opening", "−30", "120"):
            assert said in shown.split("<table")[1]

    def test_escapes_labels(self):
        assert "<b>" not in render_to_string("ui/chart.html", {"chart": bar_chart("x", [Mark("<b>", 1)])})

    def test_of_a_spark_fits_its_cell(self):
        assert spark_points([1, 3, 2]) == "0.0,18.0 48.0,2.0 96.0,10.0"
        assert spark_points([]) == ""
