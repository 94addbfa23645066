"""Stock moves by differences, each with the transaction that caused it, and is told to the push."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.sandbox.xoro.models import Json, StockRow
from connectors.sandbox.xoro.store import State

TXN_TYPES = {  # kind -> (TxnTypeId, RefMessage); the numbers are invented
    "order": (11, "Sales Order"),
    "edit": (12, "Sales Order Edit"),
    "cancel": (13, "Sales Order Cancel"),
    "wave": (21, "Wave"),
    "void": (22, "Wave Void"),
    "shipment": (31, "Item Shipment"),
    "adjustment": (41, "Inventory Adjustment"),
    "purchase": (51, "Purchase Order"),
    "receipt": (52, "Item Receipt"),
    "credit": (61, "Credit Memo"),
}


@dataclass(frozen=True)
class Txn:
    """What moved the stock: one business transaction, which may move many rows."""

    id: int
    type_id: int
    message: str
    ref_no: str
    source: str = ""


def begin(here: State, kind: str, ref_no: str, *, source: str = "") -> Txn:
    return Txn(here.next_id("txn"), *TXN_TYPES[kind], ref_no, source)


def row_of(here: State, item_id: int, store_id: int) -> StockRow:
    """The row of an item in a store, made if there was none; the vendor shows it once stock was entered."""
    found = here.stock.get((item_id, store_id))
    if found is None:
        found = here.stock[item_id, store_id] = StockRow(item_id, store_id)
    return found


def listed_row(here: State, item_id: int, store_id: int) -> StockRow:
    found = row_of(here, item_id, store_id)
    if not found.listed:
        found.listed = True
        here.stocked[store_id].add(item_id)
    return found


def unlist(here: State, item_id: int, store_id: int) -> None:
    """The item has no row in this store any more, whatever it had."""
    row_of(here, item_id, store_id).listed = False
    here.stocked[store_id].discard(item_id)


def move(here: State, row: StockRow, *, txn: Txn, **changes: int) -> None:
    """Change the named quantities of a row by differences."""
    if not any(changes.values()):
        return
    for name, difference in changes.items():
        setattr(row, name, getattr(row, name) + difference)
    if row.listed:
        here.push.add(pushed(here, row, txn))


def pushed(here: State, row: StockRow, txn: Txn) -> Json:
    """One row of the push's body."""
    return {
        "ItemId": row.item_id,
        "ItemNumber": here.items[row.item_id].number,
        "StoreId": row.store_id,
        "OnHandQty": row.on_hand,
        "AvailableQty": row.available,
        "ATSQty": row.ats,
        "BomOnHandQty": 0,
        "BomAvailableQty": 0,
        "BomATSQty": 0,
        "TxnRefId": txn.id,
        "TxnTypeId": txn.type_id,
        "RefNo": txn.ref_no,
        "RefMessage": txn.message,
        "ThirdPartySource": txn.source,
    }
