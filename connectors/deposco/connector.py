"""Deposco as Lockstep's warehouse hub: orders and packages by the REST API, stock by facility from the legacy one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from connectors.canonical import (
    Code,
    CodeKind,
    Done,
    Page,
    Received,
    ReturnNotice,
    ShipmentLine,
    StockLevel,
    System,
    Variant,
    WarehouseOrder,
)
from connectors.deposco import codes, feeds, finding, verifying
from connectors.deposco.cancelling import Changer
from connectors.deposco.client import Rest
from connectors.deposco.feeds import take_order
from connectors.deposco.gathering import ORDERS, Gatherer
from connectors.deposco.items import parse_item
from connectors.deposco.legacy import Legacy
from connectors.deposco.legacy_orders import LegacyOrders
from connectors.deposco.orders import parse_order
from connectors.deposco.polling import ITEMS, Poller
from connectors.deposco.returns import announce, parse_return
from connectors.deposco.settings import Settings
from connectors.deposco.shapes import exact, number_of
from connectors.deposco.stock import Shelves, parse_stock
from connectors.deposco.submitting import Submitter
from connectors.errors import ContractError, Exchange, Rejected
from connectors.http import Http
from connectors.ports import Account, Canonical, Verification
from connectors.reading import load

NOT_BY_LEGACY = "Deposco's legacy API cannot do this here; it needs the REST API."


class DeposcoConnector:
    """One account, one thread. Both APIs go through one door, because Deposco counts their calls together."""

    system = System.DEPOSCO

    def __init__(self, account: Account, http: Http) -> None:
        self.http = http
        self.settings = Settings(account)
        self.rest = Rest(http, self.settings)
        self.legacy = Legacy(http, self.settings)
        self.shelves = Shelves(self.legacy)

    def gatherer(self) -> Gatherer:
        """Remembers shipments, so each run has its own."""
        return Gatherer(self.rest, self.legacy)

    def verify(self) -> Verification:
        return verifying.verify(self.rest, self.legacy)

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        stock = {feeds.STOCK: self.shelves.changes, feeds.SNAPSHOT: self.shelves.snapshot}
        if feed in stock:
            return stock[feed](cursor, until=until)
        if self.settings.is_legacy:
            return LegacyOrders(self.legacy).poll(cursor, until=until) if feed == feeds.ORDERS else iter((Page((), cursor),))
        poller = Poller(self.rest, self.gatherer())
        return {feeds.ORDERS: poller.orders, feeds.RETURNS: poller.returns, feeds.CATALOGUE: poller.catalogue}[feed](cursor, until=until)

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        if topic == feeds.ORDERS:
            return (parse_order(load(body, what="Deposco order"), settings=self.settings),)
        if topic == feeds.RETURNS:
            return (parse_return(load(body, what="Deposco return")),)
        if topic == feeds.STOCK:
            return parse_stock(load(body, what="Deposco stock"), settings=self.settings)
        if topic == feeds.CATALOGUE:
            return (parse_item(load(body, what="Deposco item"), settings=self.settings),)
        raise ContractError(f"Deposco brings nothing called {topic}.")

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        listing = codes.LISTS.get(kind)
        return listing(self.rest) if listing and not self.settings.is_legacy else ()

    def take_exchanges(self) -> list[Exchange]:
        return self.http.take_exchanges()

    def fetch_order(self, reference: str) -> Received | None:
        if self.settings.is_legacy:
            return LegacyOrders(self.legacy).fetch(reference)
        row = self.rest.read(f"{ORDERS}/{reference}", name="salesOrder") if number_of(reference) else None
        return take_order(self.gatherer().order(row), settings=self.settings) if row is not None else None

    def find_orders(self, number: str) -> tuple[Done, ...]:
        return LegacyOrders(self.legacy).find(number) if self.settings.is_legacy else finding.find_orders(self.rest, number)

    def create_order(self, order: WarehouseOrder) -> Done:
        if self.settings.is_legacy:
            return LegacyOrders(self.legacy).create(order)
        return Submitter(self.rest, self.changer()).create(order)

    def changer(self) -> Changer:
        return Changer(self.rest, self.gatherer())

    def cancel_order(self, reference: str, *, reason: str) -> Done:
        return LegacyOrders(self.legacy).cancel(reference) if self.settings.is_legacy else self.changer().cancel(reference, reason=reason)

    def lower_order(self, reference: str, *, wanted: Sequence[ShipmentLine]) -> Done:
        """Leave the order with no more units of each SKU than `wanted`, by cancelling the rest while Deposco allows it. Twice is once."""
        if self.settings.is_legacy:
            raise Rejected(NOT_BY_LEGACY, code="not_supported")
        return self.changer().lower(reference, wanted=wanted)

    def release_order(self, reference: str, *, payment_reference: str) -> Done:
        return LegacyOrders(self.legacy).release(reference) if self.settings.is_legacy else self.changer().release(reference)

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        return self.shelves.read(skus)

    def find_variants(self, sku: str) -> tuple[Variant, ...]:
        """Items with exactly this number; Deposco may ignore the filter."""
        found = self.rest.pages(ITEMS, [*self.gatherer().in_company(), ("number", sku)])
        return tuple(parse_item(row, settings=self.settings) for sheet in found for row in sheet.rows if exact(row.get("number")) == sku)

    def announce_return(self, notice: ReturnNotice) -> Done:
        if self.settings.is_legacy:
            raise Rejected(NOT_BY_LEGACY, code="not_supported")
        return announce(self.rest, notice)
