"""Waves: released orders put on the pick batch of one store, and what reserves and frees their units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from connectors.sandbox.xoro.answers import Refused
from connectors.sandbox.xoro.lifecycle import changed, unwaved
from connectors.sandbox.xoro.models import Order, Wave, WaveLine
from connectors.sandbox.xoro.stock import Txn, begin, listed_row, move, row_of
from connectors.sandbox.xoro.store import State

RELEASED, PICKED, PACKED, SHIPPED, CLOSED, VOID = "Released", "Picked", "Packed", "Shipped", "Closed", "Void"
OPEN_STATES = (RELEASED, PICKED, PACKED)


def generate(
    here: State, *, store_id: int, at: datetime, orders: Iterable[Order], mode: str = "", size: int = 0, locked: bool | None = None
) -> list[Wave]:
    """Waves for these orders; those without stock, or not released, are left waiting."""
    size = size or here.settings.wave_size
    made: list[Wave] = []
    for order in orders:
        taken = allocatable(here, order, mode or here.settings.wave_mode)
        if order.store_id != store_id or not taken:
            continue
        if not made or len(made[-1].order_ids) >= size:
            made.append(new_wave(here, store_id, locked=here.settings.create_locked_wave if locked is None else locked, at=at))
        put_on(here, made[-1], order, taken, at=at)
    return made


def allocatable(here: State, order: Order, mode: str) -> dict[int, int]:
    """Units by line that a wave would take: "Full Order(s) Only", "Full Qty Line(s) Only", or "Allocate What's Available"."""
    if not order.released or not unwaved(order):
        return {}
    left: Counter[int] = Counter()
    taken: dict[int, int] = {}
    for line in order.lines:
        wanted = line.open - line.allocated
        if line.item_id not in left:
            left[line.item_id] = max(0, row_of(here, line.item_id, order.store_id).available)
        units = min(wanted, left[line.item_id])
        if units < wanted and mode == "full_orders":
            return {}
        if units and (units == wanted or mode != "full_lines"):
            taken[line.id] = units
            left[line.item_id] -= units
    return taken


def new_wave(here: State, store_id: int, *, locked: bool, at: datetime) -> Wave:
    wave = Wave(here.next_id("wave"), here.next_number("W"), store_id, at, locked)
    here.waves[wave.id] = wave
    here.wave_numbers[wave.number] = wave.id
    set_status(here, wave, RELEASED)
    return wave


def set_status(here: State, wave: Wave, status: str) -> None:
    here.waves_by_status[wave.status.lower()].discard(wave.id)
    here.waves_by_status[status.lower()].add(wave.id)
    wave.status = status


def put_on(here: State, wave: Wave, order: Order, taken: dict[int, int], *, at: datetime) -> None:
    txn = begin(here, "wave", wave.number)
    for line in order.lines:
        if line.id in taken:
            wave.lines.append(WaveLine(order.id, line.id, line.item_id, taken[line.id]))
            line.allocated += taken[line.id]
            move(here, listed_row(here, line.item_id, order.store_id), txn=txn, allocated=taken[line.id])
    wave.order_ids.append(order.id)
    order.wave_ids.append(wave.id)
    changed(here, order, at=at)


def lines_of(wave: Wave, order: Order) -> list[WaveLine]:
    return [line for line in wave.lines if line.order_id == order.id]


def give_back(here: State, wave: Wave, line: WaveLine, *, units: int, txn: Txn) -> None:
    """Unallocate units of a wave line."""
    order = here.orders[line.order_id]
    line.closed += units
    next(each for each in order.lines if each.id == line.line_id).allocated -= units
    move(here, row_of(here, line.item_id, wave.store_id), txn=txn, allocated=-units)


def close_lines(here: State, wave: Wave, lines: Sequence[WaveLine], *, kind: str = "void") -> None:
    txn = begin(here, kind, wave.number)
    for line in lines:
        give_back(here, wave, line, units=line.open, txn=txn)


def refresh(here: State, wave: Wave) -> None:
    """A wave without open lines is done: shipped if all of it went out, else closed, or void if nothing did."""
    if wave.status == VOID or any(line.open for line in wave.lines):
        return
    shipped = any(line.shipped for line in wave.lines)
    short = any(line.closed for line in wave.lines)
    set_status(here, wave, VOID if not shipped else CLOSED if short else SHIPPED)


def check_unlocked(here: State, wave: Wave) -> None:
    if wave.locked and not here.settings.force_void_wave:
        raise Refused(f"Wave {wave.number} is locked.", 1022)


def void(here: State, wave: Wave, *, at: datetime) -> None:
    """Take the whole wave back: its orders wait for another one. A locked wave stays, unless waves are voided by force."""
    if wave.status not in OPEN_STATES or any(line.shipped for line in wave.lines):
        raise Refused(f"Wave {wave.number} cannot be voided.", 1023)
    check_unlocked(here, wave)
    close_lines(here, wave, wave.lines)
    set_status(here, wave, VOID)
    for id in wave.order_ids:
        changed(here, here.orders[id], at=at)


def open_waves(here: State, order: Order) -> list[Wave]:
    return [
        wave for wave in (here.waves[id] for id in order.wave_ids) if wave.status in OPEN_STATES and any(line.open for line in lines_of(wave, order))
    ]


def take_off(here: State, order: Order) -> None:
    """Take an order off its waves; a wave left with nothing is void, and one with other orders no longer names this one."""
    found = open_waves(here, order)
    for wave in found:
        check_unlocked(here, wave)
    for wave in found:
        mine = lines_of(wave, order)
        close_lines(here, wave, mine)
        if len(wave.order_ids) > 1 and not any(line.shipped for line in mine):
            wave.order_ids.remove(order.id)
        refresh(here, wave)


def shrink(here: State, order: Order, line_id: int, *, units: int) -> None:
    """Give back allocated units of one line, because less of it is wanted."""
    txn = begin(here, "edit", order.number)
    for wave in reversed(open_waves(here, order)):
        for line in lines_of(wave, order):
            if line.line_id == line_id and units > 0 and line.open:
                freed = min(units, line.open)
                give_back(here, wave, line, units=freed, txn=txn)
                units -= freed
        refresh(here, wave)


def step(here: State, wave: Wave, status: str) -> None:
    """Picked, then packed."""
    if wave.status not in OPEN_STATES or OPEN_STATES.index(status) < OPEN_STATES.index(wave.status):
        raise Refused(f"Wave {wave.number} is {wave.status}.", 1024)
    set_status(here, wave, status)
