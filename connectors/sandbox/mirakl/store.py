"""The operator's memory: its shops with their tables and indexes, who may call, and what falls due later."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any, cast
from uuid import UUID

from flask import current_app, g

from connectors.sandbox.kit import Bench
from connectors.sandbox.mirakl.limits import Limiter
from connectors.sandbox.mirakl.models import Export, Import, Json, Offer, Order, Shipment, Transaction
from connectors.sandbox.mirakl.oddities import Oddities
from connectors.sandbox.mirakl.ordered import ByCreation, Journal
from connectors.sandbox.mirakl.settings import Settings

FIRST_IDS = {"offer": 70211, "import": 2035, "invoice": 88120, "document": 2024, "voucher": 412, "order": 48213377, "customer": 90311}


@dataclass(frozen=True)
class User:
    """A shop user, to whom a key belongs: `external` ones ("External Partner") may read orders less often."""

    name: str
    roles: frozenset[str]
    shop_ids: tuple[int, ...] = ()  # empty: all shops
    external: bool = False


@dataclass(order=True)
class Due:
    """Something that the operator does by itself at a moment."""

    at: datetime
    turn: int
    act: Callable[[datetime], None] = field(compare=False)


class Shop:
    """Everything one shop has at this operator."""

    def __init__(self, id: int, name: str) -> None:
        self.id, self.name, self.status = id, name, "OPEN"
        self.account: Json = {}  # fields of A01 that a test has set
        self.statistics: Json = {}
        self.version = 0
        self.orders: dict[str, Order] = {}
        self.by_creation = ByCreation()
        self.by_state: dict[str, ByCreation] = defaultdict(ByCreation)
        self.changed = Journal()
        self.by_reference: dict[tuple[str, str], set[str]] = defaultdict(set)  # ("customer" | "seller", reference)
        self.line_orders: dict[str, str] = {}
        self.answers: dict[Any, tuple[int, list[Order]]] = {}
        self.offers: dict[int, Offer] = {}
        self.by_sku: dict[str, Offer] = {}
        self.imports: dict[int, Import] = {}
        self.stock_imports: dict[str, Import] = {}
        self.recent_imports: dict[str, tuple[datetime, int]] = {}
        self.shipments: dict[str, Shipment] = {}
        self.returns: dict[str, Json] = {}
        self.order_returns: dict[str, list[str]] = defaultdict(list)  # by commercial id
        self.transactions: dict[str, Transaction] = {}
        self.order_transactions: dict[str, list[str]] = defaultdict(list)
        self.transactions_changed = Journal()
        self.open_transactions: dict[str, None] = {}  # not in a billing cycle yet, oldest first
        self.balances: dict[str, Decimal] = defaultdict(Decimal)  # by payment state
        self.balance = Decimal(0)
        self.cycles: dict[str, Json] = {}
        self.invoices: dict[str, Json] = {}
        self.documents: dict[int, Json] = {}
        self.exports: dict[str, Export] = {}


class State:
    """One operator. Guarded by `bench.lock`; every request holds it while it reads or writes."""

    def __init__(self, *, bench: Bench, settings: Settings, users: dict[str, User]) -> None:
        self.bench, self.settings, self.first_users = bench, settings, users
        self.clear()

    def clear(self) -> None:
        self.users = dict(self.first_users)  # by API key
        self.limiter = Limiter()
        self.oddities = Oddities()
        self.counters = {kind: count(first) for kind, first in FIRST_IDS.items()}
        self.random = Random(7)
        self.due: list[Due] = []
        self.shops = {id: Shop(id, name) for id, name in self.settings.shops.items()}

    def now(self) -> datetime:
        return self.bench.clock.now()

    def next_id(self, kind: str) -> int:
        return next(self.counters.setdefault(kind, count(1)))

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def later(self, seconds: float | None, act: Callable[[datetime], None], *, start: datetime) -> None:
        """Have `act(moment)` done `seconds` (already scaled) after `start`; at once if nothing is to be waited for, never if None."""
        if seconds is None:
            return
        if seconds <= 0:
            act(start)
        else:
            heapq.heappush(self.due, Due(start + timedelta(seconds=seconds), self.next_id("turn"), act))

    def settle(self) -> None:
        """Do what has fallen due, each thing at its own moment. Runs before any request is looked at."""
        now = self.now()
        while self.due and self.due[0].at <= now:
            each = heapq.heappop(self.due)
            each.act(each.at)


def state() -> State:
    return cast(State, current_app.extensions["state"])


def shop() -> Shop:
    """The shop that this request is about."""
    return cast(Shop, g.shop)
