"""Which units of which order line a shipment covers: first shipped, first served, never more than was ordered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.canonical import ShipmentLine
from portal.ledger.models import OrderLine


@dataclass
class Spread:
    """Units of one shipment by order line, and those that no line of the order wants."""

    lines: dict[str, int] = field(default_factory=dict)
    beyond: dict[str, int] = field(default_factory=dict)

    def as_lines(self, skus: dict[str, str]) -> tuple[ShipmentLine, ...]:
        return tuple(ShipmentLine(sku=skus[line], quantity=units, order_line=line) for line, units in self.lines.items())


def added(shares: Iterable[Spread]) -> Spread:
    """Several shares as one."""
    whole = Spread()
    for share in shares:
        for mine, theirs in ((whole.lines, share.lines), (whole.beyond, share.beyond)):
            for name, units in theirs.items():
                mine[name] = mine.get(name, 0) + units
    return whole


def spread(units: Iterable[tuple[str, int]], lines: Iterable[OrderLine], *, taken: dict[str, int], sku_of: dict[str, str]) -> Spread:
    """Lay (hub SKU, units) over the order's lines. `taken` (line → units of earlier shipments) is added to; `sku_of` is line → hub SKU."""
    result = Spread()
    wanted = [(line, sku_of.get(line.reference, line.sku)) for line in lines if not line.is_extra]
    for sku, quantity in units:
        left = quantity
        for line, line_sku in wanted:
            if line_sku != sku or left == 0:
                continue
            here = min(left, line.quantity - taken.get(line.reference, 0))
            if here > 0:
                result.lines[line.reference] = result.lines.get(line.reference, 0) + here
                taken[line.reference] = taken.get(line.reference, 0) + here
                left -= here
        if left:
            result.beyond[sku] = result.beyond.get(sku, 0) + left
    return result
