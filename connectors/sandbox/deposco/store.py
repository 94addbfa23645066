"""The tenant in memory: tables, ids, indexes, and what falls due later."""

from __future__ import annotations

import heapq
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar, cast

from flask import current_app

from connectors.sandbox.deposco.answers import CONCURRENT, Refused
from connectors.sandbox.deposco.index import Journal
from connectors.sandbox.deposco.models import Adjustment, Item, Json, Level, Line, Order, Receipt, Shipment
from connectors.sandbox.deposco.oddities import Oddities
from connectors.sandbox.deposco.settings import Settings
from connectors.sandbox.kit import Bench, LeakyBucket

T = TypeVar("T")
FIRST_IDS = {"order": 51001, "line": 61001, "item": 9001, "pack": 20101, "shipment": 77001, "company": 181, "facility": 3, "wave": 801}
FIRST_IDS |= {"receipt": 88001, "adjustment": 40001, "container": 1, "bulk": 1}
SEARCHES_KEPT = 500


@dataclass(order=True)
class Due:
    """Something that the warehouse does by itself at a moment."""

    at: datetime
    turn: int
    act: Callable[[datetime], None] = field(compare=False)


class State:
    """Everything one tenant has. Guarded by `bench.lock`; every request holds it while it reads or writes."""

    def __init__(self, *, bench: Bench, settings: Settings) -> None:
        self.bench = bench
        self.settings = settings
        self.bucket = LeakyBucket(settings.per_s, settings.per_s)
        self.clear()

    def clear(self) -> None:
        self.oddities = Oddities()
        self.counters = {kind: count(first) for kind, first in FIRST_IDS.items()}
        self.due: list[Due] = []
        self.tokens: dict[str, Any] = {}
        self.refresh_tokens: dict[str, str] = {}  # refresh token -> company
        self.busy: dict[tuple[str, str, str], float] = {}
        self.companies: dict[str, Json] = {}
        self.facilities: dict[str, Json] = {}
        self.clear_items()
        self.clear_orders()

    def clear_items(self) -> None:
        self.items: dict[int, Item] = {}
        self.items_of: dict[str, list[int]] = defaultdict(list)
        self.item_numbers: dict[tuple[str, str], int] = {}
        self.item_names: dict[tuple[str, str], set[int]] = defaultdict(set)
        self.upcs: dict[tuple[str, str], set[int]] = defaultdict(set)
        self.items_created, self.items_changed = Journal(), Journal()
        self.stock: dict[int, dict[str, Level]] = defaultdict(dict)
        self.stock_changed = Journal()
        self.adjustments: list[Adjustment] = []
        self.moved: dict[str, Any] = {}  # what the last delta of the stock snapshot found

    def clear_orders(self) -> None:
        self.orders: dict[int, Order] = {}
        self.lines: dict[int, Line] = {}
        self.order_numbers: dict[tuple[str, str, str], int] = {}  # company, type, number
        self.orders_of: dict[tuple[str, str], list[int]] = defaultdict(list)  # company, type
        self.by_status: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)  # type, status
        self.by_customer_number: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)  # company, customerOrderNumber
        self.orders_created, self.orders_changed = Journal(), Journal()
        self.waiting: dict[int, set[int]] = defaultdict(set)  # orders short of an item
        self.shipments: dict[int, Shipment] = {}
        self.shipments_of: dict[str, list[int]] = defaultdict(list)
        self.shipments_created, self.shipments_changed, self.shipments_sent = Journal(), Journal(), Journal()
        self.receipts: dict[int, Receipt] = {}
        self.receipts_of: dict[int, list[int]] = defaultdict(list)  # by line
        self.receipts_at: dict[str, list[int]] = defaultdict(list)  # by company
        self.searches: OrderedDict[str, Any] = OrderedDict()
        self.bulk: dict[str, Any] = {}
        self.refused_duplicates: dict[str, int] = defaultdict(int)  # numbers that the legacy import was sent again

    def now(self) -> datetime:
        return self.bench.clock.now()

    def next_id(self, kind: str) -> int:
        return next(self.counters.setdefault(kind, count(1)))

    def later(self, seconds: float, act: Callable[[datetime], None], *, start: datetime) -> None:
        heapq.heappush(self.due, Due(start + timedelta(seconds=seconds), self.next_id("turn"), act))

    def settle(self) -> None:
        """Do what has fallen due, each thing at its own moment. Runs before any request is looked at."""
        now = self.now()
        while self.due and self.due[0].at <= now:
            each = heapq.heappop(self.due)
            each.act(each.at)

    def level(self, item_id: int, facility: str) -> Level:
        """The stock row, made if there was none: an item never stocked at a facility has none."""
        levels = self.stock[item_id]
        if facility not in levels:
            levels[facility] = Level()
        return levels[facility]

    def find_order(self, company: str, type: str, number: str) -> Order | None:
        id = self.order_numbers.get((company, type, number))
        return self.orders[id] if id is not None else None

    def find_item(self, company: str, number: str) -> Item | None:
        id = self.item_numbers.get((company, number))
        return self.items[id] if id is not None else None

    def occupy(self, company: str, type: str, number: str) -> None:
        """409 while another write still has this order in use (`busy_s`, or the oddity of that name)."""
        key = (company, type, number)
        if self.oddities.take("concurrent_update") or self.busy.get(key, 0.0) > time.monotonic():
            raise Refused(409, CONCURRENT)
        if self.settings.busy_s > 0:
            self.busy[key] = time.monotonic() + self.settings.busy_s

    def touch_shipment(self, shipment: Shipment, *, at: datetime) -> None:
        shipment.updated_at = at
        self.shipments_changed.touch(shipment.id, at=at)


def state() -> State:
    return cast(State, current_app.extensions["state"])


def need(table: dict[int, T], id: Any, *, kind: str) -> T:
    """The record with this id, or the vendor's 404."""
    found = table.get(id) if isinstance(id, int) else None
    if found is None:
        raise Refused(404, f"{kind} with id = [{id}] not found")
    return found
