"""The order's lines, each with the units that have shipped, and where each parcel is."""

from __future__ import annotations

from dataclasses import dataclass

from mappings.resolve import skus_to_hub
from portal.dashboard.journey import Journey
from portal.ledger.models import OrderLine
from portal.sync.dispatch_lines import spread


@dataclass(frozen=True)
class LineShown:
    """`hub_sku` only where the warehouse calls it something else; `unknown`: nothing says what the warehouse calls it."""

    line: OrderLine
    sku: str
    hub_sku: str
    unknown: bool
    shipped: int

    @property
    def corrected(self) -> bool:
        return self.sku != self.line.sku

    @property
    def tone(self) -> str:
        return "good" if self.shipped >= self.line.wanted else "wait" if self.shipped else "quiet"


@dataclass(frozen=True)
class Lines:
    """All lines, and units that were shipped but belong to no line."""

    rows: list[LineShown]
    beyond: dict[str, int]

    @property
    def wanted(self) -> int:
        return sum(row.line.wanted for row in self.rows if not row.line.is_extra)

    @property
    def shipped(self) -> int:
        return sum(row.shipped for row in self.rows)


def lines_of(journey: Journey) -> Lines:
    """Shipments are laid over the lines exactly as the corridor does when it tells the channel."""
    order = journey.order
    skus = {line.reference: str(order.corrections.get(f"line.{line.reference}.sku") or line.sku) for line in journey.lines}
    goods = [skus[line.reference] for line in journey.lines if not line.is_extra]
    known = skus_to_hub(goods, order.integration, journey.at) if order.integration else {}
    hub_skus = {reference: known[sku].value if sku in known else sku for reference, sku in skus.items()}
    taken: dict[str, int] = {}
    beyond: dict[str, int] = {}
    for shipment in journey.living_shipments:
        share = spread([(line.sku, line.quantity) for line in shipment.lines.all()], journey.lines, taken=taken, sku_of=hub_skus)
        beyond = {sku: beyond.get(sku, 0) + share.beyond.get(sku, 0) for sku in {*beyond, *share.beyond}}
    rows = [
        LineShown(
            line,
            sku=skus[line.reference],
            hub_sku=hub_skus[line.reference] if hub_skus[line.reference] != skus[line.reference] else "",
            unknown=bool(order.integration) and not line.is_extra and skus[line.reference] not in known,
            shipped=taken.get(line.reference, 0),
        )
        for line in journey.lines
    ]
    return Lines(rows, beyond)
