"""Delivers stock messages in batches: one call for many, one verdict for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from connectors.canonical import StockTarget, StockVerdict
from connectors.errors import ConnectorError
from portal.connections import health
from portal.ledger.models import StockPublication
from portal.sync import failures
from portal.sync.claim import begin_call
from portal.sync.kinds import publish_stock
from portal.sync.models import DeliveryAttempt, OutboundMessage, State

log = structlog.get_logger(__name__)


def deliver_stock(messages: Sequence[OutboundMessage], connector: Any, *, at: datetime) -> bool:
    """Publish the batch; False when there is no point in going on with this connection now."""
    begun = publish_stock.prepare_all([message for message in messages if begin_call(message, at=at)])
    try:
        verdicts = publish_stock.perform_all(connector, [target for _, _, target in begun])
    except ConnectorError as error:
        record_failure([message for message, _, _ in begun], error, connector, at=at)
        return health.may_call(messages[0].connection, at=timezone.now())
    except failures.SURPRISES as error:
        log.exception("stock delivery broke", messages=len(begun))
        record_failure([message for message, _, _ in begun], failures.surprise(error), connector, at=at)
        return True
    now = timezone.now()
    DeliveryAttempt.objects.bulk_create(keep_attempts([message for message, _, _ in begun], "done", "", connector=connector, at=at))
    for message, row, target in begun:
        with transaction.atomic():  # one level, one lock: others hold several in an order of their own
            record_verdict(message, row, target, verdicts.get((target.sku, target.warehouse_code)), at=now)
    health.saw_ok(messages[0].connection, at=now)
    return True


def record_verdict(message: OutboundMessage, row: StockPublication, target: StockTarget, verdict: StockVerdict | None, *, at: datetime) -> None:
    if verdict is not None and verdict.ok:
        finish(message, State.CONFIRMED, "", at)
        publish_stock.record_published(row, target, verdict, at=at)
    elif verdict is not None:
        finish(message, State.PARKED, verdict.sentence or "The channel refused the level.", at)
        publish_stock.record_refused(row, message, verdict, at=at)
    else:
        failures.again(message, failures.wait_s(message.attempts), "The channel's answer does not mention this SKU.", at)
        finish(message, State.QUEUED, message.note, at)


def finish(message: OutboundMessage, state: State, note: str, at: datetime) -> None:
    """Save the message in its new state. A parked one waits for its own subject: a new level overtakes it."""
    message.state, message.note = state, note
    message.waiting_for = message.subject if state is State.PARKED else ""
    message.sent_at = message.confirmed_at = at if state is State.CONFIRMED else None
    message.claimed_at = message.lease_until = message.called_at = None
    message.save()


def record_failure(messages: Sequence[OutboundMessage], error: ConnectorError, connector: Any, *, at: datetime) -> None:
    """The whole call failed: levels are absolute, so each is simply sent again."""
    now = timezone.now()
    with transaction.atomic():
        DeliveryAttempt.objects.bulk_create(keep_attempts(messages, type(error).__name__, error.sentence, connector=connector, at=at))
        for message in messages:
            failures.handle(message, error, at=now)


def keep_attempts(messages: Sequence[OutboundMessage], outcome: str, sentence: str, *, connector: Any, at: datetime) -> list[DeliveryAttempt]:
    exchanges = [asdict(exchange) for exchange in connector.take_exchanges()]
    return [
        DeliveryAttempt(
            message=message,
            number=message.attempts,
            started_at=at,
            outcome=outcome[:20],
            sentence=sentence,
            exchanges=exchanges if not position else [],
        )
        for position, message in enumerate(messages)
    ]
