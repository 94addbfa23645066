"""Stock that moves: levels, their ledger, and who gets what becomes free."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.veeqo.answers import stamp
from connectors.sandbox.veeqo.models import StockEntry
from connectors.sandbox.veeqo.store import State


def move(state: State, entry: StockEntry, *, at: datetime, reason: str, physical: int = 0, allocated: int = 0) -> None:
    """Change an entry by differences; the product's `updated_at` follows (that is the stock-change feed)."""
    entry.physical += physical
    entry.allocated += allocated
    entry.updated_at = at
    sellable = state.sellables[entry.sellable_id]
    state.touch_product(sellable.product_id, at=at)
    if physical:
        state.histories[entry.sellable_id].appendleft(
            {
                "id": state.next_id("history"),
                "increased": physical > 0,
                "decreased": physical < 0,
                "quantity": abs(physical),
                "stock_level": entry.physical,
                "created_at": stamp(at),
                "action": {"name": reason, "summary": reason.replace("_", " ").capitalize()},
                "warehouse_id": entry.warehouse_id,
            }
        )


def set_level(state: State, entry: StockEntry, *, at: datetime, physical: int) -> None:
    """An absolute on-hand figure, as the stock entry endpoint takes it: no compare-and-set."""
    move(state, entry, at=at, reason="manual_adjustment", physical=physical - entry.physical)
