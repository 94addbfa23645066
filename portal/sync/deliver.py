"""Delivers claimed messages: claim, commit · call, no transaction · record, commit; lanes side by side, rows of a lane in turn."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from connectors.errors import ConnectorError, Rejected
from connectors.ports import Priority
from mappings.errors import UnmappedCode
from mappings.usage import record_uses
from portal.connections import health
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.sync import failures, stock_turns
from portal.sync.claim import begin_call, claim_due, give_back
from portal.sync.codes import remembered
from portal.sync.deliver_stock import deliver_stock
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import DeliveryAttempt, OutboundMessage, State
from portal.sync.routes import ROUTES
from portal.sync.switched import admitted
from portal.sync.translate import KINDS, translate

log = structlog.get_logger(__name__)
THREADS = 4
BATCH = 40
SENT_FIELDS = ("state", "sent_at", "note", "waiting_for", "claimed_at", "lease_until", "called_at", "looks_first", "payload")


def deliver_batch(connection: Connection, *, at: datetime, threads: int = THREADS) -> int:
    """Claim and deliver one batch; how many rows were claimed. While the connection is down: one row, to see whether it is back."""
    connection.refresh_from_db()
    if connection.removed_at is not None or not health.may_call(connection, at=at):
        return 0
    probing = health.is_probing(connection)
    limit = 1 if probing else BATCH
    claimed = claim_due(connection, limit=limit, at=at, kinds=stock_turns.SINGLE)
    stock = stock_turns.claim_stock(connection, room=limit - len(claimed), at=at) if len(claimed) < limit else []
    lanes = list(lanes_of([*claimed, *stock]).values())
    try:
        if len(lanes) <= 1 or threads == 1:
            for lane in lanes:
                deliver_lane(connection, lane)
        else:
            deliver_side_by_side(connection, lanes, threads=min(threads, len(lanes)))
    finally:
        if stock:
            stock_turns.end_turn(connection)
    return len(claimed) + len(stock)


def lanes_of(messages: Iterable[OutboundMessage]) -> dict[str, list[OutboundMessage]]:
    lanes: dict[str, list[OutboundMessage]] = {}
    for message in messages:
        lanes.setdefault("batch:" + message.kind if ROUTES[message.kind].batch else message.lane, []).append(message)
    return lanes


def deliver_side_by_side(connection: Connection, lanes: list[list[OutboundMessage]], *, threads: int) -> None:
    """Each thread takes whole lanes; an error nobody planned for stops its thread and is raised here afterwards."""
    waiting: SimpleQueue[list[OutboundMessage]] = SimpleQueue()
    for lane in lanes:
        waiting.put(lane)
    surprises: list[BaseException] = []

    def work() -> None:
        try:
            while True:
                deliver_lane(connection, waiting.get_nowait())
        except Empty:
            return
        except BaseException as error:
            surprises.append(error)
            raise
        finally:
            database.close()

    workers = [threading.Thread(target=work, name=f"deliver-{connection.pk}-{number}") for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if surprises:
        raise surprises[0]


def deliver_lane(connection: Connection, lane: list[OutboundMessage]) -> None:
    """Deliver the rows of a lane in turn, with one connector; stop and give the rest back when the connection does not answer."""
    lane = admitted(lane, at=timezone.now())
    if not lane:
        return
    try:
        connector = connect(connection, priority=Priority(ROUTES[lane[0].kind].priority), request_id=f"lane-{lane[0].pk}")
    except ConnectorError as error:  # the credential cannot be opened
        for message in lane:
            record_failure(message, error, None, started_at=timezone.now())
        return
    if ROUTES[lane[0].kind].batch:
        deliver_stock(lane, connector, at=timezone.now())
        return
    with remembered():
        for position, message in enumerate(lane):
            if not deliver(message, connector, at=timezone.now()):
                give_back(lane[position + 1 :], at=timezone.now())
                return


def deliver(message: OutboundMessage, connector: Any, *, at: datetime) -> bool:
    """Deliver one claimed message; False when there is no point in going on with this connection now."""
    kind = KINDS[message.kind]
    request = translated(message, at=at)
    if request is None or not begin_call(message, at=at):
        return True
    try:
        done = kind.perform(connector, message, request)
        record_success(message, request, done, connector, started_at=at)
    except NotYet as error:
        record_unsent(message, error, at=timezone.now(), connector=connector)
    except Rejected as error:
        record_failure(message, kind.explain(error, message), connector, started_at=at)
    except ConnectorError as error:
        record_failure(message, error, connector, started_at=at)
        return health.may_call(message.connection, at=timezone.now())
    except failures.SURPRISES as error:
        log.exception("delivery broke", message=message.pk, kind=message.kind)
        record_failure(message, failures.surprise(error), connector, started_at=at)
    return True


def translated(message: OutboundMessage, *, at: datetime) -> Request | None:
    """The request to make; None when there is none to make now, which is recorded."""
    try:
        return translate(message, at=at)
    except (UnmappedCode, NotYet, Moot) as error:
        record_unsent(message, error, at=at)
    except failures.SURPRISES as error:
        log.exception("translation broke", message=message.pk, kind=message.kind)
        message.attempts += 1
        record_failure(message, failures.surprise(error), None, started_at=at)
    return None


def record_success(message: OutboundMessage, request: Request, done: Any, connector: Any, *, started_at: datetime) -> None:
    at = timezone.now()
    with transaction.atomic():
        keep_attempt(
            message,
            "done",
            "It was there already." if getattr(done, "found", False) else "",
            connector=connector,
            started_at=started_at,
            request=request,
        )
        message.state, message.sent_at, message.note, message.waiting_for = State.SENT, at, "", ""
        message.claimed_at = message.lease_until = message.called_at = None
        message.looks_first = False
        message.save(update_fields=SENT_FIELDS)
        KINDS[message.kind].record(message, request, done, at=at)
        record_uses(request.uses)
        back = health.saw_ok(message.connection, at=at)
    if back:
        from portal.sync.release import connection_back

        connection_back(message.connection, at=at)


def record_failure(message: OutboundMessage, error: Exception, connector: Any, *, started_at: datetime) -> None:
    """Keep the attempt with its evidence, and let `failures` decide."""
    sentence = error.sentence if isinstance(error, ConnectorError) else str(error)
    log.info("delivery failed", message=message.pk, kind=message.kind, error=type(error).__name__, sentence=sentence)
    with transaction.atomic():
        keep_attempt(message, type(error).__name__, sentence, connector=connector, started_at=started_at)
        if still_ours(message):
            failures.handle(message, error, at=timezone.now())


def still_ours(message: OutboundMessage) -> bool:
    """False when the lease ran out meanwhile: whoever took the row over decides. The row stays locked until the transaction ends."""
    return OutboundMessage.objects.select_for_update().filter(pk=message.pk, state=State.IN_FLIGHT, claimed_at=message.claimed_at).exists()


def record_unsent(message: OutboundMessage, reason: UnmappedCode | NotYet | Moot, *, at: datetime, connector: Any = None) -> None:
    """Nothing was sent: it waits for a mapping, for a while, or is not needed."""
    with transaction.atomic():
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
    message: OutboundMessage, outcome: str, sentence: str, *, connector: Any, started_at: datetime, request: Request | None = None
) -> None:
    DeliveryAttempt.objects.create(
        message=message,
        number=message.attempts,
        started_at=started_at,
        outcome=outcome[:20],
        sentence=sentence,
        exchanges=[asdict(exchange) for exchange in connector.take_exchanges()] if connector is not None else [],
        mapping_uses=[use.as_evidence() for use in request.uses] if request else [],
    )
