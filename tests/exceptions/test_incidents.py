"""A thousand failures of one broken connection are one incident."""

from __future__ import annotations

from datetime import timedelta

from exceptions.cases import NewCase, clear_case, open_cases
from exceptions.incidents import blast
from exceptions.models import NEVER, ExceptionCase
from portal.connections.models import Connection
from tests.exceptions.conftest import NOON, Opens, entry

LATER = NOON + timedelta(hours=3)


def down(opened: Opens, warehouse: Connection) -> ExceptionCase:
    return opened("E32", f"connection:{warehouse.pk}", cause="Veeqo does not answer.", connection=warehouse, items=[])


class TestFold:
    def test_puts_a_thousand_cases_under_one(self, opened: Opens, warehouse: Connection) -> None:  # A14
        incident = down(opened, warehouse)
        open_cases([NewCase("E04", f"order:{number}", "No answer.", NOON, [entry(number)], connection=warehouse) for number in range(1000)])

        assert list(ExceptionCase.objects.filter(is_awake=True)) == [incident]
        assert blast(incident) == {"E04": 1000}

    def test_takes_what_failed_just_before(self, opened: Opens, warehouse: Connection) -> None:
        case = opened("E05", connection=warehouse, at=NOON - timedelta(minutes=5))
        old = opened("E05", "old", connection=warehouse, at=NOON - timedelta(days=1))

        incident = down(opened, warehouse)

        case.refresh_from_db()
        old.refresh_from_db()
        assert (case.incident, case.state, old.incident) == (incident, "folded", None)

    def test_stops_the_clocks_and_says_why(self, opened: Opens, warehouse: Connection) -> None:
        incident = down(opened, warehouse)
        case = opened("E05", connection=warehouse)

        assert (case.due_at, case.paused_reason) == (NEVER, f"waits for {incident}")

    def test_never_hides_an_outside_deadline(self, opened: Opens, warehouse: Connection) -> None:
        down(opened, warehouse)
        case = opened("E05", connection=warehouse, deadline_at=LATER)

        assert (case.is_awake, case.due_at) == (True, NOON + timedelta(minutes=15))

    def test_leaves_alone_what_another_cause_has(self, opened: Opens, warehouse: Connection, shop: Connection) -> None:
        down(opened, warehouse)

        assert opened("E16", "carrier:1", connection=warehouse).is_awake
        assert opened("E04", "order:9", connection=shop).is_awake


class TestUnfold:
    def test_gives_the_clocks_what_was_left(self, opened: Opens, warehouse: Connection) -> None:
        incident = down(opened, warehouse)
        case = opened("E05", connection=warehouse)

        clear_case(incident, {"answered": "12:00"}, at=LATER)

        case.refresh_from_db()
        assert (case.is_awake, case.paused_reason) == (True, "")
        assert case.ack_due_at == LATER + timedelta(minutes=15)
