"""BigCommerce as Lockstep sees it: a sales channel with orders, refunds, stock by location and a catalogue to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.bigcommerce import feeds, goods, verifying, webhooks
from connectors.bigcommerce.client import Client
from connectors.bigcommerce.dispatch import Dispatcher
from connectors.bigcommerce.orders import parse_order
from connectors.bigcommerce.stock import Stock, parse_levels
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


class BigCommerce:
    """One store through one API account. One instance for each thread."""

    system = System.BIGCOMMERCE

    def __init__(self, account: Account, http: Http) -> None:
        self.client = Client(account, http)

    def verify(self) -> Verification:
        return verifying.verify(self.client)

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        return feeds.poll(self.client, feed, cursor, until=until)

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        if topic == feeds.ORDERS:
            return parse_order(load(body, what="order"), self.client.settings)
        if topic == feeds.REFUNDS:
            return (goods.parse_refund(load(body, what="refund")),)
        if topic == feeds.STOCK:
            return parse_levels(load(body, what="stock item"))
        if topic == feeds.CATALOGUE:
            return (goods.parse_variant(load(body, what="variant")),)
        raise ContractError(f"BigCommerce sends nothing called {topic}.")

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        return verifying.list_codes(self.client, kind)

    def fetch_order(self, reference: str) -> Received | None:
        order = feeds.one_order(self.client, reference)
        return feeds.received_order(order) if order else None

    def confirm_shipment(self, notice: DispatchNotice) -> Done:
        return Dispatcher(self.client).confirm(notice)

    def publish_stock(self, targets: Sequence[StockTarget]) -> Iterable[StockVerdict]:
        return Stock(self.client).publish(targets)

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        return Stock(self.client).read(skus)

    def find_variants(self, sku: str) -> tuple[Variant, ...]:
        return goods.find_variants(self.client, sku)

    def find_refunds(self, order_reference: str) -> tuple[Refund, ...]:
        return goods.find_refunds(self.client, order_reference)

    def receive_webhook(self, headers: Mapping[str, str], body: bytes) -> tuple[Received, ...]:
        return webhooks.receive(self.client, headers, body)

    def take_exchanges(self) -> list[Exchange]:
        return self.client.http.take_exchanges()


def connect(account: Account, http: Http) -> BigCommerce:
    return BigCommerce(account, http)
