"""The tenant in memory: tables, ids, indexes, stock rows, and what falls due later."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from flask import current_app

from connectors.sandbox.kit import Bench
from connectors.sandbox.xoro.index import Journal, SortedIds
from connectors.sandbox.xoro.models import CreditMemo, Inbound, Invoice, Item, Order, Product, StockRow, Wave
from connectors.sandbox.xoro.oddities import Oddities
from connectors.sandbox.xoro.push import Push
from connectors.sandbox.xoro.settings import Settings

T = TypeVar("T")
FIRST_IDS = {"order": 88121, "line": 190001, "item": 5101, "product": 710, "store": 1, "wave": 30211, "invoice": 40101, "credit_memo": 50001}
FIRST_NUMBERS = {"S": 426, "W": 7006, "I": 300, "C": 100, "A": 12, "P": 80}  # DMO-S000426, DMO-W007006 …
NUMBER_WIDTHS = {"A": 5}
CARRIERS = {"UPS": ("Ground", "2nd Day Air"), "FedEx": ("Ground", "Express Saver"), "USPS": ("Priority Mail",), "DHL": ("Express Worldwide",)}
CURRENCIES = ("USD", "CAD", "GBP", "EUR")
ANSWERS_KEPT = 50


@dataclass(frozen=True)
class App:
    """A private app of the tenant: its secret, and the controllers it may call (None: all of them)."""

    name: str
    secret: str
    controllers: frozenset[str] | None = None


@dataclass(order=True)
class Due:
    """Something that the tenant does by itself at a moment."""

    at: datetime
    turn: int
    act: Callable[[datetime], object] = field(compare=False)


class State:
    """Everything one tenant has. Guarded by `bench.lock`; every request holds it while it reads or writes."""

    def __init__(self, *, bench: Bench, settings: Settings, apps: Mapping[str, App]) -> None:
        self.bench = bench
        self.settings = settings
        self.first_apps = dict(apps)
        self.push = Push()
        self.clear()

    def clear(self) -> None:
        self.apps = dict(self.first_apps)  # by API key
        self.oddities = Oddities()
        self.counters = dict(FIRST_IDS)
        self.numbers = dict(FIRST_NUMBERS)
        self.due: list[Due] = []
        self.push.clear()
        self.clear_reference()
        self.clear_items()
        self.clear_orders()

    def clear_reference(self) -> None:
        self.stores: dict[str, int] = {}  # ship-from stores: name -> id
        self.sale_stores: list[str] = []
        self.customers: dict[str, int] = {}
        self.carriers = {name: list(services) for name, services in CARRIERS.items()}

    def clear_items(self) -> None:
        self.items: dict[int, Item] = {}
        self.item_ids = SortedIds()
        self.by_item: dict[str, int] = {}
        self.by_upc: dict[str, list[int]] = defaultdict(list)
        self.items_created, self.items_changed = Journal(), Journal()
        self.products: dict[int, Product] = {}
        self.product_ids = SortedIds()
        self.by_base: dict[str, int] = {}
        self.stock: dict[tuple[int, int], StockRow] = {}  # by (item, store)
        self.stocked: dict[int, SortedIds] = defaultdict(SortedIds)  # by store: the items with a listed row
        self.inbound: dict[str, dict[str, Inbound]] = {"P": {}, "A": {}}

    def clear_orders(self) -> None:
        self.orders: dict[int, Order] = {}
        self.by_number: dict[str, int] = {}
        self.by_status: dict[str, SortedIds] = defaultdict(SortedIds)
        self.by_ref: dict[str, list[int]] = defaultdict(list)  # ThirdPartyRefNo
        self.orders_created, self.orders_changed = Journal(), Journal()
        self.waiting: dict[int, SortedIds] = defaultdict(SortedIds)  # by store: released orders with units on no wave
        self.waves: dict[int, Wave] = {}
        self.wave_numbers: dict[str, int] = {}
        self.waves_by_status: dict[str, SortedIds] = defaultdict(SortedIds)
        self.invoices: dict[int, Invoice] = {}
        self.invoices_of: dict[int, list[int]] = defaultdict(list)
        self.credit_memos: dict[int, CreditMemo] = {}
        self.orders_version = 0
        self.found_orders: dict[Any, tuple[int, list[int]]] = {}  # answers of the filters, while nothing changes

    def now(self) -> datetime:
        return self.bench.clock.now()

    def next_id(self, kind: str) -> int:
        found = self.counters.get(kind, 1)
        self.counters[kind] = found + 1
        return found

    def next_number(self, letter: str) -> str:
        found = self.numbers[letter]
        self.numbers[letter] = found + 1
        return f"{self.settings.order_prefix}-{letter}{found:0{NUMBER_WIDTHS.get(letter, 6)}d}"

    def later(self, seconds: float, act: Callable[[datetime], object], *, start: datetime) -> None:
        """Have `act(moment)` done once the clock has passed; at once if nothing is to be waited for."""
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

    def touch_order(self, order: Order, *, at: datetime) -> None:
        self.orders_version += 1
        order.updated_at = at
        self.orders_changed.touch(order.id, at=at)

    def remember(self, question: Any, found: list[int]) -> None:
        if len(self.found_orders) >= ANSWERS_KEPT:
            self.found_orders.clear()
        self.found_orders[question] = (self.orders_version, found)

    def store_name(self, store_id: int) -> str:
        return next(name for name, id in self.stores.items() if id == store_id)


def state() -> State:
    return cast(State, current_app.extensions["state"])
