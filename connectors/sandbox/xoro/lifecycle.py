"""The status of a sales order, which follows from its lines, its release and its invoices; and the demand its lines make."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.xoro.models import Line, Order
from connectors.sandbox.xoro.stock import Txn, move, row_of
from connectors.sandbox.xoro.store import State

RELEASED, PART_SHIPPED, SHIPPED, INVOICED, CLOSED, CANCELLED = "Released", "Partially Shipped", "Shipped", "Invoiced", "Closed", "Cancelled"


def derive(order: Order, *, open_name: str) -> str:
    shipped = sum(line.shipped for line in order.lines)
    still_open = sum(line.open for line in order.lines)
    if order.closed:
        return CLOSED
    if order.cancelled or (not shipped and not still_open):
        return CANCELLED
    if not still_open:
        return INVOICED if order.invoiced else SHIPPED
    if shipped:
        return PART_SHIPPED
    return RELEASED if order.released else open_name


def line_status(order: Order, line: Line) -> str:
    if line.open:
        return PART_SHIPPED if line.shipped else order.status if order.status != PART_SHIPPED else RELEASED
    if not line.shipped:
        return CANCELLED
    return CLOSED if line.cancelled else SHIPPED


def unwaved(order: Order) -> int:
    return sum(line.open - line.allocated for line in order.lines)


def changed(here: State, order: Order, *, at: datetime) -> None:
    """Recompute the order's status and put it where the indexes expect it. To be called after every change."""
    status = derive(order, open_name=here.settings.open_name)
    if status != order.status:
        here.by_status[order.status.lower()].discard(order.id)
        here.by_status[status.lower()].add(order.id)
        order.status = status
    if order.released and unwaved(order) > 0:
        here.waiting[order.store_id].add(order.id)
    else:
        here.waiting[order.store_id].discard(order.id)
    here.touch_order(order, at=at)


def set_line(here: State, order: Order, line: Line, *, txn: Txn, **values: int) -> None:
    """Set quantities of a line (qty, shipped, cancelled); the store's demand follows what is still open."""
    before = line.open
    for name, value in values.items():
        setattr(line, name, value)
    move(here, row_of(here, line.item_id, order.store_id), txn=txn, on_so=line.open - before)
