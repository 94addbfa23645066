"""Claims due rows of a connection: whole lanes, oldest first, never a lane somebody else is working on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F

from portal.connections.models import Connection
from portal.sync.models import OutboundMessage, State


def lease(wait_s: float = 0.0) -> timedelta:
    """How long a claimed row is ours: longer than the longest call (`wait_s`: and what it waits for), so that only a dead worker loses it."""
    return timedelta(seconds=settings.LEASE_S + wait_s)


# A lane that somebody works on is left alone. Within it the order is kept (R39), but a row that is retried later, or parked,
# steps aside and does not hold up the rest. MATERIALIZED: as a plain subquery the planner may run it once for each row, past its limit.
# NOT IN and ARRAY: the busy lanes are read once and hashed, the rows found by their ids. As joins both are chosen by statistics that lag behind a
# queue: 1,500 rows under way were read again for each of the rows that waited.
CLAIM = """
WITH due AS MATERIALIZED (
   SELECT id FROM sync_outboundmessage
    WHERE connection_id = %(connection)s AND state = 'queued' AND not_before <= %(at)s
      AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
      AND lane NOT IN (SELECT busy.lane FROM sync_outboundmessage busy WHERE busy.connection_id = %(connection)s AND busy.state = 'in_flight')
    ORDER BY rank, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE sync_outboundmessage mine SET state = 'in_flight', claimed_at = %(at)s, lease_until = %(lease)s
 WHERE mine.id = ANY(ARRAY(SELECT id FROM due))
RETURNING mine.id
"""


def claim_due(
    connection: Connection, *, limit: int, at: datetime, kinds: Collection[str] | None = None, wait_s: float = 0.0
) -> list[OutboundMessage]:
    """Up to `limit` rows (of these kinds), now ours until the lease ends, in the order they must go."""
    wanted = None if kinds is None else list(kinds)
    values: dict[str, Any] = {"connection": connection.pk, "at": at, "lease": at + lease(wait_s), "limit": limit, "kinds": wanted}
    with transaction.atomic(), database.cursor() as cursor:
        # One claimer at a time for a connection, so that two never take rows of the same lane.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('claim'), %s)", [connection.pk])
        cursor.execute(CLAIM, values)
        mine = [row[0] for row in cursor.fetchall()]
    rows = OutboundMessage.objects.select_related(
        "order", "order__connection", "integration", "integration__hub", "integration__channel", "connection"
    )
    return list(rows.filter(pk__in=mine).prefetch_related("order__lines", "order__payments").order_by("rank", "pk"))


def begin_call(message: OutboundMessage, *, at: datetime) -> bool:
    """Write down that the call begins now; False when the row is not ours any more."""
    mine = OutboundMessage.objects.filter(pk=message.pk, state=State.IN_FLIGHT, claimed_at=message.claimed_at)
    message.attempts += 1
    message.called_at = at
    return mine.update(called_at=at, attempts=message.attempts, lease_until=at + lease(), payload=message.payload) == 1


BEGIN = """
UPDATE sync_outboundmessage SET called_at = %(at)s, attempts = attempts + 1, lease_until = %(lease)s
 WHERE id = ANY(%(mine)s) AND state = 'in_flight' AND claimed_at = ANY(%(claims)s)
RETURNING id
"""


def begin_calls(messages: Sequence[OutboundMessage], *, at: datetime, wait_s: float = 0.0) -> list[OutboundMessage]:
    """`begin_call` for several rows in one statement; those that are still ours."""
    if not messages:
        return []
    claims = {message.claimed_at for message in messages}
    values: dict[str, Any] = {"at": at, "lease": at + lease(wait_s), "mine": [message.pk for message in messages], "claims": list(claims)}
    with database.cursor() as cursor:
        cursor.execute(BEGIN, values)
        mine = {row[0] for row in cursor.fetchall()}
    begun = [message for message in messages if message.pk in mine]
    for message in begun:
        message.attempts += 1
        message.called_at = at
    return begun


def never_called(messages: Sequence[OutboundMessage]) -> None:
    """Take back `begin_calls` of rows whose call was not made after all: they are ours still, and need not look first."""
    if not messages:
        return
    mine = OutboundMessage.objects.filter(pk__in=[message.pk for message in messages], state=State.IN_FLIGHT)
    mine.filter(claimed_at__in={message.claimed_at for message in messages}).update(called_at=None, attempts=F("attempts") - 1)
    for message in messages:
        message.attempts -= 1
        message.called_at = None


def lock_orders(pks: Iterable[int | None]) -> None:
    """Whoever writes an order and its messages locks in one sequence, so that two never wait for each other: orders by id, then messages."""
    if orders := sorted({pk for pk in pks if pk is not None}):
        with database.cursor() as cursor:
            cursor.execute("SELECT id FROM ledger_salesorder WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [orders])


def give_back(messages: Sequence[OutboundMessage], *, at: datetime) -> None:
    """Return rows that were claimed but not begun."""
    if not messages:
        return
    OutboundMessage.objects.filter(pk__in=[message.pk for message in messages], state=State.IN_FLIGHT, called_at=None).update(
        state=State.QUEUED, claimed_at=None, lease_until=None, not_before=at
    )


def sweep_leases(*, at: datetime) -> int:
    """Take back rows whose worker died: what was begun looks before it acts again."""
    dead = OutboundMessage.objects.filter(state=State.IN_FLIGHT, lease_until__lt=at)
    fresh = {"state": State.QUEUED, "claimed_at": None, "lease_until": None, "not_before": at}
    begun = dead.filter(called_at__isnull=False).update(
        **fresh, called_at=None, looks_first=True, note="The worker stopped in the middle of the call."
    )
    return begun + dead.update(**fresh)
