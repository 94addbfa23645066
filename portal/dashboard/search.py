"""Finds orders by what a person holds in their hand: a number, the end of one, an e-mail, a tracking number, a SKU.

Every look is one walk of an index; all of them together are one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Upper

from portal.connections.models import Connection
from portal.ledger.models import HubOrder, OrderLine, Parcel, SalesOrder, StockLevel, StockPublication

LIMIT = 50
SHORTEST_END = 3  # “ends with” needs so many characters: fewer fit half of all orders

Rows = QuerySet[Any, Any]


def _known() -> Rows:
    """Ids are unique within a connection, so an index is entered once for each of the few connections."""
    return Connection.objects.order_by().values("pk")


def by_number(words: str) -> Rows:
    return SalesOrder.objects.filter(number_key=words.upper())


def by_channel_id(words: str) -> Rows:
    return SalesOrder.objects.filter(connection__in=_known(), reference=words)


def by_hub_number(words: str) -> Rows:
    return HubOrder.objects.filter(number=words, order__isnull=False)


def by_hub_id(words: str) -> Rows:
    return HubOrder.objects.filter(connection__in=_known(), reference=words, order__isnull=False)


def by_customer(words: str) -> Rows:
    return SalesOrder.objects.alias(key=Upper("customer_reference")).exclude(customer_reference="").filter(key=words.upper())


def by_email(words: str) -> Rows:
    found = SalesOrder.objects.alias(key=Upper("email")).exclude(email="").filter(key=words.upper())
    return found if "@" in words else found.none()


def by_tracking(words: str) -> Rows:
    found = Parcel.objects.filter(tracking_key__startswith=words.upper(), shipment__order__isnull=False)
    return found if len(words) >= SHORTEST_END else found.none()


def by_sku(words: str) -> Rows:
    return OrderLine.objects.filter(sku=words).order_by("-order")


def by_beginning(words: str) -> Rows:
    return SalesOrder.objects.filter(number_key__startswith=words.upper())


def by_end(words: str) -> Rows:
    found = SalesOrder.objects.filter(number_reversed__startswith=words.upper()[::-1])
    return found if len(words) >= SHORTEST_END else found.none()


@dataclass(frozen=True)
class Look:
    """`is_exact`: one such hit is the order that was meant, whatever else fits. `path` leads to the order."""

    how: str
    find: Callable[[str], Rows]
    path: str = "pk"
    is_exact: bool = True


LOOKS = (
    Look("order number", by_number),
    Look("id in the channel", by_channel_id),
    Look("number in the warehouse", by_hub_number, "order_id"),
    Look("id in the warehouse", by_hub_id, "order_id"),
    Look("customer reference", by_customer),
    Look("e-mail address", by_email),
    Look("tracking number", by_tracking, "shipment__order_id"),
    Look("SKU on the order", by_sku, "order_id", is_exact=False),
    Look("number begins with this", by_beginning, is_exact=False),
    Look("number ends with this", by_end, is_exact=False),
)


@dataclass(frozen=True)
class Found:
    """Orders, best look first, each with how it was found; `only` is the one that was surely meant."""

    orders: list[SalesOrder]
    only: SalesOrder | None
    is_cut: bool

    def __bool__(self) -> bool:
        return bool(self.orders)


def find_orders(words: str) -> Found:
    """Up to LIMIT orders for the words, as typed but for blanks around them; two statements whatever they fit."""
    words = words.strip()[:120]
    if not words or "\0" in words:
        return Found([], None, is_cut=False)
    hits: dict[int, int] = {}
    first, *others = (_looked(place, look, words) for place, look in enumerate(LOOKS))
    every = list(first.union(*others, all=True))
    for place, pk in sorted(every, key=lambda hit: hit[0]):
        hits.setdefault(pk, place)
    exact = [pk for pk, place in hits.items() if LOOKS[place].is_exact]
    chosen = list(hits)[:LIMIT]
    orders = SalesOrder.objects.select_related("connection").in_bulk(chosen)
    for pk, order in orders.items():
        order.how = LOOKS[hits[pk]].how  # type: ignore[attr-defined]
    only = orders.get(exact[0]) if len(exact) == 1 else next(iter(orders.values())) if len(orders) == 1 else None
    return Found([orders[pk] for pk in chosen if pk in orders], only, is_cut=len(every) > LIMIT)


def _looked(place: int, look: Look, words: str) -> Rows:
    """(place of the look, order), at most one more than a page of them."""
    rows = look.find(words)
    if not rows.query.order_by:
        rows = rows.order_by()
    return rows.annotate(place=Value(place), found=F(look.path)).values_list("place", "found")[: LIMIT + 1]


def find_skus(words: str, *, limit: int = 20) -> list[str]:
    """SKUs that begin with the words, as typed: capitals and leading zeros are differences."""
    words = words.strip()[:120]
    if not words or "\0" in words:
        return []
    levels = StockLevel.objects.filter(sku__startswith=words).order_by().values_list("sku", flat=True).distinct()
    shown = StockPublication.objects.filter(connection__in=_known(), sku=words).order_by().values_list("sku", flat=True)
    return sorted({*levels[:limit], *shown[:limit]})[:limit]
