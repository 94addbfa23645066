"""Goods that come back: returns booked by staff, received in part, damaged or not."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.deposco import stock
from connectors.sandbox.deposco.answers import invalid
from connectors.sandbox.deposco.floor import Units
from connectors.sandbox.deposco.lifecycle import changed
from connectors.sandbox.deposco.models import RETURN, Line, Order, Receipt
from connectors.sandbox.deposco.order_write import SentLine, SentOrder, create
from connectors.sandbox.deposco.store import State

DISPOSITIONS = ("Crossdock", "Destroy", "Hold", "Quarantine", "Return to Shipper", "Returns Processing", "Stock")


def book(here: State, order: Order, *, number: str, units: Units | None, facility: str, at: datetime) -> Order:
    """Staff announce a return of what was shipped, all of it if nothing is named."""
    lines = []
    for line in order.lines:
        item = here.items[line.item_id]
        packs = line.sum("shipped") if units is None else units.get(item.number, 0)
        if packs:
            pack = next(each for each in item.packs if each.id == line.pack_id)
            lines.append(SentLine(line.number, item, pack, packs, {}))
    if not lines:
        raise invalid(f"Nothing of order {order.number} can be returned")
    given = {"customerOrderNumber": order.fields["customerOrderNumber"]} if "customerOrderNumber" in order.fields else {}
    sent = SentOrder(order.company, RETURN, number, given, tuple(lines), status="New", facility=facility, parent_id=order.id)
    return create(here, sent, at=at)


def receive(
    here: State, order: Order, *, at: datetime, units: Units | None = None, damaged: Units | None = None, disposition: str = "Stock"
) -> list[Receipt]:
    """Receive packs of a return (all that is open if none are named); `damaged` of them are broken and never go to stock."""
    if order.status in ("Canceled", "Hold"):
        raise invalid(f"Return {order.number} cannot be received while in the status of [{order.status}].")
    if disposition not in DISPOSITIONS:
        raise ValueError(f"no such disposition: {disposition}")
    left, broken = dict(units or {}), dict(damaged or {})
    made = []
    for line in order.lines:
        sku = here.items[line.item_id].number
        open = line.open - line.received
        packs = open if units is None else min(open, left.get(sku, 0))
        bad = min(packs, broken.get(sku, 0))
        left[sku], broken[sku] = left.get(sku, 0) - packs, broken.get(sku, 0) - bad
        if packs:
            made.append(receive_line(here, order, line, packs, bad=bad, disposition=disposition, at=at))
    order.base = "Receiving"
    changed(here, order, at=at)
    return made


def receive_line(here: State, order: Order, line: Line, packs: int, *, bad: int, disposition: str, at: datetime) -> Receipt:
    line.received += packs
    line.damaged += bad
    line.updated_at = at
    receipt = Receipt(here.next_id("receipt"), order.id, line.id, packs, bad, disposition, at)
    here.receipts[receipt.id] = receipt
    here.receipts_of[line.id].append(receipt.id)
    here.receipts_at[order.company].append(receipt.id)
    good = (packs - bad) * line.size
    if disposition == "Stock" and good and order.facility:
        stock.shift(here, line.item_id, order.facility, at=at, on_hand=good)
    credit(here, order, line, packs, at=at)
    return receipt


def credit(here: State, order: Order, line: Line, packs: int, *, at: datetime) -> None:
    """The sales order that the return belongs to shows what came back."""
    sold = here.orders.get(order.parent_id or 0)
    if sold is None:
        return
    for each in sold.lines:
        if (each.item_id, each.pack_id) == (line.item_id, line.pack_id):
            taken = min(packs, each.sum("shipped") - each.returned)
            each.returned += taken
            packs -= taken
            each.updated_at = at
    changed(here, sold, at=at)
