"""Patchworks as a channel: flows hand orders in through our API, and are started, or fetch, what must go back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from connectors.canonical import Code, CodeKind, DispatchNotice, Done, Page, Received, StockLevel, StockTarget, StockVerdict, System
from connectors.errors import Exchange
from connectors.http import Http
from connectors.patchworks import feeds, handing_over, runs, verifying
from connectors.patchworks.client import Client, run_id
from connectors.patchworks.pushed import parse_pushed
from connectors.ports import Account, Canonical, Verification


class PatchworksConnector:
    """One account, one thread. Reading what is stored takes no credential."""

    system = System.PATCHWORKS

    def __init__(self, account: Account, http: Http) -> None:
        self.account, self.http = account, http
        self.client = Client(account, http)

    def verify(self) -> Verification:
        return verifying.verify(self.client)

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        return feeds.poll(self.client, feed, cursor, until=until)

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        if topic == runs.RUNS:
            return (runs.parse_run(body, self.client.settings),)
        if topic == runs.FLOWS:
            return (runs.parse_flow(body, self.client.settings),)
        if topic == runs.DEDUPED:
            return (runs.parse_deduped(body),)
        if topic == runs.EVENTS:
            return (runs.parse_event(body, self.client.settings),)
        return parse_pushed(topic, body)

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        """Patchworks has no codes of its own; those of the shop come with its orders."""
        return ()

    def take_exchanges(self) -> list[Exchange]:
        return self.http.take_exchanges()

    def fetch_order(self, reference: str) -> Received | None:
        """Orders are handed in; there is nobody to ask for one."""
        return None

    def confirm_shipment(self, notice: DispatchNotice) -> Done:
        return handing_over.confirm(self.client, notice)

    def publish_stock(self, targets: Sequence[StockTarget]) -> Iterable[StockVerdict]:
        return handing_over.publish(self.client, targets)

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        """What the shop shows is only known from what the flow says of it."""
        return ()

    def retry_run(self, run: str) -> str:
        """Run it again with the payload it had; the new run's id. Rejected where Patchworks does not offer that (404, 405) or refuses."""
        return run_id(self.client.retry(run))
