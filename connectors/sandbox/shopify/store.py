"""The shop in memory: rows by id, by SKU and in the order they changed, and the ids that are handed out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

from flask import current_app

from connectors.sandbox.kit import Bench
from connectors.sandbox.ordering import Ordered
from connectors.sandbox.shopify.hooks import Hooks
from connectors.sandbox.shopify.models import (
    Doc,
    Fulfilment,
    FulfilmentOrder,
    Level,
    Location,
    Order,
    Product,
    Refund,
    Return,
    Variant,
)
from connectors.sandbox.shopify.oddities import Oddities
from connectors.sandbox.shopify.settings import Settings

FIRST_IDS = {
    "order": 5551000111, "line": 7001, "fulfilment_order": 8801, "fulfilment_line": 9901, "fulfilment": 6601, "fulfilment_part": 66001,
    "refund": 4401, "refund_line": 44001, "return": 3301, "return_line": 33001, "product": 201, "variant": 301, "item": 401, "location": 501,
    "group": 1, "webhook": 1101,
}  # fmt: skip
FIRST_NUMBER = 10021


class State:
    """Everything one shop has. Guarded by `bench.lock`; every request holds it while it reads or writes."""

    def __init__(self, *, bench: Bench, settings: Settings, shop: str, secret: str, tokens: dict[str, frozenset[str]]) -> None:
        self.bench, self.settings, self.shop = bench, settings, shop
        self.first_secret, self.first_tokens = secret, dict(tokens)
        self.hooks = Hooks(self)
        self.clear()

    def clear(self) -> None:
        self.secret, self.old_secret = self.first_secret, ""
        self.tokens = dict(self.first_tokens)
        self.issued: dict[str, datetime] = {}  # short-lived tokens and their end
        self.oddities = Oddities()
        self.ids = dict(FIRST_IDS)
        self.number = FIRST_NUMBER
        self.blocked = 0  # the HTTP status of a frozen or locked shop
        self.repeats: dict[str, tuple[str, Doc]] = {}  # idempotency key -> (what was asked, its answer)
        self.hooks.clear()
        self.clear_goods()
        self.clear_orders()

    def clear_goods(self) -> None:
        self.locations: dict[int, Location] = {}
        self.products: dict[int, Product] = {}
        self.variants: dict[int, Variant] = {}
        self.variant_of_item: dict[int, int] = {}
        self.by_sku: dict[str, list[int]] = defaultdict(list)
        self.levels: dict[tuple[int, int], Level] = {}  # by (item, location)
        self.items_at: dict[int, Ordered] = defaultdict(Ordered)  # by location, in the order of change
        self.changed: dict[str, Ordered] = {"product": Ordered(), "variant": Ordered()}

    def clear_orders(self) -> None:
        self.orders: dict[int, Order] = {}
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.changed["order"], self.changed["fulfilment_order"] = Ordered(), Ordered()
        self.fulfilment_orders: dict[int, FulfilmentOrder] = {}
        self.fulfilments: dict[int, Fulfilment] = {}
        self.refunds: dict[int, Refund] = {}
        self.returns: dict[int, Return] = {}
        self.tracking: dict[str, list[int]] = defaultdict(list)  # number -> fulfilments

    def now(self) -> datetime:
        return self.bench.clock.now()

    def next_id(self, kind: str) -> int:
        found = self.ids[kind]
        self.ids[kind] = found + 1
        return found

    def touch(self, row: Order | Product | Variant | FulfilmentOrder, *, at: datetime) -> None:
        row.updated_at = at
        self.changed[KINDS[type(row).__name__]].put(row.id, at)

    def touch_level(self, level: Level, *, at: datetime) -> None:
        level.updated_at = at
        self.items_at[level.location_id].put(level.item_id, at)
        self.hooks.level_changed(level)

    def levels_of(self, item_id: int) -> list[Level]:
        return [self.levels[item_id, place] for place in self.locations if (item_id, place) in self.levels]

    def with_sku(self, sku: str) -> list[Variant]:
        return [self.variants[id] for id in self.by_sku.get(sku.lower(), []) if id in self.variants]

    def rename(self, variant: Variant, sku: str | None) -> None:
        if variant.sku and variant.id in self.by_sku[variant.sku.lower()]:
            self.by_sku[variant.sku.lower()].remove(variant.id)
        variant.sku = sku
        if sku:
            self.by_sku[sku.lower()].append(variant.id)

    def of_order(self, order: Order, kind: str) -> Iterable[Any]:
        """The order's fulfilment orders, fulfilments, refunds or returns."""
        table: dict[int, Any] = getattr(self, kind)
        return [table[id] for id in getattr(order, f"{kind.removesuffix('s')}_ids")]


KINDS = {"Order": "order", "Product": "product", "Variant": "variant", "FulfilmentOrder": "fulfilment_order"}


def state() -> State:
    return cast(State, current_app.extensions["state"])


def gid(kind: str, id: int | str) -> str:
    return f"gid://shopify/{kind}/{id}"


def number_in(kind: str, value: Any) -> int:
    """The number in a global id of that kind; 0 for anything else."""
    found = str(value).removeprefix(f"gid://shopify/{kind}/").partition("?")[0]
    return int(found) if str(value).startswith(f"gid://shopify/{kind}/") and found.isdecimal() else 0


def stamp(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
