"""The feeds: which list each reads, and what one item of it becomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.bigcommerce.client import Client, lacks_scope
from connectors.bigcommerce.orders import INCOMPLETE, changed_at
from connectors.bigcommerce.values import Body, Row, mapping, when
from connectors.canonical import Page, Received
from connectors.errors import AccessDenied, ContractError
from connectors.ports import Feed, Priority
from connectors.reading import dump, moment, text

ORDERS, REFUNDS, STOCK, CATALOGUE = "orders", "refunds", "stock", "catalogue"
FEEDS = (
    Feed("orders", ORDERS, 120, label="orders"),
    Feed("refunds", REFUNDS, 600, label="refunds"),
    Feed("snapshot", STOCK, 14_400, Priority.BULK, full=True, label="full stock"),
    Feed("catalogue", CATALOGUE, 86_400, Priority.BULK, full=True, label="full catalogue"),
)
NESTED = {"products": "products", "shipping_addresses": "shipping_addresses", "shipments": "shipments"}
NESTED_PAGE, V3_PAGE, STOCK_PAGE = 250, 250, 500
MOST_OVERLAP_S = 6 * 3600


def poll(client: Client, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
    """What the port's `poll` promises."""
    if feed == "orders":
        return orders(client, cursor, until=until)
    if feed == "refunds":
        return refunds(client, cursor, until=until)
    if feed == "snapshot":
        return whole_list(client, "/v3/inventory/items", cursor, size=STOCK_PAGE, topic=STOCK)
    if feed == "catalogue":
        return whole_list(client, "/v3/catalog/variants", cursor, size=V3_PAGE, topic=CATALOGUE)
    raise ContractError(f"BigCommerce has no feed called {feed}.")


def load_cursor(cursor: str) -> Body:
    try:
        kept = json.loads(cursor) if cursor else {}
    except ValueError as error:
        raise ContractError("The place to continue reading from is damaged.", detail=cursor[:200]) from error
    if not isinstance(kept, dict):
        raise ContractError("The place to continue reading from is damaged.", detail=cursor[:200])
    return kept


def begins(client: Client, kept: Body) -> datetime | None:
    """Where a look begins: the overlap before the mark, else where the connection starts; None for everything."""
    if not kept.get("at"):
        return client.settings.start_at
    overlap = timedelta(seconds=client.settings.number("overlap_s", least=0, most=MOST_OVERLAP_S))
    return moment(kept["at"], what="kept mark") - overlap


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def mark_of(times: list[datetime], before: str, *, until: datetime) -> str:
    """The latest change seen, no later than `until`, never earlier than before."""
    known = [moment(before, what="kept mark")] if before else []
    every = [*known, *times]
    return min(max(every), until).isoformat() if every else ""


def orders(client: Client, cursor: str, *, until: datetime) -> Iterator[Page]:
    """Orders by time of change. Pages shift while orders change, so the mark only moves over what was seen, and each look overlaps."""
    kept = load_cursor(cursor)
    start, mark = begins(client, kept), text(kept.get("at"))
    params: dict[str, Any] = {"sort": "date_modified:asc"} | ({"min_date_modified": stamp(start)} if start else {})
    channels = client.settings.words("channel_ids")
    if len(channels) == 1:
        params["channel_id"] = channels[0]
    for rows, _ in client.pages("/v2/orders", params, size=client.settings.number("page_size", least=1, most=250)):
        mark = mark_of([changed_at(row) for row in rows], mark, until=until)
        wanted = [row for row in rows if row.get("status_id") != INCOMPLETE and (not channels or text(row.get("channel_id")) in channels)]
        yield Page(tuple(received_order(whole_order(client, row)) for row in wanted), json.dumps({"at": mark}))


def whole_order(client: Client, order: Row) -> Row:
    """The order with what its links lead to: products, addresses and shipments."""
    base = f"/v2/orders/{text(order.get('id'))}"
    return order | {name: nested(client, f"{base}/{path}") for name, path in NESTED.items()}


def nested(client: Client, path: str) -> list[Row]:
    return [row for rows, _ in client.pages(path, {}, size=NESTED_PAGE) for row in rows]


def one_order(client: Client, reference: str) -> Row | None:
    """One order by its number; None when the store does not know it."""
    if not reference.isdigit():
        return None
    found = client.get(f"/v2/orders/{reference}")
    return whole_order(client, found) if isinstance(found, dict) and found.get("id") else None


def received_order(order: Row) -> Received:
    """Stamps count whole seconds and shipments come without one, so all that was seen is part of the observation."""
    changed = changed_at(order)
    body = dump(order)
    subject = text(order.get("id"))
    return Received(ORDERS, f"{subject}@{stamp(changed)}~{digest(body)}", subject, body, changed)


def refunds(client: Client, cursor: str, *, until: datetime) -> Iterator[Page]:
    """Refunds by time of creation; they do not change (https://developer.bigcommerce.com/docs/rest-management/orders/order-refunds)."""
    kept = load_cursor(cursor)
    start, mark = begins(client, kept), text(kept.get("at"))
    params = {"created:min": stamp(start)} if start else {}
    for rows, _ in refund_pages(client, params):
        times = [when(row["created"], what="created of a refund") for row in rows if row.get("created")]
        mark = mark_of(times, mark, until=until)
        currencies = {order: currency_of(client, order) for order in sorted({text(row.get("order_id")) for row in rows})}
        named = [row | {"currency_code": currencies[text(row.get("order_id"))]} for row in rows]
        yield Page(tuple(map(received_refund, named)), json.dumps({"at": mark}))


def refund_pages(client: Client, params: Row) -> Iterator[tuple[list[Row], int]]:
    """Refunds need a right of their own; without it there are none (verify says so)."""
    try:
        yield from client.pages("/v3/orders/payment_actions/refunds", params, size=V3_PAGE)
    except AccessDenied as error:
        if not lacks_scope(error):
            raise


def currency_of(client: Client, order: str) -> str:
    """A refund names no currency: it is its order's."""
    return text(mapping(client.get(f"/v2/orders/{order}")).get("currency_code")) if order.isdigit() else ""


def received_refund(refund: Row) -> Received:
    body, subject = dump(refund), text(refund.get("id"))
    created = refund.get("created")
    return Received(REFUNDS, f"{subject}@{digest(body)}", subject, body, when(created, what="created of a refund") if created else None)


def whole_list(client: Client, path: str, cursor: str, *, size: int, topic: str) -> Iterator[Page]:
    """Every row, page by page, each with the number of the page to go on from."""
    first = load_cursor(cursor).get("page")
    for rows, following in client.pages(path, {}, size=size, first=first if isinstance(first, int) and first > 0 else 1):
        here = following or (first if isinstance(first, int) else 1)
        yield Page(tuple(received_row(topic, row) for row in rows), json.dumps({"page": here}))


def received_row(topic: str, row: Row) -> Received:
    identity = mapping(row.get("identity"))
    subject = text(row.get("id")) or text(identity.get("variant_id")) or text(identity.get("sku"))
    body = dump(row)
    return Received(topic, f"{subject}@{digest(body)}", subject, body)


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
