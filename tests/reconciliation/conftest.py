"""Two sides whose catalogues have been read, and the comparisons run by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exceptions import clocks, rules
from exceptions.models import ExceptionCase
from portal.connections.models import Connection
from portal.ledger.models import CatalogueItem, StockLevel
from portal.reconciliation.jobs import PLANS
from portal.reconciliation.models import Audit, Run
from portal.reconciliation.running import Pair, run_audit
from portal.sync.models import Cursor
from tests import people
from tests.dashboard.world import World


@pytest.fixture(autouse=True)
def fresh_rules() -> Iterator[None]:
    """What a process keeps for half a minute must not reach the next test."""
    clocks.forget_calendars()
    rules.forget_rules()
    yield


class Sides(World):
    """`shop` lists, `hub` ships; both catalogues and the shop's stock have been read to their end."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0
        for connection, feed in ((self.shop, "catalogue"), (self.shop, "snapshot"), (self.hub, "catalogue"), (self.hub, "orders")):
            self.read(connection, feed)

    def read(self, connection: Connection, feed: str, *, at: datetime | None = None) -> Cursor:
        moment = at or timezone.now()
        times = {"done_at": moment, "first_done_at": moment, "run_began_at": moment, "started_at": moment}
        cursor, _ = Cursor.objects.update_or_create(connection=connection, feed=feed, defaults=times)
        return cursor

    def item(self, connection: Connection, sku: str, **more: Any) -> CatalogueItem:
        self.numbers += 1
        return CatalogueItem.objects.create(connection=connection, reference=f"r{self.numbers}", sku=sku, **{"title": f"The {sku}", **more})

    def both(self, *skus: str) -> None:
        for sku in skus:
            self.item(self.shop, sku)
            self.item(self.hub, sku)

    def held(self, sku: str, units: int, *, place: str = "1") -> StockLevel:
        return StockLevel.objects.create(
            connection=self.hub, sku=sku, warehouse_code=place, available=units, on_hand=units, changed_at=timezone.now()
        )

    def run(self, audit: Audit, *, at: datetime | None = None) -> Run:
        pair = Pair(self.shop) if audit is Audit.UNSEEN else Pair(self.hub, self.integration)
        run = run_audit(audit, pair, PLANS[audit].compare, at=at or timezone.now() + timedelta(seconds=1))
        assert run is not None
        return run


@pytest.fixture
def sides(db: None) -> Sides:
    return Sides()


@pytest.fixture
def as_(client: Client) -> Callable[[str], Client]:
    def log_in(username: str) -> Client:
        client.force_login(people.person(username))
        return client

    return log_in


def open_cases(kind: str) -> list[ExceptionCase]:
    return list(ExceptionCase.objects.filter(kind=kind, is_open=True).order_by("pk"))
