"""Filter rows: every one must hold for an order to take part (R112, R113)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.connections.filters import FIELDS, TESTS, first_refusal, is_known_field
from portal.connections.models import FilterRow, Operator


class Order:
    """Only what a filter asks of an order."""

    def __init__(self, **values) -> None:
        self.values = values

    def filter_values(self, field):
        value = self.values.get(field, "")
        return value if isinstance(value, list) else [value]


def passes(field, operator, wanted, value) -> bool:
    return first_refusal([FilterRow(field=field, operator=operator, value=wanted)], Order(**{field: value})) is None


# operator, what the row says, what holds, what does not
CASES = [
    (Operator.EQUALS, "GB", ["GB", "gb"], ["GBR", ""]),
    (Operator.NOT_EQUALS, "GB", ["FR", ""], ["GB", "gb"]),
    (Operator.CONTAINS, "lee", ["Leeds", "BALEEN"], ["York"]),
    (Operator.NOT_CONTAINS, "lee", ["York", ""], ["Leeds"]),
    (Operator.STARTS, "LS", ["LS1 1AA", "ls2"], ["YO LS"]),
    (Operator.ENDS, ".com", ["a@b.COM"], ["a@b.com.au"]),
    (Operator.ONE_OF, "GB, ie ,", ["GB", "IE"], ["FR", ""]),
    (Operator.GREATER, "9", ["10", "9.01"], ["9", "8", "-10"]),
    (Operator.LESS, "100.00", ["99.99", "20"], ["100", "100.0", "1000"]),
    (Operator.EMPTY, "", [""], ["x"]),
    (Operator.NOT_EMPTY, "", ["x", " "], [""]),
]


class TestAFilterRow:
    @pytest.mark.parametrize(("operator", "wanted", "value"), [(one, wanted, value) for one, wanted, good, _ in CASES for value in good])
    def test_holds(self, operator, wanted, value):  # R113
        assert passes("total", operator, wanted, value)

    @pytest.mark.parametrize(("operator", "wanted", "value"), [(one, wanted, value) for one, wanted, _, bad in CASES for value in bad])
    def test_does_not_hold(self, operator, wanted, value):  # R113
        assert not passes("total", operator, wanted, value)

    def test_has_a_test_for_every_operator(self):
        assert set(TESTS) == set(Operator.values) == {operator for operator, *_ in CASES}

    def test_holds_when_any_of_several_values_does(self):
        assert passes("tag", Operator.EQUALS, "gift", ["express", "gift"])

    def test_that_denies_holds_only_when_none_of_several_values_does(self):
        assert not passes("tag", Operator.NOT_EQUALS, "gift", ["express", "gift"])
        assert passes("tag", Operator.NOT_EQUALS, "gift", [])

    def test_knows_the_fields_of_orders_and_any_extra_one(self):
        assert all(map(is_known_field, [*FIELDS, "extra.loyalty"]))
        assert not any(map(is_known_field, ["extra.", "colour", ""]))


class TestFilterRows:
    def test_must_all_hold_and_the_first_that_does_not_is_named(self):  # R112
        rows = [FilterRow(field=field, operator=Operator.EQUALS, value=value) for field, value in (("store", "uk"), ("country", "GB"), ("tag", "x"))]

        assert first_refusal(rows, Order(store="uk", country="FR")) is rows[1]

    def test_let_everything_through_where_there_are_none(self):
        assert first_refusal([], Order()) is None


OPPOSITES = [
    (Operator.EQUALS, Operator.NOT_EQUALS),
    (Operator.CONTAINS, Operator.NOT_CONTAINS),
    (Operator.EMPTY, Operator.NOT_EMPTY),
]
texts, several = st.text(max_size=12), st.lists(st.text(max_size=12), max_size=4)


class TestEveryFilterRow:
    """R113: whatever is in an order and in a row, there is an answer, and it makes sense."""

    @given(st.sampled_from(Operator.values), texts, several)
    @example(Operator.GREATER, "nan", ["5"])
    @example(Operator.LESS, "5", ["sNaN", "Infinity"])
    def test_has_an_answer(self, operator, wanted, seen):
        assert passes("tag", operator, wanted, seen) in (True, False)

    @given(st.sampled_from(OPPOSITES), texts, several)
    def test_and_its_opposite_never_agree(self, pair, wanted, seen):
        assert passes("tag", pair[0], wanted, seen) != passes("tag", pair[1], wanted, seen)

    @given(texts, texts, texts)
    def test_finds_what_is_there(self, before, wanted, after):
        assert passes("note", Operator.CONTAINS, wanted, before + wanted + after) or (before + wanted + after).casefold() != (
            before.casefold() + wanted.casefold() + after.casefold()
        )

    @given(st.decimals(allow_nan=False, allow_infinity=False, places=2), st.decimals(allow_nan=False, allow_infinity=False, places=2))
    def test_compares_numbers_as_numbers(self, seen, wanted):
        assert passes("total", Operator.GREATER, str(wanted), str(seen)) == (seen > wanted)
        assert passes("total", Operator.LESS, str(wanted), str(seen)) == (seen < wanted)

    @given(st.lists(st.tuples(st.sampled_from(["store", "tag"]), st.sampled_from(Operator.values), texts), max_size=4), texts, several)
    def test_more_rows_never_let_more_through(self, wanted, store, tags):  # R112
        rows = [FilterRow(field=field, operator=operator, value=value) for field, operator, value in wanted]
        answers = [first_refusal(rows[:count], Order(store=store, tag=tags)) is None for count in range(len(rows) + 1)]

        assert answers == sorted(answers, reverse=True)
