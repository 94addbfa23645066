"""The operator profile: entered with a Mirakl account, read by the countdown of its orders (D2, D4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from portal.connections.account_form import AccountForm
from portal.connections.models import Connection
from portal.connections.operators import profile_of
from tests.ledger.orders import a_connection
from tests.people import person

FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORKDAYS = {"acceptance_hours": "24", "window_runs": "days", "working_days": "Mon-Fri"}


@pytest.fixture
def operator(db) -> Connection:
    return a_connection("Maison Claire", "mirakl", account="2310")


def with_options(operator: Connection, **options: str) -> Connection:
    operator.options = options
    return operator


def sent(operator: Connection, **options: str) -> dict:
    """The account's page as the browser sends it back, with other options."""
    form = AccountForm(instance=operator)
    data = {name: form[name].value() for name in form.fields}
    kept = {name: value for name, value in data.items() if value not in (None, False)}
    return {"credential_api_key": "key", **kept, **{f"option_{name}": value for name, value in options.items()}}


class TestTheProfile:
    def test_runs_day_and_night_unless_told_otherwise(self, operator):
        assert profile_of(operator).accept_by(FRIDAY) == FRIDAY + timedelta(hours=24)

    def test_stands_still_on_days_the_operator_does_not_work(self, operator):  # D4
        profile = profile_of(with_options(operator, **WORKDAYS, holidays="2026-11-23"))

        assert profile.accept_by(FRIDAY) == datetime(2026, 11, 24, 12, tzinfo=UTC)

    def test_counts_in_the_time_zone_of_the_account(self, operator):
        operator.time_zone = "America/New_York"
        profile = profile_of(with_options(operator, acceptance_hours="2", window_runs="hours", working_hours="09:00-17:00"))

        assert profile.accept_by(FRIDAY) == datetime(2026, 11, 20, 16, tzinfo=UTC)

    @pytest.mark.parametrize("odd", [{"working_days": "whenever"}, {"holidays": "soon"}, {"working_days": "Mon", "window_runs": "sometimes"}])
    def test_falls_to_the_earlier_deadline_where_it_cannot_be_read(self, operator, odd):
        assert profile_of(with_options(operator, **{**WORKDAYS, **odd})).accept_by(FRIDAY) == FRIDAY + timedelta(hours=24)

    @pytest.mark.parametrize("hours", ["", "0", "soon", "-3", "NaN"])
    def test_has_a_window_whatever_was_entered(self, operator, hours):
        assert profile_of(with_options(operator, acceptance_hours=hours)).window == timedelta(hours=24)

    def test_knows_the_limits_that_were_entered_and_no_others(self, operator):
        profile = profile_of(with_options(operator, limit_refusal="2", limit_late_shipment="0", limit_incident="", kpi_days="90"))

        assert profile.limits == {"refusal": Decimal(2), "late_shipment": Decimal(0)}
        assert profile.period_days == 90


class TestItsForm:
    def test_shows_the_rules_together_and_keeps_what_is_entered(self, client, operator):  # D2, D4
        client.force_login(person("ada"))
        url = reverse("connections:account", args=[operator.pk])
        rules = {**WORKDAYS, "acceptance_hours": "36.5", "limit_refusal": "2.5", "address_at": "shipping", "tier": "partner", "multi_shipment": "off"}

        answer = client.post(url, sent(operator, **rules))
        operator.refresh_from_db()

        assert answer.status_code == 302
        assert {name: operator.options[name] for name in rules} == rules
        assert "Rules of the operator" in client.get(url).content.decode()

    @pytest.mark.parametrize(
        ("name", "written", "says"),
        [
            ("acceptance_hours", "0", "longer than no time"),
            ("acceptance_hours", "9000", "no window"),
            ("acceptance_hours", "a day", "number of hours"),
            ("working_days", "Mo-Fr", "is not a day"),
            ("working_hours", "17:00-09:00", "end before"),
            ("holidays", "Christmas", "is not a date"),
            ("limit_refusal", "101", "from 0 to 100"),
            ("limit_incident", "-1", "from 0 to 100"),
            ("kpi_days", "0", "from 1 to 365"),
        ],
    )
    def test_refuses_what_is_no_rule_with_a_sentence(self, operator, name, written, says):
        form = AccountForm(sent(operator, **{name: written}), instance=operator)

        assert not form.is_valid()
        assert says in str(form.errors[f"option_{name}"])

    def test_is_not_shown_for_a_vendor_without_operators(self, db):
        assert AccountForm(instance=a_connection("Warehouse", "veeqo")).profile_part == []
