"""Delivers stock messages in batches: one call for many, one verdict for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from connectors.canonical import Proof, StockTarget, StockVerdict
from connectors.errors import ConnectorError
from portal.connections import health
from portal.ledger.models import StockPublication
from portal.sync import failures
from portal.sync.claim import begin_calls
from portal.sync.kinds import publish_stock
from portal.sync.models import DeliveryAttempt, OutboundMessage, State
from portal.sync.recording import came_back
from portal.sync.stock_turns import wait_s

log = structlog.get_logger(__name__)
CHUNK = 500
OFFERED_AGAIN_S = 6 * 3600.0
OFFERED = "A flow fetches it from the API and says when the channel shows it."
Begun = tuple[OutboundMessage, StockPublication, StockTarget]


def deliver_stock(messages: Sequence[OutboundMessage], connector: Any, *, at: datetime) -> bool:
    """Publish the batch; False when there is no point in going on with this connection now."""
    begun = publish_stock.prepare_all(begin_calls(messages, at=at, wait_s=wait_s(messages[0].connection)))
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
    attempts = keep_attempts([message for message, _, _ in begun], "done", "", connector=connector, at=at)
    DeliveryAttempt.objects.bulk_create(attempts, batch_size=CHUNK)
    for start in range(0, len(begun), CHUNK):
        record_verdicts(begun[start : start + CHUNK], verdicts, at=now)
    if health.saw_ok(messages[0].connection, at=now):
        came_back(messages[0].connection, at=now)
    return True


def record_verdicts(begun: Sequence[Begun], verdicts: dict[tuple[str, str], StockVerdict], *, at: datetime) -> None:
    """The published ones together, as far as nobody else holds their rows; every other one alone."""
    answered = [(message, row, target, verdicts.get((target.sku, target.warehouse_code))) for message, row, target in begun]
    good = [(message, row, target, verdict) for message, row, target, verdict in answered if verdict is not None and is_shown(verdict)]
    done: set[int] = set()
    with transaction.atomic():
        # Never waits for a lock while it holds several: others take these rows in an order of their own.
        rows = StockPublication.objects.select_for_update(skip_locked=True).filter(pk__in=[row.pk for _, row, _, _ in good])
        free = set(rows.values_list("pk", flat=True))
        published = [each for each in good if each[1].pk in free]
        publish_stock.record_all_published([(row, target, verdict) for _, row, target, verdict in published], at=at)
        done = {message.pk for message, _, _, _ in published}
        OutboundMessage.objects.filter(pk__in=done).update(
            state=State.CONFIRMED, note="", waiting_for="", sent_at=at, confirmed_at=at, claimed_at=None, lease_until=None, called_at=None
        )
    publish_stock.clear_published([row for _, row, _, _ in published], at=at)
    for message, row, target, verdict in answered:
        if message.pk not in done:
            with transaction.atomic():
                record_verdict(message, row, target, verdict, at=at)


def record_verdict(message: OutboundMessage, row: StockPublication, target: StockTarget, verdict: StockVerdict | None, *, at: datetime) -> None:
    if verdict is not None and verdict.ok and not is_shown(verdict):
        wait_for_word(message, verdict, at)
    elif verdict is not None and verdict.ok:
        finish(message, State.CONFIRMED, "", at)
        publish_stock.record_published(row, target, verdict, at=at)
    elif verdict is not None:
        finish(message, State.PARKED, verdict.sentence or "The channel refused the level.", at)
        publish_stock.record_refused(row, message, verdict, at=at)
    else:
        failures.again(message, failures.wait_s(message.attempts), "The channel's answer does not mention this SKU.", at)
        finish(message, State.QUEUED, message.note, at)


def is_shown(verdict: StockVerdict) -> bool:
    """Whether the channel itself has taken the level."""
    return verdict.ok and verdict.proof is Proof.GIVEN


def wait_for_word(message: OutboundMessage, verdict: StockVerdict, at: datetime) -> None:
    """A flow has the level, or fetches it: nothing is confirmed until it says that the channel shows it."""
    if verdict.proof is Proof.LATER:
        finish(message, State.SENT, verdict.sentence, at)
        return
    failures.again(message, OFFERED_AGAIN_S, OFFERED, at)
    finish(message, State.QUEUED, OFFERED, at)


def finish(message: OutboundMessage, state: State, note: str, at: datetime) -> None:
    """Save the message in its new state. A parked one waits for its own subject: a new level overtakes it."""
    message.state, message.note = state, note
    message.waiting_for = message.subject if state is State.PARKED else ""
    message.sent_at = at if state in (State.SENT, State.CONFIRMED) else None
    message.confirmed_at = at if state is State.CONFIRMED else None
    message.claimed_at = message.lease_until = message.called_at = None
    message.save()


def record_failure(messages: Sequence[OutboundMessage], error: ConnectorError, connector: Any, *, at: datetime) -> None:
    """The whole call failed: levels are absolute, so each is simply sent again."""
    now = timezone.now()
    if not messages:
        return
    first, *rest = messages
    with transaction.atomic():
        attempts = keep_attempts(messages, type(error).__name__, error.sentence, connector=connector, at=at)
        DeliveryAttempt.objects.bulk_create(attempts, batch_size=CHUNK)
        failures.handle(first, error, at=now)  # one call failed, so it counts once for the connection
        same = {name: getattr(first, name) for name in ("state", "not_before", "note", "looks_first")}
        for message in rest:
            message.claimed_at = message.lease_until = message.called_at = None
            message.waiting_for = message.subject if first.state == State.PARKED else ""
            for name, value in same.items():
                setattr(message, name, value)
        OutboundMessage.objects.bulk_update(rest, [*same, "waiting_for", "claimed_at", "lease_until", "called_at"], batch_size=CHUNK)


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
