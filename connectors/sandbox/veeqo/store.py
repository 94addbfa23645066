"""The account in memory: tables, ids, indexes, stock entries, and what falls due later."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar, cast

from flask import current_app

from connectors.sandbox.kit import Bench, LeakyBucket
from connectors.sandbox.veeqo.answers import not_found
from connectors.sandbox.veeqo.fields import reference
from connectors.sandbox.veeqo.index import Journal, SortedIds, TextIndex
from connectors.sandbox.veeqo.models import Allocation, Json, Order, Product, Sellable, Shipment, StockEntry
from connectors.sandbox.veeqo.oddities import Oddities
from connectors.sandbox.veeqo.settings import Settings

T = TypeVar("T")
COMPANY_ID = 21314
FIRST_IDS = {"order": 91500321, "line": 700001, "sellable": 13847534, "product": 8636420, "channel": 35250, "warehouse": 1784}
FIRST_IDS |= {"delivery_method": 4411, "customer": 5501, "address": 8001, "allocation": 1020001, "shipment": 345, "tag": 144441, "return": 12345}
CARRIERS = {1: "Royal Mail", 2: "FedEx", 3: "Other", 4: "DPD", 5: "UPS", 6: "CityLink", 7: "USPS", 8: "Interlink Express", 9: "DHL"}
CARRIERS |= {10: "MyHermes", 11: "Australia Post", 12: "Parcelforce", 13: "TNT", 14: "Yodel", 15: "APC", 16: "DX", 17: "UK Mail"}
CARRIERS |= {18: "Israel Post", 19: "Canada Post", 23: "Hermes World", 24: "DHL DE (Deutsche Post)"}
HISTORY_KEPT = 100  # stock movements remembered for each variant


@dataclass(order=True)
class Due:
    """Something that the account does by itself at a moment."""

    at: datetime
    turn: int
    act: Callable[[datetime], None] = field(compare=False)


class State:
    """Everything one company has. Guarded by `bench.lock`; every request holds it while it reads or writes."""

    def __init__(self, *, bench: Bench, settings: Settings, users: dict[str, Json], tokens: dict[str, Json]) -> None:
        self.bench = bench
        self.settings = settings
        self.first_users, self.first_tokens = users, tokens
        self.clear()

    def clear(self) -> None:
        self.users, self.tokens = dict(self.first_users), dict(self.first_tokens)  # by API key, by bearer token
        self.buckets: dict[str, LeakyBucket] = {}
        self.oddities = Oddities()
        self.counters = {kind: count(first) for kind, first in FIRST_IDS.items()}
        self.due: list[Due] = []
        self.clear_reference()
        self.clear_catalogue()
        self.clear_orders()

    def clear_reference(self) -> None:
        self.warehouses: dict[int, Json] = {}
        self.channels: dict[int, Json] = {}
        self.delivery_methods: dict[int, Json] = {}
        self.tags: dict[int, Json] = {}
        self.carriers: dict[int, Json] = {}
        self.addresses: dict[int, Json] = {}
        self.customers: dict[int, Json] = {}
        self.customer_words = TextIndex()
        self.emails: dict[str, int] = {}

    def clear_catalogue(self) -> None:
        self.products: dict[int, Product] = {}
        self.product_ids = SortedIds()
        self.products_changed = Journal()
        self.product_words = TextIndex()
        self.sellables: dict[int, Sellable] = {}
        self.by_sku: dict[str, list[int]] = defaultdict(list)
        self.stock: dict[int, dict[int, StockEntry]] = defaultdict(dict)
        self.histories: dict[int, deque[Json]] = defaultdict(lambda: deque(maxlen=HISTORY_KEPT))

    def clear_orders(self) -> None:
        self.orders: dict[int, Order] = {}
        self.order_ids = SortedIds()
        self.by_number: dict[str, list[int]] = defaultdict(list)
        self.by_status: dict[str, SortedIds] = defaultdict(SortedIds)
        self.orders_created = Journal()
        self.orders_changed = Journal()
        self.order_words = TextIndex()
        self.waiting: dict[int, SortedIds] = defaultdict(SortedIds)  # orders with unallocated units, by variant
        self.allocations: dict[int, Allocation] = {}
        self.shipments: dict[int, Shipment] = {}
        self.orders_version = 0
        self.found_orders: dict[Any, tuple[int, list[int]]] = {}  # answers of the list filter, while nothing changes

    def now(self) -> datetime:
        return self.bench.clock.now()

    def next_id(self, kind: str) -> int:
        return next(self.counters.setdefault(kind, count(1)))

    def later(self, seconds: float, act: Callable[[datetime], None], *, start: datetime) -> None:
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

    def entry(self, sellable_id: int, warehouse_id: int, *, at: datetime) -> StockEntry:
        """The stock entry, made if there was none: a variant never stocked at a warehouse has none."""
        entries = self.stock[sellable_id]
        if warehouse_id not in entries:
            entries[warehouse_id] = StockEntry(sellable_id, warehouse_id, at)
        return entries[warehouse_id]

    def touch_product(self, product_id: int, *, at: datetime) -> None:
        """A product's `updated_at` follows its stock; the variant's own does not."""
        product = self.products.get(product_id)
        if product is not None:
            product.updated_at = at
            self.products_changed.touch(product_id, at=at)

    def touch_order(self, order: Order, *, at: datetime, change: str) -> None:
        self.orders_version += 1
        if change not in self.settings.silent_changes:
            order.updated_at = at
            self.orders_changed.touch(order.id, at=at)


def living(here: State, sellable_id: Any) -> Sellable:
    """A variant that can still be ordered or stocked: its product was not deleted."""
    sellable = need(here.sellables, sellable_id)
    need(here.products, sellable.product_id)
    return sellable


def state() -> State:
    return cast(State, current_app.extensions["state"])


def need(table: dict[int, T], id: Any) -> T:
    """The record with this id, or the vendor's 404."""
    found = table.get(reference(id))
    if found is None:
        raise not_found()
    return found
