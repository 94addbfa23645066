"""Full readings correct what the deltas missed: counted while they run, and only a complete one takes away what it did not list (R16)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from connectors.canonical import Received
from connectors.ports import Feed, Side
from portal.connections.models import Connection
from portal.ledger.models import CatalogueItem, StockLevel, StockPublication
from portal.ledger.record_stock import take_away
from portal.sync.catalogue.follow import follow_gone
from portal.sync.compare import compare
from portal.sync.drift import compare_shown
from portal.sync.models import Cursor
from portal.sync.signals import full_reading_done
from portal.sync.stock import replan_stock

COMPLETE_LISTS = ("stock", "catalogue")  # topics whose full feed lists everything there is; orders are read again for some weeks only
CHUNK = 500


def opened(cursor: Cursor, *, at: datetime) -> Cursor:
    """Begin a reading, or go on with the one that was interrupted: its cursor still has a place."""
    if not cursor.value or cursor.run_began_at is None:
        cursor.run_began_at = at
        Cursor.objects.filter(pk=cursor.pk).update(run_began_at=at, compared=0, corrected=0, unreadable=0)
    return cursor


def take(items: Sequence[Received], *, cursor: Cursor, connection: Connection, door: str, at: datetime) -> int:
    """Compare one page and count it with its reading; how many items were received."""
    found = compare(items, connection=connection, door=door, at=at)
    Cursor.objects.filter(pk=cursor.pk).update(
        compared=F("compared") + found.skus, corrected=F("corrected") + found.differing, unreadable=F("unreadable") + found.unreadable
    )
    return found.fresh


def complete(connection: Connection, feed: Feed, *, at: datetime) -> int:
    """The reading reached the end: what it did not list is gone. How many SKUs that were.

    A reading that listed nothing, or something nobody could read, takes nothing away: the fault is more likely there.
    """
    cursor = Cursor.objects.get(connection=connection, feed=feed.name)
    gone = 0
    if feed.topic in COMPLETE_LISTS and cursor.compared and not cursor.unreadable and cursor.run_began_at is not None:
        remove = take_away_stock if feed.topic == "stock" else take_away_items
        gone = remove(connection, cursor.run_began_at, at=at)
    if gone:
        Cursor.objects.filter(pk=cursor.pk).update(corrected=F("corrected") + gone)
        cursor.refresh_from_db()
    full_reading_done.send(Cursor, cursor=cursor, feed=feed, connection=connection, gone=gone, first=cursor.first_done_at == cursor.done_at, at=at)
    return gone


def take_away_stock(connection: Connection, began_at: datetime, *, at: datetime) -> int:
    """Levels it did not list are 0, and what is published from them follows."""
    skus: set[str] = set()
    for pks in chunks(unlisted(StockLevel.objects.filter(connection=connection, gone_at=None), began_at)):
        with transaction.atomic():
            levels = list(StockLevel.objects.select_for_update().select_related("connection").filter(pk__in=pks).order_by("sku", "warehouse_code"))
            for level in levels:
                take_away(level, at=at)
            here = {level.sku for level in levels}
            replan_stock(connection, here, at=at) if connection.has_side(Side.HUB) else show_again(levels, at=at)
        skus |= here
    return len(skus)


def show_again(levels: list[StockLevel], *, at: datetime) -> None:
    """A channel lost the entries: what it should show is written anew, without the ids they had."""
    for level in levels:
        rows = StockPublication.objects.filter(connection=level.connection, sku=level.sku, warehouse_code=level.warehouse_code)
        rows.update(reference="", version="")
        level.reference = ""
        compare_shown(level, at=at)


def take_away_items(connection: Connection, began_at: datetime, *, at: datetime) -> int:
    """Variants it did not list are gone."""
    number = 0
    for pks in chunks(unlisted(CatalogueItem.objects.filter(connection=connection, gone_at=None), began_at)):
        with transaction.atomic():
            items = list(CatalogueItem.objects.select_for_update().select_related("connection").filter(pk__in=pks).order_by("pk"))
            CatalogueItem.objects.filter(pk__in=pks).update(gone_at=at)
            follow_gone(items, connection=connection, at=at)
        number += len(items)
    return number


def unlisted(rows: QuerySet, began_at: datetime) -> QuerySet:
    """Neither listed by the reading nor seen by another door since it began."""
    return rows.filter(Q(listed_at=None) | Q(listed_at__lt=began_at), seen_at__lt=began_at)


def chunks(rows: QuerySet) -> Iterator[list[int]]:
    """Ids in bunches; each bunch leaves the query by what is done to it."""
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield pks
