"""What happened to a shop, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from connectors.sandbox.shopify.models import Doc, Order
from connectors.sandbox.shopify.rest import fulfillment_status, money
from connectors.sandbox.shopify.store import State, stamp


def summary(here: State) -> Doc:
    live = [each for each in here.fulfilments.values() if each.status != "CANCELLED"]
    return {
        "orders": len(here.orders),
        "by_financial": counted(order.financial for order in here.orders.values()),
        "by_fulfillment": counted(fulfillment_status(order) for order in here.orders.values()),
        "cancelled": sum(order.cancelled_at is not None for order in here.orders.values()),
        "fulfillment_orders": counted(row.status for row in here.fulfilment_orders.values()),
        "fulfillments": len(live),
        "fulfilled_twice": twice(f"{here.orders[each.order_id].name} {one.number}" for each in live for one in each.tracking),
        "without_tracking": sum(not any(one.number for one in each.tracking) for each in live),
        "notified": sum(each.notified for each in live),
        "units_ordered": sum(line.current for order in here.orders.values() for line in order.lines),
        "units_fulfilled": sum(line.fulfilled for order in here.orders.values() for line in order.lines),
        "refunds": len(here.refunds),
        "returns": counted(row.status for row in here.returns.values()),
        "variants": len(here.variants),
        "without_sku": sum(not each.sku for each in here.variants.values()),
        "duplicate_skus": {sku: len(ids) for sku, ids in here.by_sku.items() if len(ids) > 1},
        "available": sum(level.units["available"] for level in here.levels.values()),
        "oversold": sum(level.units["available"] < 0 for level in here.levels.values()),
        "webhooks": {"subscriptions": len(here.hooks.subscriptions), "removed": here.hooks.removed, "tries": len(here.hooks.poster.log)},
    }


def counted(words: Iterable[Any]) -> dict[str, int]:
    return dict(Counter(words))


def twice(words: Iterable[str]) -> dict[str, int]:
    return {word: count for word, count in Counter(words).items() if count > 1}


def order_told(here: State, order: Order) -> Doc:
    """One order as the shop's own screens would show it."""
    return {
        "id": order.id,
        "name": order.name,
        "financial": order.financial,
        "fulfillment": fulfillment_status(order),
        "cancelled_at": stamp(order.cancelled_at),
        "total": money(order.current_total),
        "lines": [vars(line) | {"price": money(line.price)} for line in order.lines],
        "fulfillment_orders": [
            {"id": row.id, "status": row.status, "location": row.location_id, "lines": [vars(part) for part in row.lines]}
            for row in here.of_order(order, "fulfilment_orders")
        ],
        "fulfillments": [
            {"id": row.id, "status": row.status, "lines": row.lines, "tracking": [vars(one) for one in row.tracking]}
            for row in here.of_order(order, "fulfilments")
        ],
        "refunds": [{"id": row.id, "amount": money(row.amount), "note": row.note} for row in here.of_order(order, "refunds")],
        "returns": [{"id": row.id, "status": row.status} for row in here.of_order(order, "returns")],
    }
