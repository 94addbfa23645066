"""The warehouse floor up to the packing table: waves, releases, picking in part, shortages, splits over facilities."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.deposco import stock
from connectors.sandbox.deposco.answers import invalid
from connectors.sandbox.deposco.lifecycle import changed
from connectors.sandbox.deposco.models import Line, Order, Part
from connectors.sandbox.deposco.store import State

Units = dict[str, int]  # packs by SKU
WAVEABLE: tuple[str, ...] = (
    "New",
    "Ready for Fulfillment",
    "Wave Built",
    "Back Ordered",
    "Partially Released",
    "Released",
    "Picking",
    "Pick Complete",
)
WAVEABLE += ("Partially Staged", "Staged", "Partially Loaded", "Loaded", "Partially Shipped")


def new_wave(here: State) -> str:
    return f"W{here.next_id('wave'):06d}"


def wave(here: State, order: Order, *, number: str, at: datetime) -> None:
    """Put the order on a wave and hold what stock there is for it; without any it is back-ordered."""
    if order.status not in WAVEABLE:
        raise invalid(f"Order {order.number} cannot be waved while in the status of [{order.status}].")
    order.wave = number
    for line in order.lines:
        for part in line.parts:
            part.short = stock.allocate(here, line, part, at=at)
        line.back_ordered = "Back Ordered" if line.sum("short") else "Not Back Ordered"
        line.updated_at = at
    order.base = "Wave Built" if order.count("allocated") or order.count("shipped") else "Back Ordered"
    changed(here, order, at=at)


def release(here: State, order: Order, *, at: datetime) -> None:
    """Hand what is held over to the floor; from here on the order is locked."""
    if order.status == "Hold" or not order.wave:
        raise invalid(f"Order {order.number} cannot be released while in the status of [{order.status}].")
    for line in order.lines:
        for part in line.parts:
            part.released = part.shipped + part.allocated
    changed(here, order, at=at)


def spread(here: State, order: Order, units: Units | None, *, facility: str, low: str, high: str) -> list[tuple[Line, Part, int]]:
    """The packs asked for (all if none are named), laid on the parts that have so many between two of their counts."""
    left = dict(units or {})
    found = []
    for line in order.lines:
        sku = here.items[line.item_id].number
        for part in [each for each in line.parts if facility in ("", each.facility)]:
            free = getattr(part, high) - getattr(part, low)
            taken = max(0, free if units is None else min(free, left.get(sku, 0)))
            left[sku] = left.get(sku, 0) - taken
            if taken:
                found.append((line, part, taken))
    return found


def pick(here: State, order: Order, *, at: datetime, units: Units | None = None, facility: str = "") -> None:
    """Pick in part, or all that is released; picking nothing (`{}`) still starts it."""
    ready(order, "picked")
    for line, part, packs in spread(here, order, units, facility=facility, low="picked", high="released"):
        part.picked += packs
        line.updated_at = at
    order.picking = True
    changed(here, order, at=at)


def ready(order: Order, doing: str) -> None:
    if not order.count("released"):
        raise invalid(f"Order {order.number} cannot be {doing} while in the status of [{order.status}].")


def short(here: State, order: Order, *, at: datetime, units: Units | None = None, facility: str = "") -> None:
    """The picker did not find it: it goes back to open demand and waits for another wave."""
    for line, part, packs in spread(here, order, units, facility=facility, low="picked", high="released"):
        part.released -= packs
        part.short += packs
        stock.let_go(here, line, part, packs, at=at)
        line.back_ordered = "Exception Pick"
        line.updated_at = at
    order.base = "Back Ordered"
    changed(here, order, at=at)


def split(here: State, order: Order, wanted: dict[str, Units], *, at: datetime) -> None:
    """Move packs that are not released yet to other facilities: `{"RNO2": {"TEE-BLK-M": 1}}`."""
    for facility, units in wanted.items():
        if facility not in here.facilities:
            raise ValueError(f"no such facility: {facility}")
        for sku, packs in units.items():
            left = packs
            for line in [each for each in order.lines if here.items[each.item_id].number == sku]:
                left -= move(here, line, facility, left, at=at)
            if left:
                raise invalid(f"Only {packs - left} packs of {sku} of order {order.number} can move to {facility}")
    changed(here, order, at=at)


def move(here: State, line: Line, facility: str, packs: int, *, at: datetime) -> int:
    moved = 0
    for part in [each for each in line.parts if each.facility != facility]:
        taken = min(packs - moved, part.packs - part.released)
        if taken > 0:
            stock.take_off(here, line, part, taken, at=at)
            line.part(facility).packs += taken
            stock.shift(here, line.item_id, facility, at=at, demand=taken * line.size)
            moved += taken
    line.parts = [part for part in line.parts if part.packs]
    return moved
