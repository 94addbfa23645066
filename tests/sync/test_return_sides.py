"""The triangle as arithmetic: over any order of events nothing is paid above what was paid, nothing restocked above what came back."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from connectors.canonical import Refund
from portal.sync.kinds.refund import Wanted, open_sum
from portal.sync.returns.sides import ASSESSMENT, Back, Money, Sides, Sold, sides_of
from tests.ledger.orders import NOON

MUGS = Sold("l1", "MUG-1", "MUG-1", 3, Decimal("30.00"), "GBP")
TEES = Sold("l2", "TEE-1", "TEE-1", 2, Decimal("25.01"), "GBP")
LINES = (MUGS, TEES)

units = some.integers(0, 6)
judged = some.none() | units
backs = some.builds(
    Back,
    sku=some.sampled_from(["MUG-1", "TEE-1", "OTHER"]),
    units=units,
    line=some.sampled_from(["", "l1", "l2", "l9"]),
    state=some.sampled_from(["authorised", "in_transit", "received", "assessed", "refunded", "cancelled", "unknown"]),
    received=units,
    sellable=judged,
    damaged=judged,
    missing=judged,
)
moneys = some.builds(
    Money,
    amount=some.decimals(0, 60, places=2),
    line=some.sampled_from(["", "l1", "l2", "l9"]),
    state=some.sampled_from(["REFUNDED", "WAITING_REFUND", "FAILED", ""]),
)
decisions = some.fixed_dictionaries(
    {},
    optional={
        "matched": some.just({"by": "Omar"}),
        "disposition": some.just({"what": "exchanged"}),
        "assessment": some.fixed_dictionaries({"sellable": units, "damaged": units, "missing": units}),
        "released": some.fixed_dictionaries({"amount": some.decimals(0, 100, places=2).map(str)}),
    },
)


def told(**sides: object) -> list[Sides]:
    return sides_of(LINES, **{"channel": (), "hub": (), "money": (), **sides})[0]  # type: ignore[arg-type]


class TestOverAnyEvents:
    @given(some.lists(backs), some.lists(backs), some.lists(moneys), some.dictionaries(some.sampled_from(["l1", "l2"]), decisions))
    def test_no_line_owes_more_than_was_paid(self, channel, hub, money, decided):  # R85
        for sides in told(channel=channel, hub=hub, money=money, decisions=decided):
            assert 0 <= sides.owed <= sides.sold.paid

    @given(some.lists(backs), some.lists(backs), some.dictionaries(some.sampled_from(["l1", "l2"]), decisions))
    def test_no_more_is_counted_sellable_than_came_back(self, channel, hub, decided):  # R91
        for sides in told(channel=channel, hub=hub, decisions=decided):
            assert (sides.sellable or 0) + (sides.damaged or 0) + sides.unassessed == sides.received
            assert sides.received <= sum(max(0, one.received) for one in hub)

    @given(some.lists(backs), some.lists(backs), some.lists(moneys))
    def test_nothing_is_owed_before_goods_came_without_a_second_person(self, channel, hub, money):  # R85
        for sides in told(channel=channel, hub=hub, money=money):
            assert sides.owed == 0 or sides.received > 0

    @given(some.lists(backs, max_size=5), some.permutations(range(8)))
    def test_a_channels_word_counts_the_same_in_any_order(self, channel, order):
        shuffled = [channel[place] for place in order if place < len(channel)]

        assert [one.authorised for one in told(channel=[b for b in channel if b.line])] == [
            one.authorised for one in told(channel=[b for b in shuffled if b.line])
        ]

    @given(some.lists(some.tuples(some.sampled_from(["pay", "lost", "operator"]), units)), some.integers(0, 3))
    def test_what_the_channel_has_paid_never_passes_what_was_paid(self, events, arrived):  # never twice: each payment looks at the total first
        owed = told(channel=[Back("MUG-1", 3, "l1")], hub=[Back("MUG-1", 3, received=arrived)])[0].owed
        there: list[Refund] = []
        for what, count in events:
            amount = open_sum(_wanted(owed), tuple(there)) if what != "operator" else min(Decimal(count), MUGS.paid - _sum(there))
            if amount > 0:
                there.append(Refund(f"f{len(there)}", "o", amount, "GBP", NOON, order_line="l1"))
        by_us = open_sum(_wanted(owed), tuple(there))

        assert _sum(there) + by_us <= MUGS.paid


def _wanted(owed: Decimal) -> Wanted:
    from connectors.canonical import RefundRequest

    return Wanted(RefundRequest("k", "o", owed, "GBP", "l1"), owed, owed, MUGS.paid)


def _sum(there: list[Refund]) -> Decimal:
    return sum((one.amount for one in there), Decimal(0))


class TestPartially:
    def test_returned_units_owe_their_share_and_all_of_them_the_whole_to_the_cent(self):
        shares = [told(channel=[Back("TEE-1", 2, "l2")], hub=[Back("TEE-1", 2, received=count)])[1].owed for count in (0, 1, 2)]

        assert shares == [Decimal(0), Decimal("12.50"), Decimal("25.01")]

    def test_authorised_units_cap_what_is_owed_and_the_rest_is_extra(self):  # R86
        mugs = told(channel=[Back("MUG-1", 1, "l1")], hub=[Back("MUG-1", 3, received=3)])[0]

        assert (mugs.owed, mugs.extra) == (Decimal("10.00"), 2)

    def test_assessed_units_are_what_counts_where_money_goes_back_on_assessment(self):  # R91
        hub = [Back("MUG-1", 3, received=3, sellable=2, damaged=1)]

        assert told(channel=[Back("MUG-1", 3, "l1")], hub=hub, pays_on=ASSESSMENT)[0].owed == Decimal("20.00")


class TestMoneyThatNamesNoLine:
    def test_is_laid_on_what_came_back_and_the_rest_fits_nowhere(self):
        channel, hub = [Back("MUG-1", 3, "l1")], [Back("MUG-1", 3, received=3)]
        found, rest = sides_of(LINES, channel=channel, hub=hub, money=[Money(Decimal("60.00"))])

        assert ([one.refunded for one in found], rest) == ([Decimal("30.00"), Decimal("25.01")], Decimal("4.99"))

    def test_that_failed_gave_nothing_back(self):
        assert told(money=[Money(Decimal(30), "l1", "FAILED")])[0].refunded == 0
