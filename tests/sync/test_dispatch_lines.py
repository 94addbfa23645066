"""Which units of which line a shipment covers: first shipped, first served, never more than was ordered."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from portal.ledger.models import OrderLine
from portal.sync.dispatch_lines import spread

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the code


def lines(*wanted) -> list[OrderLine]:
    return [OrderLine(reference=reference, sku=sku, quantity=units, is_extra=not sku) for reference, sku, units in wanted]


class TestSpreading:
    def test_fills_the_lines_in_their_order(self):
        result = spread([("MUG", 3)], lines(("1", "MUG", 2), ("2", "MUG", 2)), taken={}, sku_of={})

        assert (result.lines, result.beyond) == ({"1": 2, "2": 1}, {})

    def test_goes_on_where_the_shipment_before_ended(self):  # R63
        order, taken = lines(("1", "MUG", 2), ("2", "MUG", 2)), {}
        spread([("MUG", 3)], order, taken=taken, sku_of={})

        assert spread([("MUG", 1)], order, taken=taken, sku_of={}).lines == {"2": 1}

    def test_reports_what_nobody_ordered(self):
        result = spread([("MUG", 3), ("CAP", 1)], lines(("1", "MUG", 2)), taken={}, sku_of={})

        assert (result.lines, result.beyond) == ({"1": 2}, {"MUG": 1, "CAP": 1})

    def test_knows_the_warehouses_name_of_a_line(self):  # R74
        assert spread([("MUG-NEW", 1)], lines(("1", "MUG", 1)), taken={}, sku_of={"1": "MUG-NEW"}).lines == {"1": 1}

    def test_leaves_out_what_is_no_goods(self):
        assert spread([("", 1)], lines(("1", "", 1)), taken={}, sku_of={}).lines == {}

    @pytest.mark.parametrize("units", [0, -2])
    def test_of_nothing_is_nothing(self, units):
        assert spread([("MUG", units)], lines(("1", "MUG", 2)), taken={}, sku_of={}).lines == {}

    def test_tells_the_channels_own_sku_of_each_line(self):
        result = spread([("MUG-NEW", 1)], lines(("1", "MUG", 1)), taken={}, sku_of={"1": "MUG-NEW"})

        assert [(line.sku, line.quantity, line.order_line) for line in result.as_lines({"1": "MUG"})] == [("MUG", 1, "1")]

    @patient
    @given(
        ordered=some.lists(some.tuples(some.sampled_from("AB"), some.integers(1, 5)), min_size=1, max_size=5),
        shipments=some.lists(some.lists(some.tuples(some.sampled_from("ABC"), some.integers(1, 4)), max_size=3), max_size=5),
    )
    def test_never_ships_more_than_was_ordered_and_loses_no_unit(self, ordered, shipments):  # R64
        order = lines(*[(str(number), sku, units) for number, (sku, units) in enumerate(ordered)])
        taken: dict[str, int] = {}
        for shipment in shipments:
            result = spread(shipment, order, taken=taken, sku_of={})
            assert sum(result.lines.values()) + sum(result.beyond.values()) == sum(units for _, units in shipment)
        assert all(taken.get(line.reference, 0) <= line.quantity for line in order)
