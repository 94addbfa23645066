"""What is polled at Deposco, and what is kept of each row. It has webhooks, but of unknown form: polling is the source of truth."""

from __future__ import annotations

import hashlib
from typing import Any

from connectors.canonical import Received
from connectors.deposco import orders
from connectors.deposco.dates import changed_at
from connectors.deposco.settings import Settings
from connectors.deposco.shapes import Row, exact, id_of, keep, part
from connectors.ports import Feed, Priority
from connectors.reading import dump

ORDERS, RETURNS, STOCK, SNAPSHOT, CATALOGUE = "orders", "returns", "stock", "snapshot", "catalogue"
DAY_S = 86_400
FEEDS = (
    Feed(ORDERS, topic=ORDERS, every_s=120, label="Orders and shipments that changed"),
    Feed(RETURNS, topic=RETURNS, every_s=900, label="Customer returns that changed"),
    Feed(STOCK, topic=STOCK, every_s=120, priority=Priority.STOCK, label="Stock that changed"),
    Feed(SNAPSHOT, topic=STOCK, every_s=DAY_S // 4, priority=Priority.BULK, full=True, label="All stock, by facility"),
    Feed(CATALOGUE, topic=CATALOGUE, every_s=DAY_S, priority=Priority.BULK, full=True, label="All items"),
)
ITEM = ("self", "id", "number", "name", "packs", "upcs", "unitPrice", "shippable", "salesEnabledFlag", "createdDate", "updatedDate", "styleNumber")


def take_order(body: Row, *, settings: Settings) -> Received:
    """One gathered order."""
    reference = id_of(part(orders.as_rest(body), "order"))
    return Received(ORDERS, orders.event_id(body, settings=settings), reference, dump(body), orders.newest(body))


def take_return(body: Row) -> Received:
    return known_by_content(RETURNS, id_of(part(body, "order")), body, changed=part(body, "order"))


def take_stock(row: Row) -> Received:
    """One item at all its facilities."""
    return known_by_content(STOCK, exact(row.get("itemNumber")), row, changed={})


def take_item(row: Row) -> Received:
    return known_by_content(CATALOGUE, id_of(row), keep(row, ITEM), changed=row)


def known_by_content(topic: str, subject: str, body: Row, *, changed: Any) -> Received:
    """The same content again is no news."""
    raw = dump(body)
    return Received(topic, f"{subject}@{hashlib.sha256(raw).hexdigest()[:16]}", subject, raw, changed_at(changed))
