"""Calls for the rows of a lane, in turn: begin, commit · call, no transaction · record, commit; quick calls share their commits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone

from connectors.errors import ConnectorError, Rejected
from mappings.errors import UnmappedCode
from portal.connections import health
from portal.sync import failures
from portal.sync.claim import begin_call, begin_calls, give_back, never_called
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import OutboundMessage
from portal.sync.recording import TOGETHER, Success, record_failure, record_success, record_successes, record_unsent
from portal.sync.translate import KINDS, translate

log = structlog.get_logger(__name__)
MOST = 16  # rows begun at once
QUICK_S = 0.2  # how long rows that were called may wait to be recorded; a call that takes longer is alone, and recorded at once


def deliver_in_turn(lane: Sequence[OutboundMessage], connector: Any) -> None:
    """Deliver the claimed rows in their order; give the rest back when there is no point in going on with this connection now."""
    most = MOST if lane[0].kind in TOGETHER else 1
    position, size = 0, 1
    while position < len(lane):
        chunk = lane[position : position + size]
        position += len(chunk)
        started = time.monotonic()
        if not deliver_chunk(chunk, connector):
            give_back(lane[position:], at=timezone.now())
            return
        size = next_size(size, time.monotonic() - started, most=most)


def next_size(size: int, took_s: float, *, most: int) -> int:
    """Twice as many while a chunk is done in half the time it may take; half as many when it took too long."""
    if took_s < QUICK_S / 2:
        return min(most, size * 2)
    return size if took_s < QUICK_S else max(1, size // 2)


def deliver_chunk(chunk: Sequence[OutboundMessage], connector: Any) -> bool:
    """Begin these rows together, call for each, record the successes together; False when the connection does not answer.

    Where a call takes long the others are not kept waiting as “begun”: what is done is recorded, and they go one by one.
    """
    now = timezone.now()
    requests = {message.pk: request for message in chunk if (request := translated(message, at=now)) is not None}
    begun = begin([message for message in chunk if message.pk in requests])
    done: list[Success] = []
    going, called, ends = True, 0, time.monotonic() + QUICK_S
    for message in begun:
        if called and (not going or time.monotonic() > ends):
            break
        called += 1
        success, going = call(message, requests[message.pk], connector, at=timezone.now())
        if success is not None:
            done.append(success)
    record(done)
    rest = begun[called:]
    never_called(rest)
    return going_on(rest, connector) if going else give_up(rest)


def going_on(rest: Sequence[OutboundMessage], connector: Any) -> bool:
    """One by one; as `deliver_chunk`."""
    for position, message in enumerate(rest):
        if not deliver_chunk([message], connector):
            return give_up(rest[position + 1 :])
    return True


def give_up(rest: Sequence[OutboundMessage]) -> bool:
    give_back(list(rest), at=timezone.now())
    return False


def begin(messages: Sequence[OutboundMessage]) -> list[OutboundMessage]:
    """Write down that their calls begin now; those that are still ours."""
    at = timezone.now()
    if len(messages) == 1:
        return [messages[0]] if begin_call(messages[0], at=at) else []
    return begin_calls(messages, at=at)


def call(message: OutboundMessage, request: Request, connector: Any, *, at: datetime) -> tuple[Success | None, bool]:
    """Make the call. What is not a success is recorded at once. The second value: False when the connection does not answer."""
    kind = KINDS[message.kind]
    try:
        done = kind.perform(connector, message, request)
        return Success.of(message, request, done, connector, started_at=at), True
    except NotYet as error:
        record_unsent(message, error, at=timezone.now(), connector=connector)
    except Rejected as error:
        record_failure(message, kind.explain(error, message), connector, started_at=at, request=request)
    except ConnectorError as error:
        record_failure(message, error, connector, started_at=at, request=request)
        return None, health.may_call(message.connection, at=timezone.now())
    except failures.SURPRISES as error:
        log.exception("delivery broke", message=message.pk, kind=message.kind)
        record_failure(message, failures.surprise(error), connector, started_at=at, request=request)
    return None, True


def record(done: Sequence[Success]) -> None:
    """Together where the kind can; one that cannot be recorded must not take the others with it."""
    if done and done[0].message.kind in TOGETHER:
        try:
            record_successes(done)
            return
        except failures.SURPRISES:
            log.exception("recording together broke", messages=[one.message.pk for one in done])
    for one in done:
        record_alone(one)


def record_alone(success: Success) -> None:
    try:
        record_success(success)
    except failures.SURPRISES as error:
        log.exception("recording broke", message=success.message.pk, kind=success.message.kind)
        record_failure(
            success.message, failures.surprise(error), None, started_at=success.started_at, exchanges=success.exchanges, request=success.request
        )


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
