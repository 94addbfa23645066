"""Merging and splitting cases, with what happened before and what happens again."""

from __future__ import annotations

import pytest
from django.test import Client

from exceptions.cases import clear_items, comment
from exceptions.errors import CaseError
from exceptions.grouping import merge, split
from exceptions.models import CaseEvent, ExceptionCase
from exceptions.search import find
from portal.accounts.models import User
from portal.accounts.permissions import NotAllowedError
from tests.exceptions.conftest import NOON, Opens, entry


def two(opened: Opens) -> tuple[ExceptionCase, ExceptionCase]:
    return opened("E16", "carrier:DPD", items=[entry(1), entry(2)]), opened("E16", "carrier:dpd", items=[entry(2), entry(3)])


class TestMerge:
    def test_makes_one_case_with_the_items_of_both(self, opened: Opens, omar: User) -> None:
        one, other = two(opened)
        merge(other, one, by=omar)

        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.items_open, one.value, one.units) == (3, {"GBP": "120.00"}, 6)
        assert (other.resolution, other.merged_into, other.items_open) == ("merged", one, 0)

    def test_takes_what_happens_again(self, opened: Opens, omar: User) -> None:
        one, other = two(opened)
        merge(other, one, by=omar)

        assert opened("E16", "carrier:dpd", items=[entry(9)]).pk == one.pk

    def test_takes_the_history_along(self, opened: Opens, omar: User) -> None:
        one, other = two(opened)
        merge(other, one, by=omar)

        assert one.events.filter(verb="opened").count() == 2
        assert list(CaseEvent.objects.filter(case=other).values_list("verb", flat=True)) == ["resolved"]
        assert find("SO-3").pks.count(one.pk) == 1

    def test_can_be_followed_through_several(self, opened: Opens, omar: User) -> None:
        one, other = two(opened)
        third = opened("E16", "carrier:Dpd", items=[entry(5)])
        merge(other, third, by=omar)
        merge(third, one, by=omar)

        assert opened("E16", "carrier:dpd", items=[entry(9)]).pk == one.pk

    def test_keeps_an_item_waiting_that_waits_in_either(self, opened: Opens, omar: User) -> None:
        one, _ = two(opened)
        clear_items("E16", subjects=["order:1"], proof={"seen": "it"}, at=NOON)
        again = opened("E16", "carrier:dpd", items=[entry(1)])
        merge(again, one, by=omar)

        one.refresh_from_db()
        assert one.items.get(subject="order:1").cleared_at is None
        assert one.items_open == 3

    def test_refuses_what_is_not_alike(self, opened: Opens, omar: User) -> None:
        one, _ = two(opened)

        with pytest.raises(CaseError, match="one kind"):
            merge(opened("E04"), one, by=omar)
        with pytest.raises(CaseError, match="same case"):
            merge(one, one, by=omar)

    def test_is_not_for_auditors(self, opened: Opens, aldo: User) -> None:
        one, other = two(opened)
        with pytest.raises(NotAllowedError):
            merge(other, one, by=aldo)

    def test_is_done_from_the_page(self, opened: Opens, client: Client, omar: User) -> None:
        one, other = two(opened)
        client.force_login(omar)
        answer = client.post(f"/inbox/{other.pk}/merge/", {"into": f"#{one.pk}"}, follow=True)

        assert f'Merged into <a href="/inbox/{one.pk}/"' in answer.content.decode()


class TestSplit:
    def test_gives_some_items_a_case_of_their_own(self, opened: Opens, omar: User) -> None:
        case = opened("E04", "storm", items=[entry(1), entry(2), entry(3)])
        new = split(case, ["order:2"], by=omar, cause="Another address fault.")

        case.refresh_from_db()
        assert (case.items_open, new.items_open, new.cause) == (2, 1, "Another address fault.")
        assert (new.ack_due_at, new.kind) == (case.ack_due_at, "E04"), "splitting wins no time"
        assert find("SO-2").pks == [new.pk]

    def test_takes_what_happens_to_them_again(self, opened: Opens, omar: User) -> None:
        case = opened("E04", "storm", items=[entry(1), entry(2), entry(3)])
        new = split(case, ["order:2"], by=omar, cause="Another address fault.")

        assert opened("E04", "storm", items=[entry(2)]).pk == new.pk
        assert opened("E04", "storm", items=[entry(4)]).pk == case.pk

    def test_takes_what_happened_to_them_before(self, opened: Opens, omar: User) -> None:
        case = opened("E04", "storm", items=[entry(1), entry(2), entry(3)])
        comment(case, "The courier was called.", by=omar)
        clear_items("E04", subjects=["order:3"], proof={"seen": "it"}, at=NOON)
        new = split(case, ["order:2", "order:3"], by=omar, cause="Another.")

        assert (new.items_open, new.items_total, new.items.get(subject="order:3").proof) == (1, 2, {"seen": "it"})
        assert {"opened", "comment", "split"} <= set(new.events.values_list("verb", flat=True))
        assert case.events.filter(verb="comment").count() == 1, "the old case keeps its story"

    def test_closes_each_for_itself(self, opened: Opens, omar: User) -> None:
        case = opened("E04", "storm", items=[entry(1), entry(2)])
        new = split(case, ["order:2"], by=omar, cause="Another.")
        clear_items("E04", subjects=["order:2"], proof={"seen": "it"}, at=NOON)

        new.refresh_from_db()
        case.refresh_from_db()
        assert (new.is_open, case.is_open) == (False, True)

    def test_refuses_to_leave_nothing(self, opened: Opens, omar: User) -> None:
        case = opened("E04", "storm", items=[entry(1)])

        with pytest.raises(CaseError, match="leave nothing"):
            split(case, ["order:1"], by=omar, cause="Another.")
        with pytest.raises(CaseError, match="None of these"):
            split(case, ["order:9"], by=omar, cause="Another.")

    def test_is_done_from_the_list_of_items(self, opened: Opens, client: Client, omar: User) -> None:
        case = opened("E04", "storm", items=[entry(1), entry(2), entry(3)])
        client.force_login(omar)
        client.post(f"/inbox/{case.pk}/split/", {"subject": ["order:1", "order:2"], "cause": "Another."})

        assert sorted(ExceptionCase.objects.values_list("items_open", flat=True)) == [1, 2]
