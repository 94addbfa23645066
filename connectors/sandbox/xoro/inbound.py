"""What is on its way in: asn/getasn and the purchase orders. The shapes of purchase order rows are proposed."""

from __future__ import annotations

from datetime import datetime

from flask import Response

from connectors.sandbox.xoro.answers import listed
from connectors.sandbox.xoro.fields import bound, us_day, words
from connectors.sandbox.xoro.models import Inbound, Json
from connectors.sandbox.xoro.stock import begin, listed_row, move
from connectors.sandbox.xoro.store import State

PURCHASE, NOTICE = "P", "A"


def announce(here: State, kind: str, *, store_id: int, units: dict[int, int], expected_at: datetime, draft: bool = False) -> Inbound:
    """A purchase order (a draft counts apart), or an advance shipping notice."""
    made = Inbound(here.next_id("inbound"), here.next_number(kind), store_id, units, expected_at, here.now(), draft)
    here.inbound[kind][made.number] = made
    txn = begin(here, "purchase", made.number)
    name = "on_asn" if kind == NOTICE else "on_po_draft" if draft else "on_po"
    for item_id, count in units.items():
        move(here, listed_row(here, item_id, store_id), txn=txn, **{name: count})
    return made


def receive(here: State, notice: Inbound) -> None:
    """The goods are here: on hand, and no longer on their way."""
    if notice.received:
        raise ValueError(f"{notice.number} was received before")
    notice.received = True
    txn = begin(here, "receipt", notice.number)
    for item_id, count in notice.units.items():
        row = listed_row(here, item_id, notice.store_id)
        move(here, row, txn=txn, on_hand=count, on_asn=-count, on_po=-min(count, row.on_po))


def read_notices(here: State) -> Response:
    zone = here.settings.time_zone
    least, most = bound("created_at_min", zone=zone), bound("created_at_max", zone=zone)
    found = [
        each
        for each in here.inbound[NOTICE].values()
        if not each.received and (least is None or each.created_at >= least) and (most is None or each.created_at <= most)
    ]
    return listed(found, here.settings, render=lambda notice: notice_view(here, notice))


def notice_view(here: State, notice: Inbound) -> Json:
    rows = [{"ItemNumber": here.items[id].number, "BaseQtyToReceive": count} for id, count in notice.units.items()]
    header = {"AsnNumber": notice.number, "DeliveryDate": us_day(notice.expected_at, zone=here.settings.time_zone)}
    return {"AsnHeaderData": header, "AsnDetailData": rows}


def read_purchases(here: State) -> Response:
    return listed(list(here.inbound[PURCHASE].values()), here.settings, render=lambda order: purchase_view(here, order))


def purchase_view(here: State, order: Inbound) -> Json:
    rows = [{"ItemNumber": here.items[id].number, "Qty": count} for id, count in order.units.items()]
    header = {"PoNumber": order.number, "StoreName": here.store_name(order.store_id), "StatusName": "Draft" if order.draft else "Released"}
    return {"PoHeader": header, "PoItemLineArr": rows}


def read_deliveries(here: State) -> Response:
    """Expected supply by item and store, of the items and stores named."""
    numbers, stores = set(words("item_numbers")), set(words("store_names"))
    rows: list[Json] = []
    for order in here.inbound[PURCHASE].values():
        store = here.store_name(order.store_id)
        if order.draft or (stores and store not in stores):
            continue
        for id, count in order.units.items():
            if here.items[id].number in numbers or not numbers:
                date = us_day(order.expected_at, zone=here.settings.time_zone)
                rows.append({"ItemNumber": here.items[id].number, "StoreName": store, "PoNumber": order.number, "Qty": count, "DeliveryDate": date})
    return listed(rows, here.settings, render=dict)


def read_nothing(here: State) -> Response:
    """Bills, receipts, refunds and the ledger exist, but nobody writes them here."""
    return listed([], here.settings, render=dict)
