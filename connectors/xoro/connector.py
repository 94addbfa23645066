"""Xoro as a sales channel: orders on its waves go to the warehouse, and what was shipped comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from connectors.canonical import Code, CodeKind, DispatchNotice, Done, Page, Received, StockLevel, StockTarget, StockVerdict, System
from connectors.errors import ContractError, Exchange
from connectors.http import Http
from connectors.ports import Account, Canonical, Verification
from connectors.reading import load
from connectors.xoro import cancelling, feeds, orders, verifying
from connectors.xoro.client import INVENTORY, Client
from connectors.xoro.dispatch import Dispatcher
from connectors.xoro.items import Items
from connectors.xoro.stock import CATALOGUE, STOCK, parse_item, parse_stock
from connectors.xoro.waves import Waves


class XoroConnector:
    """One account, one thread. The keys are looked at when first needed: reading what is stored takes none."""

    system = System.XORO

    def __init__(self, account: Account, http: Http) -> None:
        self.account, self.http = account, http
        self.client = Client(account, http)

    def verify(self) -> Verification:
        return verifying.verify(self.client)

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        return feeds.poll(self.client, feed, cursor, until=until)

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        settings = self.client.settings
        if topic == orders.TOPIC:
            return (orders.parse_order(load(body, what="Xoro sales order"), settings),)
        if topic == STOCK:
            return parse_stock(load(body, what="Xoro stock row"), settings)
        if topic == CATALOGUE:
            return parse_item(load(body, what="Xoro item"), settings)
        raise ContractError(f"Xoro brings nothing called {topic}.")

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        return self.client.settings.codes(kind)

    def take_exchanges(self) -> list[Exchange]:
        return self.http.take_exchanges()

    def fetch_order(self, reference: str) -> Received | None:
        row = self.client.order(reference)
        if row is None:
            return None
        places = Waves(self.client).of_order(reference)
        return orders.take(Items(self.client).add_codes(row), places, at=datetime.now(UTC))

    def confirm_shipment(self, notice: DispatchNotice) -> Done:
        return Dispatcher(self.client).confirm(notice)

    def cancel_order(self, reference: str, *, reason: str) -> Done:
        """The reason has no place in the only call that was ever proposed."""
        return cancelling.cancel(self.client, reference)

    def publish_stock(self, targets: Sequence[StockTarget]) -> Iterable[StockVerdict]:
        """No call of Xoro's takes levels."""
        sentence = "Xoro takes no stock levels from outside."
        return [StockVerdict(target.sku, target.warehouse_code, ok=False, code="off", sentence=sentence) for target in targets]

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        """One read for each item; an item without a row is unknown, so it gives nothing."""
        items = Items(self.client)
        for sku in dict.fromkeys(skus):
            for number in items.numbers(sku):
                for sheet in self.client.sheets(INVENTORY, {"item_number": number}):
                    for row in sheet.rows:
                        yield from parse_stock(row | ({"ItemUpc": sku} if self.client.settings.by_upc else {}), self.client.settings)
