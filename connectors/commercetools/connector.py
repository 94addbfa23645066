"""commercetools as Lockstep sees it: a sales channel with orders and stock, and a catalogue to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from connectors.canonical import (
    Code,
    CodeKind,
    DispatchNotice,
    Done,
    Page,
    Received,
    Refund,
    RefundRequest,
    StockLevel,
    StockTarget,
    StockVerdict,
    System,
    Variant,
)
from connectors.commercetools.catalogue import find_variants, parse_product
from connectors.commercetools.client import Client
from connectors.commercetools.codes import list_codes
from connectors.commercetools.dispatch import Dispatcher, is_uuid
from connectors.commercetools.feeds import CATALOGUE, ORDERS, STOCK, Feeds, received_order
from connectors.commercetools.orders import read_order
from connectors.commercetools.refunding import Refunder
from connectors.commercetools.stock import Stock, parse_entry
from connectors.commercetools.verify import verify
from connectors.errors import ContractError, Exchange
from connectors.http import Http
from connectors.ports import Account, Canonical, Verification
from connectors.reading import load


class Commercetools:
    """One project through one API client. One instance for each thread."""

    system = System.COMMERCETOOLS

    def __init__(self, account: Account, http: Http) -> None:
        self.client = Client(account, http)
        self.settings = self.client.settings
        self.feeds = Feeds(self.client)
        self.stock = Stock(self.client)
        self.dispatcher = Dispatcher(self.client)

    def verify(self) -> Verification:
        return verify(self.client)

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        return self.feeds.pages(feed, cursor, until=until)

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        if topic == ORDERS:
            return read_order(load(body, what="order"), self.settings)
        if topic == STOCK:
            return (parse_entry(load(body, what="inventory entry")),)
        if topic == CATALOGUE:
            return parse_product(load(body, what="product"), self.settings)
        raise ContractError(f"commercetools sends nothing called {topic}.")

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        return list_codes(self.client, kind)

    def fetch_order(self, reference: str) -> Received | None:
        """By id; a reference that is no id may be an order number."""
        order = self.client.get(f"{self.client.orders_path()}/{quote(reference, safe='')}", self.feeds.orders().params)
        if order is None and not is_uuid(reference):
            order = self.client.get(f"{self.client.orders_path()}/order-number={quote(reference, safe='')}", self.feeds.orders().params)
        return received_order(order) if order else None

    def confirm_shipment(self, notice: DispatchNotice) -> Done:
        return self.dispatcher.confirm(notice)

    def publish_stock(self, targets: Sequence[StockTarget]) -> Iterable[StockVerdict]:
        return self.stock.publish(targets)

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        return self.stock.read(skus)

    def find_refunds(self, order_reference: str) -> tuple[Refund, ...]:
        return Refunder(self.client).find(order_reference)

    def refund(self, request: RefundRequest) -> Done:
        return Refunder(self.client).refund(request)

    def find_variants(self, sku: str) -> tuple[Variant, ...]:
        return tuple(find_variants(self.client, sku))

    def take_exchanges(self) -> list[Exchange]:
        return self.client.http.take_exchanges()


def connect(account: Account, http: Http) -> Commercetools:
    return Commercetools(account, http)
