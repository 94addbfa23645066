"""Stock that moves: levels by item and facility, what orders hold of them, and the ledger of changes."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.deposco.models import Adjustment, Item, Level, Line, Order, Part
from connectors.sandbox.deposco.store import State


def shift(here: State, item_id: int, facility: str, *, at: datetime, on_hand: int = 0, allocated: int = 0, demand: int = 0) -> Level:
    """Change a level by differences, in single units."""
    level = here.level(item_id, facility)
    level.on_hand += on_hand
    level.allocated += allocated
    level.demand += demand
    here.stock_changed.touch(item_id, at=at)
    return level


def adjust(here: State, item: Item, facility: str, quantity: int, *, reason: str, at: datetime) -> Level:
    """A count, a delivery or a breakage: on hand changes, and the ledger says why."""
    row = Adjustment(here.next_id("adjustment"), item.company, facility, item.id, quantity, "Adjustment", reason, at)
    here.adjustments.append(row)
    return shift(here, item.id, facility, at=at, on_hand=quantity)


def unallocated(level: Level) -> int:
    """Never below nothing, as the vendor's sample shows it."""
    return max(0, level.on_hand - level.allocated)


def promise(here: State, level: Level) -> int:
    """Available to promise; it does go below nothing. Tenants differ in what they subtract."""
    return level.on_hand - level.allocated - (level.demand if here.settings.atp_counts_demand else 0)


def assign(here: State, order: Order, line: Line, packs: int, *, at: datetime) -> Part:
    """Give packs of a line to a facility: the order's own, else the first that can promise them all, else the first."""
    facility = order.facility or covering(here, line.item_id, packs * line.size)
    part = line.part(facility)
    part.packs += packs
    shift(here, line.item_id, facility, at=at, demand=packs * line.size)
    return part


def covering(here: State, item_id: int, units: int) -> str:
    levels = here.stock[item_id]
    for name in here.facilities:
        level = levels.get(name)
        if level is not None and level.on_hand - level.allocated - level.demand >= units:
            return name
    return next(iter(here.facilities))


def allocate(here: State, line: Line, part: Part, *, at: datetime) -> int:
    """Hold what there is for the packs that hold nothing yet; how many packs are still short."""
    wanted = part.packs - part.shipped - part.allocated
    free = unallocated(here.level(line.item_id, part.facility))
    got = min(wanted, free // line.size)
    if got > 0:
        part.allocated += got
        shift(here, line.item_id, part.facility, at=at, allocated=got * line.size, demand=-got * line.size)
    return wanted - max(0, got)


def let_go(here: State, line: Line, part: Part, packs: int, *, at: datetime) -> None:
    """Turn held packs back into open demand."""
    if packs > 0:
        part.allocated -= packs
        shift(here, line.item_id, part.facility, at=at, allocated=-packs * line.size, demand=packs * line.size)


def take_off(here: State, line: Line, part: Part, packs: int, *, at: datetime) -> None:
    """Cancel packs of a part: those that hold nothing go first."""
    held = max(0, packs - (part.packs - part.shipped - part.allocated))
    let_go(here, line, part, held, at=at)
    part.packs -= packs
    shift(here, line.item_id, part.facility, at=at, demand=-packs * line.size)
    for count in ("released", "picked", "packed", "loaded", "short"):
        setattr(part, count, min(getattr(part, count), part.packs))


def send_out(here: State, line: Line, part: Part, packs: int, *, at: datetime) -> None:
    """Packs leave the house (or come back into it, if negative)."""
    units = packs * line.size
    part.shipped += packs
    part.allocated -= packs
    shift(here, line.item_id, part.facility, at=at, on_hand=-units, allocated=-units)
