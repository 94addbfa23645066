"""The units of a dispatch under SKUs the order knows; where nobody knows one, the Default SKU may stand in (R114, D1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from connectors.canonical import CodeKind
from mappings.errors import TO_CHANNEL, CodeKey, UnmappedCode
from mappings.resolve import skus_to_channel, unmapped_sku
from mappings.resolved import DEFAULT_SKU, LetThrough
from portal.connections.models import Integration, Mode
from portal.ledger.models import SalesOrder, Shipment


@dataclass
class Units:
    """`skus`: order line → the SKU the hub ships it under. `known_as`: what the hub shipped → one of those."""

    order: SalesOrder
    integration: Integration
    skus: dict[str, str]
    at: datetime
    known_as: dict[str, str] = field(default_factory=dict)

    def look_up(self, shipments: Iterable[Shipment]) -> None:
        """Learn what the order's lines do not name themselves: another name of theirs, or the Default SKU."""
        mine = set(self.skus.values())
        strange = {line.sku for one in shipments for line in one.lines.all()} - mine
        if not strange:
            return
        by_sku = {line.sku: self.skus[line.reference] for line in self.order.lines.all() if line.reference in self.skus}
        found = skus_to_channel(sorted(strange), self.integration, self.at)
        self.known_as = {sku: by_sku[answer.value] for sku, answer in found.items() if answer.value in by_sku}
        stand_in = by_sku.get(self.integration.default_sku) if self.may_stand_in else None
        if stand_in is not None:
            self.known_as |= dict.fromkeys(strange - self.known_as.keys(), stand_in)

    @property
    def may_stand_in(self) -> bool:
        """Where order fulfilments are fetched and nothing else; never on an order, in stock or for a refund."""
        return bool(self.integration.default_sku) and self.integration.mode == Mode.FETCH

    def of(self, shipment: Shipment) -> list[tuple[str, int]]:
        return [(self.known_as.get(line.sku, line.sku), line.quantity) for line in shipment.lines.all()]

    def check(self, shipment: Shipment) -> tuple[LetThrough, ...]:
        """The uses of the Default SKU in this shipment. UnmappedCode where fulfilments are fetched and an item is nobody's."""
        mine = set(self.skus.values())
        strange = sorted({line.sku for line in shipment.lines.all()} - mine)
        unknown = [sku for sku in strange if sku not in self.known_as]
        if unknown and self.integration.mode == Mode.FETCH:
            raise self.question(unknown[0])
        stand_ins = [sku for sku in strange if sku in self.known_as and self.is_stand_in(sku)]
        return tuple(self.use(sku) for sku in stand_ins)

    def is_stand_in(self, sku: str) -> bool:
        answer = skus_to_channel([sku], self.integration, self.at).get(sku)
        return answer is None or answer.value not in {line.sku for line in self.order.lines.all()}

    def question(self, sku: str) -> UnmappedCode:
        asked = unmapped_sku(sku, integration=self.integration, direction=TO_CHANNEL)
        asked.detail = f"the warehouse shipped it, and order {self.order.number} has no line for it"
        if self.may_stand_in:
            asked.detail += f", nor one for the Default SKU {self.integration.default_sku}"
        return asked

    def use(self, sku: str) -> LetThrough:
        key = str(CodeKey(CodeKind.SKU, self.integration.pk, TO_CHANNEL, "", sku))
        name = self.integration.default_sku
        return LetThrough(
            name, name, CodeKind.SKU.value, None, None, DEFAULT_SKU, self.integration.pk, key=key, asked=sku, direction=TO_CHANNEL, told=True
        )
