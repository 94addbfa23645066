"""Writes down what became of a call: the attempt with its evidence, the message's state, and what follows from it, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from connectors.errors import ConnectorError
from mappings.errors import UnmappedCode
from mappings.usage import record_uses
from portal.connections import health
from portal.connections.models import Connection
from portal.sync import failures, handed_over, let_through
from portal.sync.claim import lock_orders
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import DeliveryAttempt, OutboundMessage, State
from portal.sync.translate import KINDS

log = structlog.get_logger(__name__)
# Kinds whose rows in a lane do not build on one another: several are begun in one commit, and recorded in one.
TOGETHER: dict[str, Callable[..., None]] = {"create_order": handed_over.record_all}
SENT_FIELDS = ("state", "sent_at", "note", "waiting_for", "claimed_at", "lease_until", "called_at", "looks_first", "payload")


@dataclass(frozen=True)
class Success:
    """A call that worked; `done` is the connector's answer, `exchanges` the evidence."""

    message: OutboundMessage
    request: Request
    done: Any
    exchanges: list[dict[str, Any]]
    started_at: datetime
    ended_at: datetime

    @classmethod
    def of(cls, message: OutboundMessage, request: Request, done: Any, connector: Any, *, started_at: datetime) -> Success:
        return cls(message, request, done, taken(connector), started_at, timezone.now())

    def attempt(self) -> DeliveryAttempt:
        return DeliveryAttempt(
            message=self.message,
            number=self.message.attempts,
            started_at=self.started_at,
            ended_at=self.ended_at,
            outcome="done",
            sentence="It was there already." if getattr(self.done, "found", False) else "",
            exchanges=self.exchanges,
            mapping_uses=[use.as_evidence() for use in self.request.uses],
        )


def record_success(success: Success) -> None:
    message, at = success.message, timezone.now()
    with transaction.atomic():
        lock_orders([message.order_id])
        success.attempt().save(force_insert=True)
        message.state, message.sent_at, message.note, message.waiting_for = State.SENT, at, "", ""
        message.claimed_at = message.lease_until = message.called_at = None
        message.looks_first = False
        message.save(update_fields=SENT_FIELDS)
        KINDS[message.kind].record(message, success.request, success.done, at=at)
        record_uses(success.request.uses)
        let_through.note(message, success.request, at=at)
        back = health.saw_ok(message.connection, at=at)
    if back:
        came_back(message.connection, at=at)


# What the other side has shown meanwhile stays confirmed.
ALL_SENT = """
UPDATE sync_outboundmessage AS m
   SET state = CASE m.state WHEN 'confirmed' THEN m.state ELSE 'sent' END, sent_at = %s, note = '', waiting_for = '',
       claimed_at = NULL, lease_until = NULL, called_at = NULL, looks_first = false, payload = n.payload
  FROM jsonb_to_recordset(%s) AS n (id bigint, payload jsonb)
 WHERE m.id = n.id
"""


def record_successes(successes: Sequence[Success]) -> None:
    """Several of one kind, which is in TOGETHER, and of one connection in one transaction."""
    if not successes:
        return
    messages, at = [one.message for one in successes], timezone.now()
    with transaction.atomic():
        lock_orders(message.order_id for message in messages)
        keep_attempts([one.attempt() for one in successes])
        TOGETHER[messages[0].kind]([(one.message, one.request, one.done) for one in successes], at=at)
        with database.cursor() as cursor:
            cursor.execute(ALL_SENT, [at, json.dumps([{"id": message.pk, "payload": message.payload} for message in messages])])
        record_uses(use for one in successes for use in one.request.uses)
        for one in successes:
            let_through.note(one.message, one.request, at=at)
        back = health.saw_ok(messages[0].connection, at=at)
    if back:
        came_back(messages[0].connection, at=at)


def came_back(connection: Connection, *, at: datetime) -> None:
    from portal.sync.release import connection_back

    connection_back(connection, at=at)


def record_failure(
    message: OutboundMessage,
    error: Exception,
    connector: Any,
    *,
    started_at: datetime,
    exchanges: Sequence[dict[str, Any]] = (),
    request: Request | None = None,
) -> None:
    """Keep the attempt with its evidence and the mappings of its request, and let `failures` decide."""
    sentence = error.sentence if isinstance(error, ConnectorError) else str(error)
    log.info("delivery failed", message=message.pk, kind=message.kind, error=type(error).__name__, sentence=sentence)
    with transaction.atomic():
        lock_orders([message.order_id])
        keep_attempt(message, type(error).__name__, sentence, connector=connector, started_at=started_at, exchanges=exchanges, request=request)
        if still_ours(message):
            failures.handle(message, error, at=timezone.now())


def still_ours(message: OutboundMessage) -> bool:
    """False when the lease ran out meanwhile: whoever took the row over decides. The row stays locked until the transaction ends."""
    return OutboundMessage.objects.select_for_update().filter(pk=message.pk, state=State.IN_FLIGHT, claimed_at=message.claimed_at).exists()


def record_unsent(message: OutboundMessage, reason: UnmappedCode | NotYet | Moot, *, at: datetime, connector: Any = None) -> None:
    """Nothing was sent: it waits for a mapping, for a while, or is not needed."""
    with transaction.atomic():
        lock_orders([message.order_id])
        if connector is not None:
            keep_attempt(message, "looked", reason.note if not isinstance(reason, UnmappedCode) else "", connector=connector, started_at=at)
        if not still_ours(message):
            return
        if isinstance(reason, UnmappedCode):
            failures.handle(message, reason, at=at)
            return
        if isinstance(reason, NotYet):
            failures.again(message, reason.seconds, reason.note, at)
        else:
            message.state, message.note = State.SUPERSEDED, reason.note
        message.claimed_at = message.lease_until = message.called_at = None
        message.save()


def keep_attempt(
    message: OutboundMessage,
    outcome: str,
    sentence: str,
    *,
    connector: Any,
    started_at: datetime,
    exchanges: Sequence[dict[str, Any]] = (),
    request: Request | None = None,
) -> None:
    DeliveryAttempt.objects.create(
        message=message,
        number=message.attempts,
        started_at=started_at,
        outcome=outcome[:20],
        sentence=sentence,
        exchanges=taken(connector) if connector is not None else list(exchanges),
        mapping_uses=[use.as_evidence() for use in request.uses] if request else [],
    )


# One JSON text for all rows: an array of texts, as `bulk_create` sends, is escaped character by character on the way.
KEEP = """
INSERT INTO sync_deliveryattempt (message_id, number, started_at, ended_at, outcome, sentence, exchanges, mapping_uses)
SELECT * FROM jsonb_to_recordset(%s) AS n (message_id bigint, number int, started_at timestamptz, ended_at timestamptz, outcome text,
    sentence text, exchanges jsonb, mapping_uses jsonb)
"""


def keep_attempts(attempts: Sequence[DeliveryAttempt]) -> None:
    """Many in one statement."""
    rows = [
        {"message_id": one.message_id, "number": one.number, "started_at": one.started_at.isoformat(), "ended_at": one.ended_at.isoformat(),
         "outcome": one.outcome, "sentence": one.sentence, "exchanges": one.exchanges, "mapping_uses": one.mapping_uses}
        for one in attempts
    ]  # fmt: skip
    with database.cursor() as cursor:
        cursor.execute(KEEP, [json.dumps(rows)])


def taken(connector: Any) -> list[dict[str, Any]]:
    """The redacted requests and answers since they were last taken."""
    return [asdict(exchange) for exchange in connector.take_exchanges()]
