"""Cases close themselves when they are seen to be solved, and never because they are old."""

from __future__ import annotations

from datetime import timedelta

from exceptions.models import ExceptionCase
from exceptions.proof import Proof, check_open_cases, register
from tests.exceptions.conftest import NOON, Opens, entry

LATER = NOON + timedelta(days=400)


class TestCheckOpenCases:
    def test_closes_what_is_seen_to_be_solved(self, opened: Opens) -> None:  # A4
        register("E05")(lambda case: Proof({"warehouse order": "55"}))
        case = opened("E05")

        assert check_open_cases(at=LATER) == 1
        case.refresh_from_db()
        assert (case.state, case.proof) == ("resolved", {"warehouse order": "55"})

    def test_never_closes_by_age(self, opened: Opens) -> None:  # A4
        register("E05")(lambda case: None)
        opened("E05")
        opened("E06", "orphan:1")  # nobody can check this kind

        assert check_open_cases(at=LATER) == 0
        assert ExceptionCase.objects.filter(is_open=True).count() == 2

    def test_clears_only_what_was_seen(self, opened: Opens) -> None:
        register("E16")(lambda case: Proof({"sent": "yes"}, subjects=("order:1",)))
        case = opened("E16", items=[entry(1), entry(2)])

        assert check_open_cases(at=LATER) == 0
        case.refresh_from_db()
        assert case.items_open == 1

    def test_goes_round_all_of_them(self, opened: Opens) -> None:
        asked: list[int] = []
        register("E05")(lambda case: asked.append(case.pk))
        pks = {opened("E05", f"order:{number}").pk for number in range(3)}

        for step in range(3):
            check_open_cases(1, at=LATER + timedelta(minutes=step))

        assert set(asked) == pks

    def test_goes_on_after_one_that_cannot_be_checked(self, opened: Opens) -> None:
        def read(case: ExceptionCase) -> Proof:
            if case.fingerprint == "order:0":
                raise LookupError("no such order")
            return Proof({"seen": "it"})

        register("E05")(read)
        opened("E05", "order:0")
        opened("E05", "order:1")

        assert check_open_cases(at=LATER) == 1
