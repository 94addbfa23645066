"""Reads the channel's orders of the last days once more, and takes in those the ledger has never seen (R33, R43)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from connectors.canonical import Received
from connectors.ports import Priority
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.reconciliation.models import Audit, Run
from portal.reconciliation.running import Finding, NotReady, Pair
from portal.sync.bells import ring
from portal.sync.models import Cursor, InboundMessage
from portal.sync.receive import receive

NEVER_SEEN = "never seen before"
WINDOW = timedelta(days=2)


def read_again(pair: Pair, finding: Finding, at: datetime) -> None:
    """Begins where the ordinary reading stood two days ago; each run keeps where it stands now. NotReady before the first such mark."""
    channel = pair.connection
    feed = order_feed(channel)
    now = Cursor.objects.filter(connection=channel, feed=feed).values_list("value", flat=True).first() or ""
    if not now:
        raise NotReady(f"The orders of {channel} have not been read yet.")
    finding.marker = now
    begin = mark_before(channel, at=at)
    if not begin:
        finding.note = "Marked where the next one begins."
        return
    for page in connect(channel, priority=Priority.BULK).poll(feed, begin, until=at):
        finding.compared += len(page.items)
        fresh = unseen(page.items, channel)
        finding.count(NEVER_SEEN, len(fresh))
        with transaction.atomic():
            finding.corrected += receive(fresh, connection=channel, door="poll", at=at)
            if fresh:
                transaction.on_commit(partial(ring, "interpret", channel.pk))


def order_feed(channel: Connection) -> str:
    feeds = [feed.name for feed in channel.vendor.feeds if feed.topic == "orders" and not feed.full]
    if not feeds:
        raise NotReady(f"{channel} has no list of orders to read again.")
    return "orders" if "orders" in feeds else feeds[0]


def mark_before(channel: Connection, *, at: datetime) -> str:
    """The newest mark that is old enough; while there is none, the oldest."""
    marks = Run.objects.filter(audit=Audit.UNSEEN, connection=channel, ended_at__isnull=False).exclude(marker="")
    run = marks.filter(started_at__lte=at - WINDOW).order_by("-started_at").first() or marks.order_by("started_at").first()
    return run.marker if run else ""


def unseen(items: Sequence[Received], channel: Connection) -> list[Received]:
    """Items about orders of which nothing ever came."""
    subjects = [item.subject[:160] for item in items]
    known = set(InboundMessage.objects.filter(connection=channel, topic="orders", subject__in=subjects).values_list("subject", flat=True))
    return [item for item in items if item.subject[:160] not in known]
