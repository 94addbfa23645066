"""Reads a feed page by page: each page is stored and its cursor kept in one transaction."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connectors.errors import ConnectorError
from connectors.ports import Priority
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.ledger.expect import beat
from portal.sync import full_readings
from portal.sync.models import Cursor
from portal.sync.receive import receive

LEASE = timedelta(seconds=75)  # renewed with each page; a worker killed meanwhile keeps the feed silent for no longer
MISSED_BEATS = 3
BULK_SHIFT_S = 20.0  # a full reading hands over after so long, so that orders are read between its shifts (R17)


def claim_cursor(connection: Connection, feed: str, *, at: datetime) -> Cursor | None:
    """The feed's cursor, ours until the lease ends; None when somebody else is reading it."""
    Cursor.objects.get_or_create(connection=connection, feed=feed)
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    mine = Cursor.objects.filter(free, connection=connection, feed=feed)
    if mine.update(claimed_until=at + LEASE, started_at=at) != 1:
        return None
    return Cursor.objects.get(connection=connection, feed=feed)


def poll(connection: Connection, feed_name: str, *, at: datetime) -> int | None:
    """Read what is new in a feed; how many items were. None: somebody else is reading it.

    Errors: those of `connectors.errors`; what was read before the error is kept.
    """
    cursor = claim_cursor(connection, feed_name, at=at)
    if cursor is None:
        return None
    feed = connection.vendor.feed(feed_name)
    fresh, began, whole, place = 0, time.monotonic(), True, cursor.value
    try:
        connector = connect(connection, priority=Priority(feed.priority))
        take = partial(full_readings.take, cursor=full_readings.opened(cursor, at=at)) if feed.full else receive
        for page in connector.poll(feed_name, cursor.value, until=at):
            with transaction.atomic():
                fresh += take(page.items, connection=connection, door="poll", at=timezone.now())
                still_ours = turn_page(cursor, place, page.cursor)
            place = page.cursor
            if not still_ours:
                return fresh  # one page took longer than the lease: whoever took over goes on from here
            if feed.full and time.monotonic() - began > BULK_SHIFT_S:
                whole = False
                break
        finish(cursor, items=fresh, note="" if whole else "Being read; it goes on in a moment.", full=feed.full, whole=whole)
        if feed.full and whole:
            full_readings.complete(connection, feed, at=timezone.now())
    except ConnectorError as error:
        ours(cursor).update(claimed_until=None, note=error.sentence)
        raise
    beat(f"poll:{connection.pk}:{feed_name}", at=timezone.now(), every_s=connection.interval_s(feed_name) * MISSED_BEATS, connection=connection,
         label=f"{connection.name}: {feed.label or feed_name}")  # fmt: skip
    return fresh


def ours(cursor: Cursor) -> QuerySet[Cursor]:
    """The cursor, as long as nobody took it over: whoever does writes down when."""
    return Cursor.objects.filter(pk=cursor.pk, started_at=cursor.started_at)


def turn_page(cursor: Cursor, before: str, after: str) -> bool:
    """Keep the place and the claim. False when somebody took over; the place is kept even then, so that slow pages come to an end."""
    if ours(cursor).update(value=after, claimed_until=timezone.now() + LEASE) == 1:
        return True
    Cursor.objects.filter(pk=cursor.pk, value=before).update(value=after)
    return False


def finish(cursor: Cursor, *, items: int, note: str, full: bool, whole: bool = True) -> None:
    """Let go of the feed. Read to its end a full feed begins anew next time; while its cursor has a value it was interrupted and goes on there."""
    now = timezone.now()
    changes: dict[str, object] = {"claimed_until": None, "note": note, "items": cursor.items + items}
    if whole:
        changes |= {"done_at": now, "first_done_at": cursor.first_done_at or now}
    if full and whole:
        changes["value"] = ""
    ours(cursor).update(**changes)
