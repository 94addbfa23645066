"""Shopify as Lockstep sees it: a sales channel with orders, refunds, returns, stock by location and a catalogue to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.canonical import (
    Code,
    CodeKind,
    DispatchNotice,
    Done,
    Page,
    Received,
    Refund,
    StockLevel,
    StockTarget,
    StockVerdict,
    System,
    Variant,
)
from connectors.errors import ContractError, Exchange
from connectors.http import Http
from connectors.ports import Account, Canonical, Verification
from connectors.reading import load
from connectors.shopify import documents, feeds, verifying, webhooks
from connectors.shopify.catalogue import find_variants, parse_variant
from connectors.shopify.client import Client
from connectors.shopify.dispatch import Dispatcher
from connectors.shopify.orders import parse_order
from connectors.shopify.polling import Orders
from connectors.shopify.publishing import Publisher
from connectors.shopify.returns import parse_refund, parse_refunds, parse_return
from connectors.shopify.stock import Levels, parse_level
from connectors.shopify.values import nodes


class Shopify:
    """One shop through one app. One instance for each thread."""

    system = System.SHOPIFY

    def __init__(self, account: Account, http: Http) -> None:
        self.client = Client(account, http)

    def verify(self) -> Verification:
        return verifying.verify(self.client)

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        return feeds.poll(self.client, feed, cursor, until=until)

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        if topic == feeds.ORDERS:
            return (parse_order(load(body, what="order"), self.client.settings),)
        if topic == feeds.REFUNDS:
            return parse_refunds(load(body, what="refund"))
        if topic == feeds.RETURNS:
            return (parse_return(load(body, what="return")),)
        if topic == feeds.STOCK:
            return parse_level(load(body, what="stock level"))
        if topic == feeds.CATALOGUE:
            return parse_variant(load(body, what="variant"))
        raise ContractError(f"Shopify sends nothing called {topic}.")

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        return verifying.list_codes(self.client, kind)

    def fetch_order(self, reference: str) -> Received | None:
        order = Orders(self.client).one(reference)
        return feeds.received_order(order) if order else None

    def confirm_shipment(self, notice: DispatchNotice) -> Done:
        return Dispatcher(self.client).confirm(notice)

    def publish_stock(self, targets: Sequence[StockTarget]) -> Iterable[StockVerdict]:
        return Publisher(self.client, Levels(self.client)).publish(targets)

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        return Levels(self.client).read(skus)

    def find_variants(self, sku: str) -> tuple[Variant, ...]:
        return tuple(find_variants(self.client, sku))

    def find_refunds(self, order_reference: str) -> tuple[Refund, ...]:
        order = Orders(self.client).nested(documents.FIND_REFUNDS, documents.FIND_REFUNDS, order_reference) or {}
        return tuple(parse_refund(refund, order) for refund in nodes(order.get("refunds")))

    def receive_webhook(self, headers: Mapping[str, str], body: bytes) -> tuple[Received, ...]:
        return webhooks.receive(self.client.account, headers, body)

    def take_exchanges(self) -> list[Exchange]:
        return self.client.http.take_exchanges()


def connect(account: Account, http: Http) -> Shopify:
    return Shopify(account, http)
