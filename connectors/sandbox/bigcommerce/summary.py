"""What happened to a store, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from connectors.sandbox.bigcommerce.models import STATUSES, Doc
from connectors.sandbox.bigcommerce.store import State


def summary(here: State) -> Doc:
    hooks = here.hooks
    return {
        "orders": len(here.orders),
        "by_status": dict(Counter(STATUSES[order.status_id] for order in here.orders.values())),
        "archived": sum(order.is_deleted for order in here.orders.values()),
        "shipments": len(here.shipments),
        "shipped_twice": twice(f"{row.order_id} {row.told['tracking_number']}" for row in here.shipments.values()),
        "without_tracking": sum(not row.told["tracking_number"] for row in here.shipments.values()),
        "units_ordered": sum(each.quantity for order in here.orders.values() for each in order.products),
        "units_shipped": sum(each.shipped for order in here.orders.values() for each in order.products),
        "refunds": len(here.refunds),
        "variants": len(here.variants),
        "without_sku": sum(not each.sku for each in here.variants.values()),
        "available": sum(level.available for level in here.levels.values()),
        "oversold": sum(level.available < 0 for level in here.levels.values()),
        "adjustments_on_their_way": len(here.due),
        "webhooks": {"hooks": len(hooks.hooks), "inactive": sum(not each.active for each in hooks.hooks.values()), "tries": len(hooks.poster.log)},
        "mails": hooks.mails,
    }


def twice(words: Iterable[str]) -> dict[str, int]:
    return {word: count for word, count in Counter(words).items() if count > 1}
