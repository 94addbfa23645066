"""What happened to a tenant, counted as nobody can ask the vendor for free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from connectors.sandbox.xoro.fields import number
from connectors.sandbox.xoro.models import Confirmation, Json, Order, Wave
from connectors.sandbox.xoro.store import State


def summary(here: State) -> Json:
    told = [each for order in here.orders.values() for each in order.confirmations]
    rows = [row for row in here.stock.values() if row.listed]
    refs = twice(order.header.get("ThirdPartyRefNo", "") for order in here.orders.values())
    return {
        "orders": len(here.orders),
        "by_status": {status: len(ids) for status, ids in here.by_status.items() if status and len(ids)},
        "duplicate_refs": refs,
        "waves": {status: len(ids) for status, ids in here.waves_by_status.items() if status and len(ids)},
        "waiting_for_a_wave": sum(len(ids) for ids in here.waiting.values()),
        "confirmations": len(told),
        "confirmed_twice": confirmed_twice(told),
        "units_ordered": sum(line.qty for order in here.orders.values() for line in order.lines),
        "units_shipped": sum(line.shipped for order in here.orders.values() for line in order.lines),
        "invoices": len(here.invoices),
        "credit_memos": len(here.credit_memos),
        "credited_twice": twice(memo.header["ThirdPartyRefNo"] for memo in here.credit_memos.values()),
        "items": len(here.items),
        "duplicate_upcs": twice(item.upc for item in here.items.values()),
        "stock_rows": len(rows),
        "on_hand": sum(row.on_hand for row in rows),
        "allocated": sum(row.allocated for row in rows),
        "negative_available": sum(row.available < 0 for row in rows),
        "pushed": len(here.push.sent),
        "waiting_for_their_time": len(here.due),
    }


def twice(words: Iterable[str]) -> dict[str, int]:
    counted = Counter(word for word in words if word)
    return {word: count for word, count in list(counted.items()) if count > 1}


def confirmed_twice(told: Iterable[Confirmation]) -> dict[str, int]:
    """Tracking numbers that reached one order in more than one confirmation."""
    words = (f"{each.order_number} {tracking}" for each in told for tracking in sorted({package["tracking"] for package in each.packages}))
    return twice(words)


def confirmed(told: Confirmation) -> Json:
    return {
        "wave": told.wave_number,
        "order": told.order_number,
        "ship_date": told.ship_date.isoformat(),
        "carrier": told.carrier,
        "service": told.service,
        "cost": number(told.cost),
        "final": told.final,
        "packages": told.packages,
        "tracking": [package["tracking"] for package in told.packages],
        "at": told.at.isoformat(),
    }


def wave_told(here: State, wave: Wave) -> Json:
    """A wave with its lines: what was put on it, shipped of it, and given back."""
    lines = [
        {"order": here.orders[line.order_id].number, "item": here.items[line.item_id].number, "line_id": line.line_id}
        | {"qty": line.qty, "shipped": line.shipped, "released": line.closed, "allocated": line.open}
        for line in wave.lines
    ]
    orders = [here.orders[id].number for id in wave.order_ids]
    return {
        "number": wave.number,
        "status": wave.status,
        "locked": wave.locked,
        "store": here.store_name(wave.store_id),
        "orders": orders,
        "lines": lines,
    }


def order_told(here: State, order: Order) -> Json:
    lines = [
        {"id": line.id, "item": here.items[line.item_id].number, "ref": line.ref, "qty": line.qty, "shipped": line.shipped}
        | {"cancelled": line.cancelled, "allocated": line.allocated, "open": line.open}
        for line in order.lines
    ]
    return {
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "ref": order.header.get("ThirdPartyRefNo", ""),
        "store": here.store_name(order.store_id),
        "lines": lines,
        "waves": [wave_told(here, here.waves[id]) for id in order.wave_ids],
        "confirmations": [confirmed(each) for each in order.confirmations],
        "invoices": [here.invoices[id].number for id in here.invoices_of.get(order.id, [])],
    }
