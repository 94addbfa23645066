"""One shop at one Mirakl operator, as Lockstep sees it: a channel and marketplace with refunds and returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from connectors.canonical import (
    Code,
    CodeKind,
    DispatchNotice,
    Done,
    OrderDecision,
    Page,
    Received,
    Refund,
    RefundRequest,
    ReturnNotice,
    StockLevel,
    StockTarget,
    StockVerdict,
    System,
    Variant,
)
from connectors.errors import ContractError, Exchange, Rejected
from connectors.http import Http
from connectors.mirakl.client import Client, Row
from connectors.mirakl.deciding import Decider
from connectors.mirakl.dispatch import Dispatcher
from connectors.mirakl.feeds import CATALOGUE, ORDERS, PAYOUTS, RETURNS, STOCK, Feeds, take_order
from connectors.mirakl.offers import find_offers, parse_stock, parse_variant, read_levels
from connectors.mirakl.orders import read_order
from connectors.mirakl.payouts import parse_payout
from connectors.mirakl.reference import Reference
from connectors.mirakl.refunding import Refunder
from connectors.mirakl.refunds import parse_refunds
from connectors.mirakl.returning import Returner
from connectors.mirakl.returns import parse_return
from connectors.mirakl.stock import Publisher
from connectors.mirakl.verifying import verify
from connectors.ports import Account, Canonical, Verification
from connectors.reading import load


class Mirakl:
    """One shop through one key. One instance for each thread."""

    system = System.MIRAKL

    def __init__(self, account: Account, http: Http) -> None:
        self.client = Client(account, http)
        self.settings = self.client.settings
        self.reference = Reference(self.client)
        self.looked_at: dict[str, Row] = {}  # orders read for their refunds, until those are made

    def verify(self) -> Verification:
        return verify(self.client, self.reference)

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        return Feeds(self.client).pages(feed, cursor, until=until)

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        if topic == ORDERS:
            return read_order(load(body, what="Mirakl order"), self.settings)
        if topic == STOCK:
            return parse_stock(load(body, what="Mirakl offer"))
        if topic == CATALOGUE:
            return (parse_variant(load(body, what="Mirakl offer")),)
        if topic == RETURNS:
            return (parse_return(load(body, what="Mirakl return")),)
        if topic == PAYOUTS:
            return (parse_payout(load(body, what="Mirakl account line")),)
        raise ContractError(f"Mirakl brings nothing called {topic}.")

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        return self.reference.codes(kind)

    def reasons(self, kind: str) -> tuple[tuple[str, str], ...]:
        """Codes and labels of REFUND, RETURN_REJECTION and other reasons that this shop may use."""
        return self.reference.reasons(kind)

    def take_exchanges(self) -> list[Exchange]:
        return self.client.http.take_exchanges()

    def fetch_order(self, reference: str) -> Received | None:
        body = self.client.order(reference)
        return take_order(body) if body else None

    def decide_order(self, decision: OrderDecision) -> Done:
        return Decider(self.client).decide(decision)

    def confirm_shipment(self, notice: DispatchNotice) -> Done:
        return Dispatcher(self.client, self.reference).confirm(notice)

    def publish_stock(self, targets: Sequence[StockTarget]) -> Iterable[StockVerdict]:
        return Publisher(self.client).publish(targets)

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        return read_levels(self.client, skus)

    def find_variants(self, sku: str) -> tuple[Variant, ...]:
        return tuple(map(parse_variant, find_offers(self.client, sku)))

    def find_refunds(self, order_reference: str) -> tuple[Refund, ...]:
        order = self.client.order(order_reference, as_platform=True)
        if order is None:
            raise Rejected("Mirakl does not know this order, or it belongs to another shop.", code="404")
        self.looked_at = {order_reference: order}
        return parse_refunds(order)

    def refund(self, request: RefundRequest) -> Done:
        return Refunder(self.client, seen=self.looked_at.pop(request.order_reference, None)).refund(request)

    def announce_return(self, notice: ReturnNotice) -> Done:
        return Returner(self.client).announce(notice)
