"""How an order moves stock, by its inventory mode, and when the move shows (https://docs.commercetools.com/api/projects/inventory)."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from connectors.sandbox.commercetools.errors import out_of_stock
from connectors.sandbox.commercetools.shapes import Doc
from connectors.sandbox.commercetools.store import State, Work


@dataclass(frozen=True)
class Move:
    """One line's demand on one inventory entry."""

    entry_id: str
    quantity: int
    reserve: bool


def entry_for(state: State, line: Doc) -> str | None:
    """The entry of the line's SKU at its supply channel; a line without channel uses the channel-less entry."""
    sku = line["variant"].get("sku")
    channel = line.get("supplyChannel", {}).get("id", "")
    return state.collections["inventory"].find("pair", (sku, channel)) if sku else None


def plan_stock(work: Work, order: Doc) -> list[Move]:
    """What the order's lines take; refuses the order as a whole when one of them cannot be had."""
    moves, short = [], []
    taken: dict[str, int] = {}
    for line in order["lineItems"]:
        mode = line.get("inventoryMode") or order.get("inventoryMode", "None")
        if mode == "None" or "sku" not in line["variant"]:
            continue
        entry_id = entry_for(work.state, line)
        if entry_id is None or not enough(work.state, entry_id, mode=mode, quantity=line["quantity"] + taken.get(entry_id, 0)):
            short.append(line)
            continue
        taken[entry_id] = taken.get(entry_id, 0) + line["quantity"]
        reserve = mode == "ReserveOnOrder" and work.state.settings.reserve_on_order == "reserve"
        moves.append(Move(entry_id, line["quantity"], reserve))
    if short:
        raise out_of_stock([line["id"] for line in short], [line["variant"].get("sku", "") for line in short])
    return moves


def take_stock(work: Work, moves: list[Move]) -> None:
    for move in moves:
        owe(work.state, move.entry_id, on_stock=0 if move.reserve else -move.quantity, available=-move.quantity)


def enough(state: State, entry_id: str, *, mode: str, quantity: int) -> bool:
    if mode == "TrackOnly":
        return True
    entry = state.collections["inventory"].peek(entry_id)
    available = entry["availableQuantity"] + state.stock_unseen.get(entry_id, 0)
    return available >= quantity or "restockableInDays" in entry


def give_back(work: Work, order: Doc) -> None:
    """The setting `cancel_releases_stock`: a cancelled order returns what it took."""
    for line in order["lineItems"]:
        entry_id = entry_for(work.state, line)
        if entry_id is None or (line.get("inventoryMode") or order.get("inventoryMode", "None")) == "None":
            continue
        reserve = work.state.settings.reserve_on_order == "reserve"
        owe(work.state, entry_id, on_stock=0 if reserve else line["quantity"], available=line["quantity"])


def owe(state: State, entry_id: str, *, on_stock: int, available: int) -> None:
    due = state.later(state.settings.stock_lag_s)
    heapq.heappush(state.stock_due, (due, entry_id, on_stock, available))
    state.stock_unseen[entry_id] = state.stock_unseen.get(entry_id, 0) + available


def show_due_stock(state: State, now: str) -> None:
    """Stock moved by orders shows late, and produces no message."""
    inventory = state.collections["inventory"]
    while state.stock_due and state.stock_due[0][0] <= now:
        _, entry_id, on_stock, available = heapq.heappop(state.stock_due)
        state.stock_unseen[entry_id] -= available
        entry = inventory.get(entry_id)
        if entry is None:
            continue
        entry["quantityOnStock"] += on_stock
        entry["availableQuantity"] += available
        Work(state, now, {"isPlatformClient": True}).replace("inventory", entry)
