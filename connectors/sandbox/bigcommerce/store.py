"""The store in memory: rows by id, by SKU and in the order they changed, and adjustments on their way."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from flask import current_app

from connectors.sandbox.bigcommerce.hooks import Hooks
from connectors.sandbox.bigcommerce.models import Level, Order, Place, Product, Refund, Shipment, Variant
from connectors.sandbox.bigcommerce.settings import Settings
from connectors.sandbox.kit import Bench
from connectors.sandbox.ordering import Ordered

FIRST_IDS = {
    "order": 118, "line": 25, "address": 20, "shipment": 9, "refund": 3, "product": 20, "variant": 79, "sku": 61, "place": 1, "hook": 30000101,
    "transaction": 1, "turn": 1,
}  # fmt: skip


@dataclass(order=True)
class Due:
    """Something that takes effect later."""

    at: datetime
    turn: int
    act: Callable[[], None] = field(compare=False)


class State:
    """Everything one store has. Guarded by `bench.lock`; every request holds it while it reads or writes."""

    def __init__(self, *, bench: Bench, settings: Settings, store_hash: str, secret: str, tokens: dict[str, frozenset[str]]) -> None:
        self.bench, self.settings, self.store_hash, self.secret = bench, settings, store_hash, secret
        self.first_tokens = dict(tokens)
        self.hooks = Hooks(self)
        self.clear()

    def clear(self) -> None:
        self.tokens = dict(self.first_tokens)
        self.ids = dict(FIRST_IDS)
        self.due: list[Due] = []
        self.busy = 0  # so many requests more are refused for the platform's load, without headers
        self.hooks.clear()
        self.places: dict[int, Place] = {}
        self.products: dict[int, Product] = {}
        self.variants: dict[int, Variant] = {}
        self.by_sku: dict[str, list[int]] = defaultdict(list)
        self.levels: dict[tuple[int, int], Level] = {}  # by (variant, place)
        self.orders: dict[int, Order] = {}
        self.modified = Ordered()
        self.shipments: dict[int, Shipment] = {}
        self.refunds: dict[int, Refund] = {}

    def now(self) -> datetime:
        """Whole seconds, as the vendor keeps them."""
        return self.bench.clock.now().replace(microsecond=0)

    def next_id(self, kind: str) -> int:
        found = self.ids[kind]
        self.ids[kind] = found + 1
        return found

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        if seconds <= 0:
            act()
        else:
            heapq.heappush(self.due, Due(self.bench.clock.now() + timedelta(seconds=seconds), self.next_id("turn"), act))

    def settle(self) -> None:
        """Let what is due take effect. Runs before any request is looked at."""
        now = self.bench.clock.now()
        while self.due and self.due[0].at <= now:
            heapq.heappop(self.due).act()

    def touch(self, order: Order, *, at: datetime | None = None) -> None:
        order.modified_at = at or self.now()
        self.modified.put(order.id, order.modified_at)

    def with_sku(self, sku: str) -> list[Variant]:
        return [self.variants[id] for id in self.by_sku.get(sku.lower(), [])]

    def rename(self, variant: Variant, sku: str) -> None:
        if variant.id in self.by_sku[variant.sku.lower()]:
            self.by_sku[variant.sku.lower()].remove(variant.id)
        variant.sku = sku
        if sku:
            self.by_sku[sku.lower()].append(variant.id)

    def levels_of(self, variant_id: int) -> list[Level]:
        return [self.levels[variant_id, place] for place in self.places if (variant_id, place) in self.levels]


def state() -> State:
    return cast(State, current_app.extensions["state"])
