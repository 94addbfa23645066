"""Counts without counting: triggers keep them, folding keeps them small."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections

from exceptions import counters
from exceptions.cases import NewCase, claim, clear_items, open_case, open_cases, snooze
from exceptions.models import CaseCounter, ExceptionCase
from portal.accounts.models import User
from tests.exceptions.conftest import NOON, Opens, entry


def counted(dimension: str) -> dict[str | int, int]:
    return counters.by(counters.cells(), dimension, lambda cell: True)


class TestCells:
    def test_follow_every_state(self, opened: Opens, omar: User) -> None:
        claim(opened("E04", "one"), by=omar)
        snooze(opened("E04", "two"), NOON + timedelta(days=1), by=omar, at=NOON)
        opened("E08", "three")
        clear_items("E08", subjects=["order:1"], proof={"seen": "it"}, at=NOON)

        assert counted("state") == {"taken": 1, "snoozed": 1, "resolved": 1}

    def test_agree_with_the_table(self, opened: Opens) -> None:
        open_cases([NewCase("E04" if number % 3 else "E11", f"o:{number}", "No.", NOON, [entry(number)]) for number in range(30)])

        assert counted("kind") == {"E04": 20, "E11": 10}

    def test_forget_what_is_deleted(self, opened: Opens) -> None:
        ExceptionCase.objects.filter(pk=opened().pk).delete()

        assert counted("kind") == {}

    def test_are_the_same_after_folding(self, opened: Opens) -> None:
        for number in range(5):
            opened("E04", f"order:{number}")
        before = counted("kind")

        assert counters.fold(above=2)
        assert counted("kind") == before == {"E04": 5}
        assert CaseCounter.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_are_exact_with_many_writers_and_a_folder(self) -> None:
        def write(start: int) -> None:
            for number in range(start, start + 10):
                open_case("E04", fingerprint=f"order:{number}", cause="No.", items=[entry(number)], at=NOON)
            connections.close_all()

        def fold() -> None:
            for _ in range(10):
                counters.fold(above=0)
            connections.close_all()

        threads = [threading.Thread(target=write, args=(number * 100,)) for number in range(4)] + [threading.Thread(target=fold) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert counted("kind") == {"E04": 40}
