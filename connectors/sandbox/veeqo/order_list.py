"""The order list's filters, which fail open: a bad date is ignored, an unknown status finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from flask import request

from connectors.sandbox.veeqo.fields import bound, ids, reference
from connectors.sandbox.veeqo.lifecycle import CANCELLED
from connectors.sandbox.veeqo.models import Order
from connectors.sandbox.veeqo.store import State

ANSWERS_KEPT = 32
Test = Callable[[Order], bool]


def matching_orders(here: State) -> list[int]:
    """Ids of the orders that the query asks for, newest first; the order cannot be changed.

    The answer is kept until any order changes, so that reading page after page does not filter again.
    """
    asked = tuple(sorted((name, value) for name, value in request.args.items(multi=True) if name not in ("page", "page_size")))
    lagging = here.settings.search_lag_s > 0 and "query" in request.args
    kept = here.found_orders.get(asked)
    if kept and kept[0] == here.orders_version and not lagging:
        return kept[1]
    tests = filters(here)
    found = [id for id in sources(here) if all(test(here.orders[id]) for test in tests)]
    if len(here.found_orders) >= ANSWERS_KEPT:
        here.found_orders.clear()
    here.found_orders[asked] = (here.orders_version, found)
    return found


def sources(here: State) -> Iterable[int]:
    """The smallest set of ids that an index can give, newest first."""
    narrowed: list[set[int]] = []
    words = request.args.get("query", "").strip()
    if words:
        narrowed.append(searched(here, words))
    changed_since = bound("updated_at_min", settings=here.settings)
    if changed_since:
        narrowed.append(here.orders_changed.since(changed_since))
    created_since = bound("created_at_min", settings=here.settings)
    if created_since:
        narrowed.append(here.orders_created.since(created_since))
    if narrowed:
        return sorted(set.intersection(*narrowed), reverse=True)
    status = request.args.get("status")
    if status:
        return reversed(here.by_status[status].ids) if status in here.by_status else ()
    return reversed(here.order_ids.ids)


def searched(here: State, words: str) -> set[int]:
    """Free text over number, e-mail, names and SKUs; a search index may lag behind fresh orders."""
    found = here.order_words.find(words)
    if here.settings.search_lag_s > 0:
        newest = here.now() - timedelta(seconds=here.settings.search_lag_s)
        found = {id for id in found if here.orders[id].created_at <= newest}
    return found


def filters(here: State) -> list[Test]:
    """What each order must pass; most lists have one or two."""
    args = request.args
    tests: list[Test] = []
    status, since_id, warehouse_id, tag = args.get("status"), reference(args.get("since_id")), args.get("allocated_at"), args.get("tags")
    channel_ids = ids("channel_ids[]", "channel_ids")
    if status:
        tests.append(lambda order: order.status == status)
    elif here.settings.hide_cancelled:
        tests.append(lambda order: order.status != CANCELLED)
    if since_id:
        tests.append(lambda order: order.id > since_id)
    if channel_ids:
        tests.append(lambda order: order.channel_id in channel_ids)
    if warehouse_id:
        wanted = reference(warehouse_id)
        tests.append(lambda order: any(allocation.warehouse_id == wanted for allocation in order.allocations))
    if tag:
        tests.append(lambda order: any(here.tags[id]["name"] == tag for id in order.tag_ids if id in here.tags))
    return tests + periods(here)


def periods(here: State) -> list[Test]:
    """`created[…]` and `due[…]`; `[before]` includes that whole day."""
    tests: list[Test] = []
    after, before = bound("created[after]", settings=here.settings), bound("created[before]", settings=here.settings, whole_day=True)
    due_after, due_before = bound("due[after]", settings=here.settings), bound("due[before]", settings=here.settings, whole_day=True)
    if after:
        tests.append(lambda order: order.created_at >= after)
    if before:
        tests.append(lambda order: order.created_at < before)
    if due_after:
        tests.append(lambda order: order.due_date is not None and order.due_date >= due_after)
    if due_before:
        tests.append(lambda order: order.due_date is not None and order.due_date < due_before)
    return tests
