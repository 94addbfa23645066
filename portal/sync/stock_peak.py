"""Peak mode: while a buffer with an interval holds, hub stock and channel orders are read, and stock is sent, that often (R26, D8)."""

from __future__ import annotations

from datetime import datetime

from connectors.ports import Feed
from portal.connections.models import Connection, Integration
from portal.ledger.models import Buffer
from portal.sync.stock_buffers import holding

ORDERS, STOCK, SENDING = "orders", "stock", "sending"
FULL_FLOOR_S = 300  # a hub that only has full readings is not read whole more often than this (R17)
Paces = dict[tuple[int, str], int]  # (connection, what is done) → seconds


def paces(at: datetime) -> Paces:
    """What goes faster now than its connection says."""
    rows = Buffer.objects.filter(holding(at), interval_s__isnull=False, integration__in=Integration.objects.running())
    found: Paces = {}
    for hub, channel, seconds in rows.values_list("integration__hub_id", "integration__channel_id", "interval_s"):
        for key in ((hub, STOCK), (channel, ORDERS), (channel, SENDING)):
            found[key] = min(seconds or 0, found.get(key, seconds or 0))
    return found


def interval_s(connection: Connection, feed: Feed, now: Paces) -> int:
    """Seconds between two readings of the feed now. One that is switched off stays off."""
    own, peak = connection.interval_s(feed.name), now.get((connection.pk, feed.topic))
    if peak is None or own <= 0 or feed.topic not in (ORDERS, STOCK):
        return own
    if feed.full:
        has_news = any(other.topic == feed.topic and not other.full for other in connection.vendor.feeds)
        return own if has_news else min(own, max(peak, FULL_FLOOR_S))
    return min(own, peak)


def gap_s(connection: Connection, own: float, *, at: datetime) -> float:
    """Seconds between two stock files now."""
    return gap_with(paces(at), connection, own) if own > 0 else own


def gap_with(now: Paces, connection: Connection, own: float) -> float:
    """The same for paces that are known; never fewer than the vendor allows."""
    peak = now.get((connection.pk, SENDING))
    return own if peak is None else min(own, max(float(peak), connection.vendor.stock_every_s))
