"""What the tenant's users, or a call that is switched on, do with a sales order: enter, release, edit, cancel, close."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from connectors.sandbox.xoro import waves
from connectors.sandbox.xoro.answers import Refused
from connectors.sandbox.xoro.lifecycle import CANCELLED, CLOSED, INVOICED, SHIPPED, changed, set_line
from connectors.sandbox.xoro.models import Json, Line, Order
from connectors.sandbox.xoro.stock import begin, move, row_of
from connectors.sandbox.xoro.store import State

ENDED = (SHIPPED, INVOICED, CLOSED, CANCELLED)


def enter(here: State, *, store_id: int, header: Json, lines: list[Line], at: datetime, released: bool = False) -> Order:
    """A new order; it makes demand at once and is released now, later or by hand."""
    order = Order(here.next_id("order"), here.next_number("S"), store_id, header, lines, at, at)
    here.orders[order.id] = order
    here.by_number[order.number] = order.id
    if header.get("ThirdPartyRefNo"):
        here.by_ref[header["ThirdPartyRefNo"]].append(order.id)
    here.orders_created.touch(order.id, at=at)
    demand(here, order, kind="order", sign=1)
    changed(here, order, at=at)
    if released:
        release(here, order, at=at)
    elif here.settings.auto_release_s is not None:
        here.later(here.settings.auto_release_s, partial(release_if_open, here, order), start=at)
    return order


def demand(here: State, order: Order, *, kind: str, sign: int) -> None:
    txn = begin(here, kind, order.number, source=order.header.get("ThirdPartySource", ""))
    for line in order.lines:
        move(here, row_of(here, line.item_id, order.store_id), txn=txn, on_so=sign * line.open)


def release(here: State, order: Order, *, at: datetime) -> None:
    if order.released or order.status in ENDED:
        raise Refused(f"Sales order {order.number} is already {order.status}.", 1011)
    order.released = True
    changed(here, order, at=at)
    if order.header.get("AutoWaveSalesOrder"):
        wave_it(here, order, at)
    elif here.settings.auto_wave_s is not None:
        here.later(here.settings.auto_wave_s, partial(wave_it, here, order), start=at)


def release_if_open(here: State, order: Order, at: datetime) -> None:
    if not order.released and order.status not in ENDED:
        release(here, order, at=at)


def wave_it(here: State, order: Order, at: datetime) -> None:
    waves.generate(here, store_id=order.store_id, at=at, orders=[order])


def cancel(here: State, order: Order, *, at: datetime) -> None:
    """Nothing may have been shipped; a locked wave keeps its orders."""
    if order.status in ENDED or any(line.shipped for line in order.lines):
        raise Refused(f"Sales order {order.number} is {order.status} and cannot be cancelled.", 1012)
    waves.take_off(here, order)
    order.cancelled = True
    give_up_rest(here, order, kind="cancel", at=at)


def close(here: State, order: Order, *, at: datetime) -> None:
    """No more will be shipped of it."""
    if order.status in (CLOSED, CANCELLED):
        raise Refused(f"Sales order {order.number} is already {order.status}.", 1013)
    waves.take_off(here, order)
    order.closed = True
    give_up_rest(here, order, kind="edit", at=at)


def give_up_rest(here: State, order: Order, *, kind: str, at: datetime) -> None:
    txn = begin(here, kind, order.number)
    for line in order.lines:
        set_line(here, order, line, txn=txn, cancelled=line.qty - line.shipped)
    changed(here, order, at=at)


def check_editable(order: Order) -> None:
    if order.status in ENDED:
        raise Refused(f"Sales order {order.number} is {order.status} and cannot be changed.", 1014)


def check_quantity(here: State, order: Order, line: Line, qty: int) -> None:
    if qty < line.shipped:
        raise Refused(f"Line {line.id} has already shipped {line.shipped}.", 1015)
    if line.allocated > qty - line.shipped:
        for wave in waves.open_waves(here, order):
            waves.check_unlocked(here, wave)


def set_quantity(here: State, order: Order, line: Line, qty: int) -> None:
    """Ask for more or less of a line (checked before); what was shipped stays, what was allocated beyond it is given back."""
    still_open = qty - line.shipped
    if line.allocated > still_open:
        waves.shrink(here, order, line.id, units=line.allocated - still_open)
    txn = begin(here, "edit", order.number)
    if qty > line.shipped:
        set_line(here, order, line, txn=txn, qty=qty, cancelled=0)
    else:
        set_line(here, order, line, txn=txn, cancelled=line.qty - line.shipped)


def add_line(here: State, order: Order, line: Line) -> None:
    order.lines.append(line)
    move(here, row_of(here, line.item_id, order.store_id), txn=begin(here, "edit", order.number), on_so=line.open)


def check_store(order: Order, store_id: int) -> None:
    if store_id != order.store_id and any(line.allocated or line.shipped for line in order.lines):
        raise Refused(f"Sales order {order.number} is on a wave: its store cannot be changed.", 1016)


def move_to_store(here: State, order: Order, store_id: int) -> None:
    demand(here, order, kind="edit", sign=-1)
    here.waiting[order.store_id].discard(order.id)
    order.store_id = store_id
    demand(here, order, kind="edit", sign=1)
