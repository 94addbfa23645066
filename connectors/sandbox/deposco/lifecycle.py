"""The states of an order: what they follow from, and what may still be done in each."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.deposco import stock
from connectors.sandbox.deposco.answers import invalid
from connectors.sandbox.deposco.models import RETURN, Line, Order, Part
from connectors.sandbox.deposco.store import State

OPEN = ("Draft", "New", "Hold", "Ready for Fulfillment", "Wave Built", "Back Ordered")
RAISABLE = ("Partially Released", "Released")
CANCELLABLE = ("New", "Hold", "Ready for Fulfillment", "Wave Built", "Back Ordered")
WAITING = ("Ready for Fulfillment", "Wave Built", "Back Ordered")
SALES_MOVES = {"Draft": ("New", "Hold", "Canceled"), "New": ("Hold", "Canceled"), "Hold": ("New", "Canceled")}
SALES_MOVES |= dict.fromkeys(WAITING, ("New", "Hold", "Canceled"))
RETURN_MOVES = {"New": ("Canceled",), "Receiving": ("Canceled",)}
MOVES = {RETURN: RETURN_MOVES}
# From the most advanced stage to the least: what the order reads as when all its packs have come so far, and when some have.
STAGES: tuple[tuple[str, str, str], ...] = (
    ("shipped", "Ship Complete", "Partially Shipped"),
    ("loaded", "Loaded", "Partially Loaded"),
    ("packed", "Staged", "Partially Staged"),
)
STAGES += (("picked", "Pick Complete", "Picking"), ("released", "Released", "Partially Released"))
LINE_STAGES = (("shipped", "Complete", "In Progress"), ("picked", "Awaiting Shipment", "Picking"), ("released", "Released", "Partial Released"))
LINE_BASES = {"Draft": "Draft", "Wave Built": "Wave Built", "Ready for Fulfillment": "Open"}
NOT_HERE = "are not accepted for order at this API Endpoint"


def derive(order: Order) -> str:
    """The header reads as the most advanced stage that any of its packs has reached."""
    open = sum(line.open for line in order.lines)
    if order.base == "Canceled" or (order.lines and not open):
        return "Canceled"
    if order.type == RETURN:
        return derive_return(order, open)
    for count, all_of_it, some_of_it in STAGES:
        reached = order.count(count)
        if reached:
            begun = count == "released" and order.picking
            return "Picking" if begun else all_of_it if reached >= open else some_of_it
    return order.base


def derive_return(order: Order, open: int) -> str:
    received = sum(line.received for line in order.lines)
    if received:
        return "Received" if received >= open else "Partial Receipt"
    return order.base


def line_status(order: Order, line: Line) -> str:
    if not line.open or order.status == "Canceled":
        return "Canceled"
    if order.type == RETURN:
        return return_line_status(order, line)
    if line.returned:
        return "Returned" if line.returned >= line.sum("shipped") else "Partial Returned"
    for count, all_of_it, some_of_it in LINE_STAGES:
        reached = line.sum(count)
        if reached:
            begun = count == "released" and order.picking
            return "Picking" if begun else all_of_it if reached >= line.open else some_of_it
    return "Back Ordered" if line.back_ordered != "Not Back Ordered" else LINE_BASES.get(order.base, "New")


def return_line_status(order: Order, line: Line) -> str:
    if line.received:
        return "Received" if line.received >= line.open else "Partial Receipt"
    return "Receiving" if order.base == "Receiving" else "New"


def changed(here: State, order: Order, *, at: datetime) -> None:
    """Recompute the status and put the order where the indexes expect it. To be called after every change."""
    status = derive(order)
    if status != order.status:
        here.by_status[order.type, order.status].pop(order.id, None)
        here.by_status[order.type, status][order.id] = None
        order.status = status
    order.updated_at = at
    here.orders_changed.touch(order.id, at=at)
    for line in order.lines:
        short = line.back_ordered != "Not Back Ordered" and line.open and status != "Canceled"
        if short:
            here.waiting[line.item_id].add(order.id)
        elif line.item_id in here.waiting:
            here.waiting[line.item_id].discard(order.id)


def locked(order: Order) -> str:
    """The sentence for a change that comes too late."""
    word = "Order" if order.type != RETURN else "Customer Return"
    allowed = ", ".join(OPEN)
    return (
        f"{word} {order.number} cannot be updated while in the status of [{order.status}]. "
        f"Updates can be made when in the following statuses: {allowed}"
    )


def not_cancellable(order: Order) -> str:
    return f"Order {order.number} cannot be canceled while in the status of [{order.status}]."


def move_to(here: State, order: Order, value: str, *, at: datetime) -> None:
    """POST …/status?value=: from Released on nothing moves any more."""
    if order.customer_order:
        raise invalid(f"Order status updates {NOT_HERE}")
    moves = MOVES.get(order.type, SALES_MOVES).get(order.status, ())
    if value not in moves:
        raise invalid(f"Order {order.number} cannot be moved to [{value}] while in the status of [{order.status}].")
    if value == "Canceled":
        cancel_all(here, order, at=at)
        return
    unwave(here, order, at=at)
    order.base = value
    changed(here, order, at=at)


def unwave(here: State, order: Order, *, at: datetime) -> None:
    """Out of the wave again, as long as nothing was released."""
    order.wave = None
    for line in order.lines:
        line.back_ordered = "Not Back Ordered"
        for part in line.parts:
            stock.let_go(here, line, part, part.allocated, at=at)


def cancel_all(here: State, order: Order, *, at: datetime) -> None:
    for line in order.lines:
        for part in line.parts:
            stock.take_off(here, line, part, part.packs - part.shipped, at=at)
        line.canceled = line.ordered - line.sum("shipped")
        line.updated_at = at
    if not order.count("shipped"):
        order.base = "Canceled"
    changed(here, order, at=at)


def room(order: Order, line: Line, *, facility: str = "", forced: bool = False) -> list[tuple[Part, int]]:
    """How many packs of each part can still be cancelled: nothing released, unless the warehouse does it (then nothing packed)."""
    return [(part, part.packs - (part.packed if forced else part.released)) for part in line.parts if facility in ("", part.facility)]


def refuse_cancel(order: Order, line: Line, packs: int, *, facility: str = "", forced: bool = False) -> None:
    free = sum(each for _, each in room(order, line, facility=facility, forced=forced))
    free = line.open - line.received if order.type == RETURN else free
    if packs > free:
        raise invalid(f"Only {free} packs of line {line.number} of order {order.number} can be canceled")


def cancel_line(here: State, order: Order, line: Line, packs: int, *, at: datetime, facility: str = "", forced: bool = False) -> None:
    refuse_cancel(order, line, packs, facility=facility, forced=forced)
    left = packs
    for part, free in sorted(room(order, line, facility=facility, forced=forced), key=lambda pair: pair[0].allocated):
        taken = min(left, free)
        take_part(here, line, part, taken, at=at)
        left -= taken
    line.canceled += packs
    line.updated_at = at


def take_part(here: State, line: Line, part: Part, packs: int, *, at: datetime) -> None:
    if packs <= 0:
        return
    stock.take_off(here, line, part, packs, at=at)
    if not part.packs - part.shipped - part.allocated:
        line.back_ordered = "Not Back Ordered"
