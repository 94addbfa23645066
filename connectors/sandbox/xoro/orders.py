"""salesorder/getsalesorder: one status at a time, or one order by its number. Without either the answer is empty."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from flask import Response, request

from connectors.sandbox.xoro.answers import empty_list, listed, positive
from connectors.sandbox.xoro.fields import bound
from connectors.sandbox.xoro.index import Journal
from connectors.sandbox.xoro.models import Order
from connectors.sandbox.xoro.order_view import order_view
from connectors.sandbox.xoro.store import State

HEADER_FILTERS = {
    "sale_store_name": "SaleStoreName",
    "customer_name": "CustomerName",
    "third_party_ref_no": "ThirdPartyRefNo",
    "ref_no": "RefNo",
}
FILTERS = ("order_number", "status", "store_name", "since_id", "id", "created_at_min", "created_at_max", "updated_at_min", "updated_at_max")
EVER = datetime(2, 1, 1, tzinfo=UTC)  # with room before it
NARROWING = tuple(name for name in (*HEADER_FILTERS, *FILTERS) if name != "status")


def read(here: State) -> Response:
    if not request.args.get("status") and not request.args.get("order_number"):
        return empty_list(positive("page", 1))
    if here.oddities.take("empty_read"):
        return empty_list(positive("page", 1))
    return listed(found(here), here.settings, render=lambda id: order_view(here, here.orders[id]))


def found(here: State) -> Sequence[int]:
    """Ids in ascending order; a filtered answer is kept until an order changes, so that its later pages cost nothing."""
    status = request.args.get("status", "").lower()
    if status == here.settings.open_name.lower() and not here.settings.open_readable:
        return []
    if not any(request.args.get(name) for name in NARROWING):
        return here.by_status[status].ids if status in here.by_status else []
    question = tuple(sorted((name, value) for name, value in request.args.items() if name not in ("page", "per_page")))
    version, kept = here.found_orders.get(question, (-1, []))
    if version != here.orders_version:
        kept = filtered(here, status)
        here.remember(question, kept)
    return kept


def filtered(here: State, status: str) -> list[int]:
    ids: Collection[int] = candidates(here, status)
    for name, journal in (("created_at", here.orders_created), ("updated_at", here.orders_changed)):
        ids = narrowed(ids, journal, name, zone=here.settings.time_zone)
    wanted = chooser(here, status)
    return [id for id in sorted(ids) if wanted(here.orders[id])]


def narrowed(ids: Collection[int], journal: Journal, name: str, *, zone: str) -> Collection[int]:
    """Those created or changed between the bounds in the query, if there are any."""
    least, most = bound(f"{name}_min", zone=zone), bound(f"{name}_max", zone=zone)
    if least is None and most is None:
        return ids
    return journal.within(least or EVER, most).intersection(ids)


def candidates(here: State, status: str) -> Sequence[int]:
    """The shortest list that holds every answer."""
    asked = request.args
    if asked.get("order_number"):
        found = here.by_number.get(asked["order_number"])
        return [found] if found else []
    if asked.get("id"):
        found = positive("id", 0)
        return [found] if found in here.orders else []
    if asked.get("third_party_ref_no"):
        return here.by_ref.get(asked["third_party_ref_no"], [])
    return here.by_status[status].ids if status in here.by_status else []


def chooser(here: State, status: str) -> Callable[[Order], bool]:
    """The filters of the query as one question to an order, read once for all orders."""
    asked = request.args
    since_id = positive("since_id", 0)
    store_id = here.stores.get(asked["store_name"], 0) if asked.get("store_name") else None
    fields = [(field, asked[name]) for name, field in HEADER_FILTERS.items() if asked.get(name)]

    def wanted(order: Order) -> bool:
        if (status and order.status.lower() != status) or order.id <= since_id:
            return False
        return store_id in (None, order.store_id) and all(order.header.get(field, "") == value for field, value in fields)

    return wanted
