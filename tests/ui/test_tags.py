"""Template tags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone

from connectors.canonical import Money
from portal.ui import samples
from portal.ui.templatetags import ui

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def render(text: str, **context: object) -> str:
    return Template("{% load ui %}" + text).render(Context(context)).strip()


class TestLocalTime:
    def test_is_the_readers_with_exact_utc_on_hover(self):
        with timezone.override(ZoneInfo("Europe/Berlin")):
            said = ui.local_time(NOON)

        assert said == '<time datetime="2026-03-02T12:00:00Z" title="2026-03-02 12:00:00 UTC">2 Mar 13:00</time>'

    def test_names_another_year(self):
        assert ">2 Mar 2025 12:00<" in ui.local_time(NOON.replace(year=2025))

    @pytest.mark.parametrize(("form", "said"), [("day", ">2 Mar 2026<"), ("exact", ">2026-03-02 12:00:00<"), ("relative", ">now<")])
    def test_has_other_forms(self, form, said):
        assert said in ui.local_time(NOON, form)

    def test_of_nothing_is_a_dash(self):
        assert ui.local_time(None) == "–"

    def test_that_is_relative_goes_on_by_script(self):
        assert "data-relative" in ui.ago(NOON - timedelta(hours=3))
        assert "3 h ago" in ui.ago(NOON - timedelta(hours=3))


class TestClock:
    @pytest.mark.parametrize(("minutes", "state", "said"), [(120, "calm", "2 h left"), (12, "soon", "12 min left"), (-180, "late", "3 h late")])
    def test_says_how_it_stands(self, minutes, state, said):
        shown = ui.clock(NOON + timedelta(minutes=minutes), "resolve")

        assert f"clock-{state}" in shown
        assert said in shown
        assert "resolve" in shown

    def test_stands_still_with_its_reason(self):
        shown = ui.clock(NOON + timedelta(hours=1), paused="Mirakl is down")

        assert "clock-paused" in shown
        assert "paused: Mirakl is down" in shown
        assert "data-deadline" not in shown

    def test_of_somebody_else_never_stands_still(self):  # requirement 4: an external deadline never pauses
        shown = ui.clock(NOON + timedelta(minutes=5), paused="Mirakl is down", outside=True)

        assert "clock-soon" in shown
        assert "5 min left" in shown


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "currency", "said"),
        [
            (Money(Decimal("1234.5"), "GBP"), "", "1,234.50 <abbr>GBP"),
            (Money(Decimal(1500), "JPY"), "", "1,500 <abbr>JPY"),
            (Decimal("-31.4"), "EUR", "−31.40 <abbr>EUR"),
        ],
    )
    def test_keeps_its_currencys_decimals(self, amount, currency, said):
        assert said in ui.money(amount, currency)

    def test_below_nothing_is_marked(self):
        assert "minus" in ui.money(Decimal(-1), "EUR")

    def test_that_is_missing_is_a_dash(self):
        assert ui.money(None, "EUR") == "–"


class TestBadge:
    def test_escapes_its_word(self):
        assert "<b>" not in ui.badge("<b>")

    def test_knows_its_tones(self):
        assert "badge-good" in ui.badge("sent", "good")
        assert "badge-quiet" in ui.badge("sent", "<x>")

    def test_of_a_severity_says_what_it_means(self):
        assert "money or seller account at stake" in ui.severity("S1")


class TestPersonal:
    def test_is_masked_unless_shown(self):
        assert "Jane" not in render("{% personal name %}", name="Jane Doe")
        assert render("{% personal name shown=True %}", name="Jane <Doe>") == "Jane &lt;Doe&gt;"


class TestField:
    def test_ties_help_and_error_to_the_field(self):
        form = samples.SampleForm({"email": "ops@"})
        shown = render("{% field bound %}", bound=form["name"])

        assert 'aria-describedby="id_name_helptext' in shown
        assert 'id="id_name_helptext"' in shown
        assert 'aria-invalid="true"' in shown
        assert "This field is required." in shown

    def test_marks_what_may_stay_empty(self):
        assert "optional" in render("{% field bound %}", bound=samples.SampleForm()["email"])

    def test_puts_a_box_before_its_label(self):
        shown = render("{% field bound %}", bound=samples.SampleForm()["enabled"])

        assert shown.index("<input") < shown.index("<label")


class TestEmpty:
    @pytest.mark.parametrize(("kind", "said"), [("clear", "All clear"), ("nothing", "Nothing matches"), ("silent", "The source is silent")])
    def test_says_which_of_three_it_is(self, kind, said):
        assert said in render(f'{{% empty "{kind}" %}}')

    def test_says_what_the_page_knows(self):
        shown = render('{% empty "silent" text="No word for 3 h." url="/x/" link="Look" %}')

        assert "No word for 3 h." in shown
        assert '<a class="button" href="/x/">Look</a>' in shown
