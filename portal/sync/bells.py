"""Rings the queue: one bell for one kind of work of one connection, with the row that caused it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection as database
from django.db.models import Min
from django_q.tasks import async_task

from connectors.ports import Priority
from portal.connections.models import Connection
from portal.sync import stock_peak, stock_replan
from portal.sync.models import Cursor, InboundMessage, InboundState, OutboundMessage, State

JOBS = {
    "poll": "portal.sync.jobs.poll_connection",
    "interpret": "portal.sync.jobs.interpret_due",
    "deliver": "portal.sync.jobs.deliver_due",
    "replan": "portal.sync.jobs.replan_due",
}
TURNS = [Priority.ORDERS, Priority.STOCK, Priority.BULK]
RESUME_S = 20
SLOTS = {"poll": 1, "interpret": 1, "deliver": 2, "replan": 1, "pulse": 1}


def ring(job: str, connection_id: int) -> None:
    """Ask a worker to do what is due there. Harmless if rung twice, late or never: the pulse finds due rows."""
    async_task(JOBS[job], connection_id)


@contextmanager
def slot(job: str, connection_id: int) -> Iterator[bool]:
    """Hold one of the job's places for a connection; False when all are taken. A killed worker's place frees itself."""
    taken = None
    for place in range(SLOTS[job]):
        key = f"{job}:{place}"
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", [key, connection_id])
            if cursor.fetchone()[0]:
                taken = key
                break
    try:
        yield taken is not None
    finally:
        if taken is not None:
            with database.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", [taken, connection_id])


def due_work(at: datetime) -> set[tuple[str, int]]:
    """(job, connection) pairs that have something due now."""
    outbound = OutboundMessage.objects.filter(state=State.QUEUED).values("connection_id").annotate(first=Min("not_before"))
    inbound = InboundMessage.objects.filter(state=InboundState.NEW).values("connection_id").annotate(first=Min("not_before"))
    due = {("deliver", row["connection_id"]) for row in outbound if row["first"] <= at}
    due |= {("interpret", row["connection_id"]) for row in inbound if row["first"] <= at}
    due |= {("replan", hub) for hub in stock_replan.due(at).values_list("integration__hub_id", flat=True).distinct()}
    now = stock_peak.paces(at)
    return due | {("poll", connection.pk) for connection in Connection.objects.automatic() if due_feeds(connection, at, now)}


def due_feeds(connection: Connection, at: datetime, paces: stock_peak.Paces | None = None) -> list[str]:
    """Feeds whose interval has passed, those of orders first and bulk last; an interrupted full reading goes on soon."""
    now = stock_peak.paces(at) if paces is None else paces
    cursors = {cursor.feed: cursor for cursor in Cursor.objects.filter(connection=connection)}
    due = []
    for feed in sorted(connection.vendor.feeds, key=lambda feed: TURNS.index(feed.priority)):
        interval_s = stock_peak.interval_s(connection, feed, now)
        cursor = cursors.get(feed.name)
        if feed.full and cursor is not None and cursor.value:
            interval_s = min(interval_s, RESUME_S)
        if interval_s > 0 and (cursor is None or cursor.is_due(at, interval_s)):
            due.append(feed.name)
    return due
