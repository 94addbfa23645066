"""The feeds: what each reads, and what one item of it becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from connectors.canonical import Page, Received
from connectors.errors import AccessDenied, ContractError, Rejected
from connectors.ports import Feed, Priority
from connectors.reading import dump, moment, text
from connectors.shopify import documents
from connectors.shopify.catalogue import variants
from connectors.shopify.client import UNDEFINED, Client, lacks_right
from connectors.shopify.polling import Orders
from connectors.shopify.stock import Levels
from connectors.shopify.values import Node, nodes, tail

ORDERS, REFUNDS, RETURNS, STOCK, CATALOGUE = "orders", "refunds", "returns", "stock", "catalogue"
FEEDS = (
    Feed("orders", ORDERS, 120, label="orders"),
    Feed("refunds", REFUNDS, 600, label="refunds"),
    Feed("returns", RETURNS, 600, label="returns"),
    Feed("stock", STOCK, 300, Priority.STOCK, label="stock changes"),
    Feed("snapshot", STOCK, 86_400, Priority.BULK, full=True, label="full stock"),
    Feed("catalogue", CATALOGUE, 86_400, Priority.BULK, full=True, label="full catalogue"),
)
HELPERS = frozenset({"refunds", "returns", "catalogue"})
BOUGHT = ("id", "name", "updatedAt", "currencyCode")


def poll(client: Client, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
    """What the port's `poll` promises. Refunds, returns and variants need rights of their own; without them there are none (verify says so)."""
    readers = {"orders": orders, "refunds": refunds, "returns": returns, "stock": stock, "snapshot": snapshot, "catalogue": catalogue}
    if feed not in readers:
        raise ContractError(f"Shopify has no feed called {feed}.")
    try:
        yield from readers[feed](client, cursor, until)
    except AccessDenied as error:
        if feed not in HELPERS or not lacks_right(error):
            raise
    except Rejected as error:
        if feed not in HELPERS or error.code != UNDEFINED:
            raise


def orders(client: Client, cursor: str, until: datetime) -> Iterator[Page]:
    reading = Orders(client)
    for found, kept in reading.changed(documents.ORDERS, documents.LEAN_ORDERS, cursor, until=until):
        yield Page(tuple(received_order(reading.whole(order)) for order in found), kept)


def refunds(client: Client, cursor: str, until: datetime) -> Iterator[Page]:
    for found, kept in Orders(client).changed(documents.REFUNDS, documents.REFUNDS, cursor, until=until):
        yield Page(tuple(received(REFUNDS, order, "refund", each) for order in found for each in nodes(order.get("refunds"))), kept)


def returns(client: Client, cursor: str, until: datetime) -> Iterator[Page]:
    for found, kept in Orders(client).changed(documents.RETURNS, documents.LEAN_RETURNS, cursor, until=until):
        yield Page(tuple(received(RETURNS, order, "return", each) for order in found for each in nodes(order.get("returns"))), kept)


def stock(client: Client, cursor: str, until: datetime) -> Iterator[Page]:
    for levels, kept in Levels(client).changed(cursor, until=until):
        yield Page(tuple(map(received_level, levels)), kept)


def snapshot(client: Client, cursor: str, until: datetime) -> Iterator[Page]:
    for levels, kept in Levels(client).every(cursor):
        yield Page(tuple(map(received_level, levels)), kept)


def catalogue(client: Client, cursor: str, until: datetime) -> Iterator[Page]:
    for found, kept in variants(client, cursor):
        yield Page(tuple(map(received_variant, found)), kept)


def received_order(order: Node) -> Received:
    return received_body(ORDERS, tail(order.get("id")), dump(order), text(order.get("updatedAt")))


def received(topic: str, order: Node, word: str, thing: Node) -> Received:
    """A refund or return with the order it belongs to. The order's own stamp moves for other reasons, so it is not part of the observation."""
    subject = tail(thing.get("id"))
    body = dump({"order": {name: order.get(name) for name in BOUGHT}, word: thing})
    changed = text(order.get("updatedAt"))
    return Received(topic, f"{subject}@{digest(dump(thing))}", subject, body, moment(changed, what="updatedAt of the order") if changed else None)


def received_level(level: Node) -> Received:
    place = tail((level.get("location") or {}).get("id"))
    subject = f"{tail((level.get('item') or {}).get('id'))}/{place}"
    return received_body(STOCK, subject, dump(level), text(level.get("updatedAt")))


def received_variant(variant: Node) -> Received:
    return received_body(CATALOGUE, tail(variant.get("id")), dump(variant), text(variant.get("updatedAt")))


def received_body(topic: str, subject: str, body: bytes, changed: str) -> Received:
    """Stamps count whole seconds, so what was seen is part of the observation: two changes in one second are two."""
    at = moment(changed, what="time of the change") if changed else None
    return Received(topic, f"{subject}@{changed}~{digest(body)}", subject, body, at)


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]
