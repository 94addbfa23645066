"""What is polled at Veeqo: which list, which filter, and what is kept of each row.

There are no webhooks. Orders: https://developers.veeqo.com · products: https://developers.veeqo.com
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.canonical import Received
from connectors.ports import Feed, Priority
from connectors.reading import dump, text
from connectors.veeqo import orders, shapes
from connectors.veeqo.client import Params, Row
from connectors.veeqo.dates import stamp

ORDERS, SWEEP, RETURNS, STOCK, SNAPSHOT, CATALOGUE = "orders", "sweep", "returns", "stock", "snapshot", "catalogue"
DAY_S = 86_400
FEEDS = (
    Feed(ORDERS, topic=ORDERS, every_s=180, label="Orders that changed"),
    Feed(SWEEP, topic=ORDERS, every_s=4 * 3600, priority=Priority.BULK, full=True, label="Orders of the last weeks, read again"),
    Feed(RETURNS, topic=ORDERS, every_s=DAY_S, priority=Priority.BULK, full=True, label="Orders with returns, read again"),
    Feed(STOCK, topic=STOCK, every_s=120, priority=Priority.STOCK, label="Stock that changed"),
    Feed(SNAPSHOT, topic=STOCK, every_s=DAY_S, priority=Priority.BULK, full=True, label="All stock"),
    Feed(CATALOGUE, topic=CATALOGUE, every_s=DAY_S, priority=Priority.BULK, full=True, label="All products"),
)
PLAIN_PASS: Params = []
CANCELLED_PASS: Params = [("status", "cancelled")]  # the default list leaves cancelled orders out
BOTH_PASSES = (PLAIN_PASS, CANCELLED_PASS)
ONE_PASS = (PLAIN_PASS,)


@dataclass(frozen=True)
class Listing:
    """How one feed reads its list. `since`: the row's time the filter is about; `days`: a window instead of a watermark."""

    path: str
    topic: str
    take: Callable[[Row], Received | None]
    passes: tuple[Params, ...] = ONE_PASS
    since: str = ""
    days_option: str = ""
    days: int = 0
    by_channel: bool = False

    @property
    def filter(self) -> str:
        return f"{self.since}_min" if self.since else ""


def take_order(row: Row) -> Received:
    body = shapes.keep(row, shapes.ORDER)
    return Received(ORDERS, orders.event_id(body), text(row.get("id")), dump(body), orders.newest(row))


def take_order_with_returns(row: Row) -> Received | None:
    return take_order(row) if row.get("returns") else None


def take_product(row: Row, *, topic: str, shape: shapes.Shape) -> Received:
    """Stock and catalogue are known by what they say: the same levels again are no news."""
    body = shapes.keep(row, shape)
    raw = dump(body)
    changed_at = orders.newest(row)
    seen = f"{stamp(changed_at)}~" if changed_at else ""
    return Received(topic, f"{text(row.get('id'))}@{seen}{hashlib.sha256(raw).hexdigest()[:16]}", text(row.get("id")), raw, changed_at)


def take_stock(row: Row) -> Received:
    return take_product(row, topic=STOCK, shape=shapes.STOCK)


def take_catalogue(row: Row) -> Received:
    return take_product(row, topic=CATALOGUE, shape=shapes.CATALOGUE)


ORDER_LIST: dict[str, Any] = {"path": "/orders", "topic": ORDERS, "passes": BOTH_PASSES, "by_channel": True}
LISTINGS = {
    ORDERS: Listing(**ORDER_LIST, take=take_order, since="updated_at"),
    SWEEP: Listing(**ORDER_LIST, take=take_order, since="created_at", days_option="sweep_days", days=30),
    RETURNS: Listing(**ORDER_LIST, take=take_order_with_returns, since="created_at", days_option="returns_days", days=60),
    STOCK: Listing("/products", STOCK, take_stock, since="updated_at"),
    SNAPSHOT: Listing("/products", STOCK, take_stock),
    CATALOGUE: Listing("/products", CATALOGUE, take_catalogue),
}
