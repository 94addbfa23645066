"""One cause is one case, however often and by however many callers it is reported."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from exceptions.cases import CaseEntry, NewCase, clear_case, clear_items, open_case, open_cases
from exceptions.models import CaseItem, CaseKey, ExceptionCase
from portal.accounts.roles import Role
from portal.connections.models import Connection
from tests.exceptions.conftest import NOON, Opens, entry

LATER = NOON + timedelta(hours=1)


class TestOpenCase:
    def test_gives_it_the_owner_and_both_limits_of_its_kind(self, opened: Opens) -> None:
        case = opened("E04")

        assert (case.team, case.severity, case.state) == (Role.OPS, 1, "new")
        assert case.ack_due_at == NOON + timedelta(minutes=15)
        assert case.due_at == case.ack_due_at, "the list sorts by the clock that ends first"

    def test_makes_one_case_of_the_same_cause(self, opened: Opens) -> None:  # R29
        first = opened(items=[entry(1)])
        second = opened(items=[entry(2)], at=LATER, cause="It said no again.")

        assert second.pk == first.pk
        assert (second.items_open, second.last_seen_at, second.cause) == (2, LATER, "It said no again.")

    def test_adds_up_units_and_value_for_each_currency(self, opened: Opens) -> None:  # A3
        opened(items=[entry(1), entry(2, value=Decimal("10.50"), currency="EUR")])
        case = opened(items=[entry(1), entry(3)])

        assert case.value == {"GBP": "80.00", "EUR": "10.50"}
        assert (case.items_open, case.units) == (3, 6)
        assert case.value_text == "80.00 GBP and 10.50 EUR"

    def test_follows_a_value_that_changes(self, opened: Opens) -> None:
        opened(items=[entry(1)])
        case = opened(items=[entry(1, value=Decimal("55.00"))])

        assert case.value == {"GBP": "55.00"}

    def test_keeps_the_words_it_is_found_by(self, opened: Opens) -> None:
        opened(items=[entry(1, keys=["sku-1", "jd0002"])])

        assert set(CaseKey.objects.values_list("key", flat=True)) == {"SO-1", "SKU-1", "JD0002"}

    def test_takes_an_outside_deadline_as_the_nearest_clock(self, opened: Opens) -> None:  # A2
        case = opened("E05", deadline_at=NOON + timedelta(minutes=5), consequence="The marketplace cancels the order.")

        assert case.due_at == NOON + timedelta(minutes=5)

    def test_ends_our_clock_after_a_quarter_of_the_operators_window(self, opened: Opens) -> None:  # E01
        case = opened("E01", deadline_at=NOON + timedelta(hours=2))

        assert case.resolve_due_at == NOON + timedelta(minutes=30)

    def test_is_worse_on_a_marketplace(self, opened: Opens, shop: Connection) -> None:  # E11
        shop.system = "mirakl"
        shop.save()

        assert opened("E11", "sku:1", connection=shop).severity == 1
        assert opened("E11", "sku:2").severity == 2

    def test_survives_what_vendors_put_into_text(self, opened: Opens) -> None:
        case = opened(cause="no\x00thing", evidence={"detail": "a\x00b"})

        assert (case.cause, case.evidence) == ("nothing", {"detail": "ab"})

    def test_needs_few_statements_for_a_thousand(self, db: None) -> None:
        new = [NewCase("E04", f"order:{number}", "No.", NOON, [entry(number)]) for number in range(1000)]

        with CaptureQueriesContext(
            connection,
        ) as queries:
            cases = open_cases(new)

        assert len({case.pk for case in cases}) == 1000
        assert len(queries) < 25

    def test_joins_the_same_cause_within_a_batch(self, db: None) -> None:
        first, second = open_cases([NewCase("E16", "carrier:DPD", "Not mapped.", NOON, [entry(number)]) for number in (1, 2)])

        assert first == second
        assert first.items_open == 2


class TestCallersAtOnce:
    @pytest.mark.django_db(transaction=True)
    def test_make_one_case_and_count_every_item(self) -> None:
        def call(number: int) -> None:
            open_case("E16", fingerprint="carrier:DPD", cause="Not mapped.", items=[entry(number)], at=NOON)
            connections.close_all()

        threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        case = ExceptionCase.objects.get()
        assert (case.items_open, case.value) == (8, {"GBP": "320.00"})


class TestRegression:
    def test_is_the_same_case_come_back(self, opened: Opens) -> None:  # A4
        first = opened()
        clear_case(first, {"warehouse order": "55"}, at=NOON)

        second = opened(at=LATER)

        assert second.pk == first.pk
        assert (second.is_open, second.regressions, second.opened_at) == (True, 1, LATER)
        assert "Came back" in second.events.get(verb="came_back").text

    def test_counts_only_what_came_back(self, opened: Opens) -> None:
        first = opened(items=[entry(1), entry(2)])
        clear_case(first, {"seen": "both"}, at=NOON)

        assert opened(items=[entry(2)], at=LATER).items_open == 1

    def test_is_a_new_case_after_thirty_days(self, opened: Opens) -> None:
        first = opened()
        clear_case(first, {"seen": "it"}, at=NOON)

        assert opened(at=NOON + timedelta(days=31)).pk != first.pk


class TestClearItems:
    def test_closes_the_case_with_its_last_item(self, opened: Opens) -> None:  # A4
        case = opened(items=[entry(1), entry(2)])

        assert clear_items("E04", subjects=["order:1"], proof={"warehouse order": "55"}, at=LATER) == 0
        assert clear_items(None, subjects=["order:2"], proof={"warehouse order": "56"}, at=LATER) == 1

        case.refresh_from_db()
        assert (case.state, case.resolution, case.resolved_by) == ("resolved", "fixed_verified", None)
        assert case.proof == {"warehouse order": "56"}
        assert CaseItem.objects.get(subject="order:1").proof == {"warehouse order": "55"}

    def test_takes_its_value_off(self, opened: Opens) -> None:
        case = opened(items=[entry(1), entry(2, at=LATER)])
        clear_items("E04", subjects=["order:1"], proof={"seen": "it"}, at=LATER)

        case.refresh_from_db()
        assert (case.items_open, case.items_total, case.value, case.oldest_at) == (1, 2, {"GBP": "40.00"}, LATER)

    def test_leaves_other_kinds_alone(self, opened: Opens) -> None:
        case = opened("E08", "order:1")
        clear_items(("E03", "E04"), subjects=["order:1"], proof={"seen": "it"}, at=LATER)

        case.refresh_from_db()
        assert case.is_open

    def test_never_closes_what_only_a_person_may_close(self, opened: Opens) -> None:  # E02
        case = opened("E02", "order:1")
        clear_items(None, subjects=["order:1"], proof={"channel": "cancelled"}, at=LATER)

        case.refresh_from_db()
        assert case.is_open

    def test_does_nothing_twice(self, opened: Opens) -> None:
        opened()
        proof: dict[str, Any] = {"seen": "it"}

        assert clear_items(None, subjects=["order:1"], proof=proof, at=LATER) == 1
        assert clear_items(None, subjects=["order:1"], proof=proof, at=LATER) == 0

    def test_adds_a_cleared_item_again_when_it_comes_back(self, opened: Opens) -> None:
        opened(items=[entry(1), entry(2)])
        clear_items("E04", subjects=["order:1"], proof={"seen": "it"}, at=LATER)

        case = opened(items=[CaseEntry("order:1", "SO-1", LATER, value=Decimal(7), currency="GBP")], at=LATER)

        assert (case.items_open, case.items_total, case.value) == (2, 2, {"GBP": "47.00"})
