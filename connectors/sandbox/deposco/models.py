"""The things a Deposco tenant holds that move: items, stock, orders, packages, receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]
SALES, RETURN = "Sales Order", "Customer Return"


@dataclass(slots=True)
class Pack:
    """A unit of measure of an item: Each x 1, Case x 12."""

    id: int
    type: str
    quantity: int
    upcs: list[str] = field(default_factory=list)
    own: Json = field(default_factory=dict)


@dataclass(slots=True)
class Item:
    """A SKU of one company; `own` holds the plain fields that people write."""

    id: int
    company: str
    number: str
    created_at: datetime
    updated_at: datetime
    packs: list[Pack] = field(default_factory=list)
    own: Json = field(default_factory=dict)

    def pack(self, quantity: int) -> Pack | None:
        return next((pack for pack in self.packs if pack.quantity == quantity), None)


@dataclass(slots=True)
class Level:
    """What one facility has of one item, in single units; `demand` is ordered and not yet allocated."""

    on_hand: int = 0
    allocated: int = 0
    demand: int = 0


@dataclass(slots=True)
class Part:
    """The packs of a line that one facility is to send; the counts are cumulative, `allocated` is what is held now."""

    facility: str
    packs: int
    allocated: int = 0
    released: int = 0
    picked: int = 0
    packed: int = 0
    loaded: int = 0
    shipped: int = 0
    short: int = 0


@dataclass(slots=True)
class Line:
    """One line of an order; quantities are packs of `size` units."""

    id: int
    order_id: int
    number: str
    item_id: int
    pack_id: int
    size: int
    ordered: int
    created_at: datetime
    updated_at: datetime
    fields: Json = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    canceled: int = 0
    returned: int = 0
    received: int = 0
    damaged: int = 0
    back_ordered: str = "Not Back Ordered"

    @property
    def open(self) -> int:
        return self.ordered - self.canceled

    def sum(self, count: str) -> int:
        return sum(getattr(part, count) for part in self.parts)

    def part(self, facility: str) -> Part:
        """What this facility is to send of the line; an empty part if nothing yet."""
        found = next((part for part in self.parts if part.facility == facility), None)
        if found is None:
            found = Part(facility, 0)
            self.parts.append(found)
        return found


@dataclass(slots=True)
class Order:
    """A sales order or a customer return; `base` is the status while nothing is released."""

    id: int
    type: str
    company: str
    number: str
    created_at: datetime
    updated_at: datetime
    base: str
    status: str = ""
    fields: Json = field(default_factory=dict)
    facility: str | None = None
    parent_id: int | None = None
    lines: list[Line] = field(default_factory=list)
    by_number: dict[str, Line] = field(default_factory=dict)
    shipment_ids: list[int] = field(default_factory=list)
    wave: str | None = None
    picking: bool = False
    customer_order: bool = False

    def count(self, name: str) -> int:
        return sum(line.sum(name) for line in self.lines)


@dataclass(slots=True)
class Container:
    """A package; `packs` by line id."""

    number: str
    lpn: str
    tracking: str | None
    packs: dict[int, int]
    status: str = "New"


@dataclass(slots=True)
class Shipment:
    """What one facility sends for one order, in packages."""

    id: int
    order_id: int
    company: str
    facility: str
    carrier: str
    service: str
    created_at: datetime
    updated_at: datetime
    containers: list[Container] = field(default_factory=list)
    tracking: str | None = None
    status: str = "New"
    shipped_at: datetime | None = None

    @property
    def number(self) -> str:
        return f"SHP-{self.id}"

    def line_ids(self) -> list[int]:
        return list(dict.fromkeys(id for each in self.containers for id in each.packs))

    def packs(self, line_id: int, *, shipped: bool = False) -> int:
        return sum(each.packs.get(line_id, 0) for each in self.containers if not shipped or each.status == "Shipped")


@dataclass(slots=True)
class Receipt:
    """Goods of a return that arrived, one line of it."""

    id: int
    order_id: int
    line_id: int
    packs: int
    damaged: int
    disposition: str
    at: datetime


@dataclass(slots=True)
class Adjustment:
    """One row of the ledger of stock changes."""

    id: int
    company: str
    facility: str
    item_id: int
    quantity: int
    action: str
    reason: str
    at: datetime
