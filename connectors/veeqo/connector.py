"""Veeqo as Lockstep's warehouse hub and catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from connectors.canonical import Code, CodeKind, Done, Page, Received, StockLevel, System, Variant, WarehouseOrder
from connectors.errors import ContractError, Exchange
from connectors.http import Http
from connectors.ports import Account, Canonical, Verification
from connectors.reading import load
from connectors.veeqo import codes, finding, orders, verifying
from connectors.veeqo.cancelling import Canceller
from connectors.veeqo.client import Client
from connectors.veeqo.feeds import CATALOGUE, ORDERS, STOCK, take_order
from connectors.veeqo.items import Items
from connectors.veeqo.polling import Poller
from connectors.veeqo.products import Products
from connectors.veeqo.releasing import release
from connectors.veeqo.stock import levels_of, parse_stock, parse_variants
from connectors.veeqo.submitting import Submitter


class VeeqoConnector:
    """One account, one thread. The credential is looked at when it is first needed: reading what is stored takes none."""

    system = System.VEEQO

    def __init__(self, account: Account, http: Http) -> None:
        self.account = account
        self.http = http
        self.client = Client(account, http)
        self.items = Items(self.client)
        self.submitter = Submitter(self.client, account, self.items)

    def verify(self) -> Verification:
        return verifying.verify(self.client, self.account)

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        return Poller(self.client, self.account).poll(feed, cursor, until=until)

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        if topic == ORDERS:
            return orders.parse_body(load(body, what="Veeqo order"), app_url=self.account.option("app_url", orders.DEFAULT_APP))
        if topic == STOCK:
            return parse_stock(load(body, what="Veeqo product"))
        if topic == CATALOGUE:
            return parse_variants(load(body, what="Veeqo product"))
        raise ContractError(f"Veeqo brings nothing called {topic}.")

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        listing = codes.LISTS.get(kind)
        return listing(self.client) if listing else ()

    def take_exchanges(self) -> list[Exchange]:
        return self.http.take_exchanges()

    def fetch_order(self, reference: str) -> Received | None:
        body = self.client.order(reference)
        return take_order(body) if body else None

    def find_orders(self, number: str) -> tuple[Done, ...]:
        return finding.find_orders(self.client, self.account, number)

    def create_order(self, order: WarehouseOrder) -> Done:
        return self.submitter.create(order)

    def cancel_order(self, reference: str, *, reason: str) -> Done:
        return Canceller(self.client, self.account).cancel(reference, reason=reason)

    def release_order(self, reference: str, *, payment_reference: str) -> Done:
        return release(self.client, self.account, reference, payment_reference=payment_reference)

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        """One search for each SKU; one that Veeqo does not know gives nothing."""
        for sku in dict.fromkeys(skus):
            for product, variant in self.items.search(sku):
                yield from levels_of(variant, product=product)

    def find_variants(self, sku: str) -> tuple[Variant, ...]:
        return Products(self.client, self.items).find(sku)

    def save_variant(self, variant: Variant) -> Done:
        return Products(self.client, self.items).save(variant)
