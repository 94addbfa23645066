"""When a connection's next stock goes: vendors that take files only so often get one for everything that changed since (R11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from portal.connections.models import Connection
from portal.sync.claim import claim_due, lease
from portal.sync.models import Cursor, OutboundMessage, State
from portal.sync.routes import ROUTES
from portal.sync.stock_peak import gap_s as peak_gap_s

STOCK = tuple(name for name, route in ROUTES.items() if route.batch)
SINGLE = tuple(name for name, route in ROUTES.items() if not route.batch)
TURN = "write:stock"  # the cursor that says when stock was last sent


def every_s(connection: Connection) -> float:
    """Seconds between two files; 0 where stock goes as it changes."""
    return number(connection.options.get("stock_every_s"), connection.vendor.stock_every_s)


def wait_s(connection: Connection) -> float:
    """How long a call may wait for its file."""
    vendor = connection.vendor
    return number(connection.options.get("import_wait_s"), vendor.stock_wait_s) if vendor.stock_wait_s else 0.0


def number(told: object, default: float) -> float:
    try:
        return float(str(told)) if told not in (None, "") else default
    except ValueError:
        return default


def claim_stock(connection: Connection, *, room: int, at: datetime) -> list[OutboundMessage]:
    """What goes in the next call, if it is its turn: everything that is due, up to what one call takes."""
    if not begin_turn(connection, at=at):
        return []
    limit = max(room, connection.vendor.stock_batch) if room > 1 else room
    return claim_due(connection, limit=limit, at=at, kinds=STOCK, wait_s=wait_s(connection))


def begin_turn(connection: Connection, *, at: datetime) -> bool:
    """Take the turn; False when nothing is due, when a file is on its way, or when the last one is too recent."""
    due = OutboundMessage.objects.filter(connection=connection, kind__in=STOCK, state=State.QUEUED, not_before__lte=at)
    if not due.exists():
        return False
    gap_s = peak_gap_s(connection, every_s(connection), at=at)
    if gap_s <= 0:
        return True
    Cursor.objects.get_or_create(connection=connection, feed=TURN)
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    rested = Q(started_at=None) | Q(started_at__lte=at - timedelta(seconds=gap_s))
    mine = Cursor.objects.filter(free, rested, connection=connection, feed=TURN)
    return mine.update(claimed_until=at + lease(wait_s(connection)), started_at=at) == 1


def end_turn(connection: Connection) -> None:
    Cursor.objects.filter(connection=connection, feed=TURN).update(claimed_until=None)
