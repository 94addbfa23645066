"""The one place where an error becomes a retry time or a case."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DataError, IntegrityError

from connectors.errors import AccessDenied, Conflict, ConnectorError, ContractError, OutcomeUnknown, RateLimited, Rejected, Unavailable
from exceptions.cases import CaseEntry, clear_items, open_case
from exceptions.models import ExceptionCase
from mappings import usage
from mappings.errors import UnmappedCode
from mappings.models import OnMissing
from portal.connections import health
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Stage
from portal.sync import complaints, prices
from portal.sync.models import InboundMessage, OutboundMessage, State
from portal.sync.plan_acceptance import outside_clock
from portal.sync.returns import refunds_later
from portal.sync.returns.refunds_later import PutOff

# What a value nobody thought of makes Python or the database say: it concerns the one message, and must not keep the worker from the rest.
SURPRISES = (DataError, IntegrityError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 300.0
TRIES_BEFORE_CASE = 5
CONFLICTS_BEFORE_CASE = 3

# message kind → the case when the target says no, and when it keeps failing for technical reasons
REJECTED_KINDS = {
    "create_order": "E04",
    "release_order": "E04",
    "cancel_order": "E04",
    "lower_order": "E09",
    "confirm_shipment": "E17",
    "publish_stock": "E21",
    "decide_order": "E01",
    "save_variant": "E13",
    "announce_return": "E20",
    "tell_return": "E20",
    "refund": "E26",
}
TECHNICAL_KINDS = {
    "create_order": "E04",
    "release_order": "E04",
    "cancel_order": "E04",
    "lower_order": "E09",
    "confirm_shipment": "E18",
    "publish_stock": "E21",
    "decide_order": "E01",
    "save_variant": "E13",
    "announce_return": "E20",
    "tell_return": "E20",
    "refund": "E26",
}
UNMAPPED_KINDS = {"carrier": "E16", "ship_service": "E16", "store": "E24", "warehouse": "E24", "sku": "E11"}
UNREADABLE_KINDS = {"orders": "E04", "stock": "E22", "snapshot": "E22", "catalogue": "E13", "returns": "E25", "payouts": "E30"}
UNREADABLE_KINDS |= dict.fromkeys(("runs", "flows", "run_events", "deduped"), "E32")
BY_ORDER = ("E01", "E09")  # known by their order, whichever message tells them
ORDER_KINDS = ("E03", "E04", "E05", "E10", "E11", "E16", "E24", "E18", "E17")


def wait_s(attempts: int) -> float:
    """Seconds before the next try: 2, 4, 8 … up to five minutes, spread by chance."""
    return float(min(FIRST_WAIT_S * 2 ** max(0, attempts - 1), LONGEST_WAIT_S)) * random.uniform(0.8, 1.2)


def handle(message: OutboundMessage, error: Exception, *, at: datetime) -> None:
    """Decide what becomes of the message. Must run in the transaction that records the attempt; saves the message."""
    for kind, react in REACTIONS:
        if isinstance(error, kind):
            react(message, error, at)
            break
    else:
        raise error
    message.claimed_at = message.lease_until = message.called_at = None
    message.save()


def again(message: OutboundMessage, seconds: float, note: str, at: datetime) -> None:
    message.state, message.not_before, message.note = State.QUEUED, at + timedelta(seconds=seconds), note


def park(message: OutboundMessage, *, waiting_for: str, note: str) -> None:
    message.state, message.waiting_for, message.note = State.PARKED, waiting_for, note
    if message.order is not None and message.kind == "create_order":
        message.order.move(Stage.BLOCKED, note=note)


def on_unavailable(message: OutboundMessage, error: Unavailable, at: datetime) -> None:
    again(message, wait_s(message.attempts), error.sentence, at)
    if health.saw_failure(message.connection, error, at=at):
        connection_down(message, error, at)


def on_rate_limited(message: OutboundMessage, error: RateLimited, at: datetime) -> None:
    """Not all in step: where a vendor takes one call a minute, they would be in each other's way for ever."""
    wait = error.retry_after_s or FIRST_WAIT_S
    again(message, wait + random.uniform(0, max(0.2 * wait, min(3 * wait, 3.0))), error.sentence, at)


def on_access_denied(message: OutboundMessage, error: AccessDenied, at: datetime) -> None:
    again(message, wait_s(message.attempts), error.sentence, at)
    health.saw_failure(message.connection, error, at=at)
    connection_down(message, error, at)


def on_outcome_unknown(message: OutboundMessage, error: ConnectorError, at: datetime) -> None:
    """Look before doing it again, and give the vendor's own search time to catch up."""
    message.looks_first = True
    again(message, settle_s(message), error.sentence, at)
    if message.attempts >= TRIES_BEFORE_CASE:
        technical(message, error, at)


def settle_s(message: OutboundMessage) -> float:
    """How long the target's search may lag behind its writes (a connection option, default 60 s)."""
    return float(message.connection.options.get("settle_s") or 60)


def on_rejected(message: OutboundMessage, error: Rejected, at: datetime) -> None:
    park(message, waiting_for=message.subject, note=error.sentence)
    raise_case(REJECTED_KINDS[message.kind], message, error, at)


def on_conflict(message: OutboundMessage, error: Conflict, at: datetime) -> None:
    again(message, wait_s(message.attempts), error.sentence, at)
    if message.attempts >= CONFLICTS_BEFORE_CASE:
        raise_case("E20", message, error, at)


def surprise(error: Exception) -> ContractError:
    """An error nobody planned for: to the corridor an answer from which nothing can be concluded."""
    return ContractError("Lockstep could not work this out, so it is not known whether it was done.", detail=repr(error)[:2000])


def on_contract(message: OutboundMessage, error: ContractError, at: datetime) -> None:
    """Nothing may be concluded from the answer, so the write may have been done."""
    on_outcome_unknown(message, error, at)


def on_unmapped(message: OutboundMessage, error: UnmappedCode, at: datetime) -> None:
    fails = error.on_missing == OnMissing.FAIL  # this table says: a person sends it again, nothing goes by itself
    park(message, waiting_for=message.subject if fails else error.key, note=str(error))
    usage.seen(error, at=at)
    open_case(
        UNMAPPED_KINDS[error.kind],
        fingerprint=error.key,
        cause=str(error),
        items=[entry(message)],
        connection=message.connection,
        integration=message.integration,
        evidence={
            "kind": str(error.kind),
            "value": error.value,
            "label": error.label,
            "store": error.store,
            "service": error.service,
            "direction": error.direction,
        },
        waiting_for=message.waiting_for,
        at=at,
        **outside_clock(message.order),
    )


def on_prices(message: OutboundMessage, error: prices.PricesDiffer, at: datetime) -> None:
    """Nothing was sent: it waits for another price, or for a wider tolerance."""
    case = prices.complain(message, error, at=at)
    park(message, waiting_for=case.waiting_for, note=error.sentence)


def on_put_off(message: OutboundMessage, error: PutOff, at: datetime) -> None:
    """Not now, for a reason that time heals: it goes by itself later, and a person sees what it waits for."""
    again(message, error.seconds, error.sentence, at)
    if error.is_case:
        raise_case(REJECTED_KINDS[message.kind], message, error, at)


REACTIONS: tuple[tuple[type[Exception], Callable[..., None]], ...] = (
    (UnmappedCode, on_unmapped),
    (prices.PricesDiffer, on_prices),
    (RateLimited, on_rate_limited),
    (AccessDenied, on_access_denied),
    (OutcomeUnknown, on_outcome_unknown),
    (PutOff, on_put_off),
    (Rejected, on_rejected),
    (Conflict, on_conflict),
    (ContractError, on_contract),
    (Unavailable, on_unavailable),
)


def entry(message: OutboundMessage) -> CaseEntry:
    """What the case is about: the order where there is one, else the message's own subject."""
    if message.order is not None:
        return complaints.entry(message.order)
    return CaseEntry(subject=message.subject, label=str(message.payload.get("sku") or message.subject), at=message.created_at)


def technical(message: OutboundMessage, error: ConnectorError, at: datetime) -> None:
    raise_case(TECHNICAL_KINDS[message.kind], message, error, at)


def raise_case(kind: str, message: OutboundMessage, error: ConnectorError, at: datetime) -> None:
    if kind == "E26":
        refunds_later.complain(message, error, at=at)
        return
    name = message.order.number if message.order else str(message.payload.get("sku") or message.subject)
    open_case(
        kind,
        fingerprint=message.subject if kind in BY_ORDER else f"{message.kind}:{message.subject}",
        cause=f"{name}: {error.sentence}",
        items=[entry(message)],
        connection=message.connection,
        integration=message.integration,
        evidence={"detail": error.detail, "message": message.pk, **(versions(message) if kind == "E09" else {})},
        waiting_for=message.waiting_for,
        at=at,
        **outside_clock(message.order),
    )


def versions(message: OutboundMessage) -> dict[str, object]:
    """What the warehouse was given of the order, and what the channel says of it now (R44)."""
    order = message.order
    return {"with the warehouse": order.sent_snapshot, "in the channel now": complaints.snapshot(order)} if order is not None else {}


def connection_down(message: OutboundMessage, error: ConnectorError, at: datetime) -> None:
    down(message.connection, error, at=at)


def down(connection: Connection, error: ConnectorError, *, at: datetime) -> None:
    """E32, one for a connection however many records wait behind it."""
    open_case(
        "E32",
        fingerprint=f"connection:{connection.pk}",
        cause=f"{connection} does not work: {error.sentence} What should go there waits and goes by itself when it is back.",
        items=[CaseEntry(subject=f"connection:{connection.pk}", label=str(connection), at=at)],
        connection=connection,
        evidence={"detail": error.detail},
        at=at,
    )


def is_told_down(connection: Connection) -> bool:
    """Whether people are told so: a call that began before it was back may have failed, and opened the case again, after."""
    return ExceptionCase.objects.filter(kind="E32", fingerprint=f"connection:{connection.pk}", is_open=True).exists()


def polling(connection: Connection, error: ConnectorError, *, at: datetime) -> None:
    """A poll failed: what was read is kept, the next poll goes on from there."""
    if isinstance(error, RateLimited):
        return
    if isinstance(error, ContractError | Rejected | Conflict | OutcomeUnknown):
        error = Unavailable(error.sentence, detail=error.detail, exchange=error.exchange)
    if health.saw_failure(connection, error, at=at):
        down(connection, error, at=at)


def unreadable(message: InboundMessage, error: ContractError, *, at: datetime) -> None:
    """What came in cannot be understood: the bytes are kept, a person is told, the rest goes on."""
    open_case(
        UNREADABLE_KINDS.get(message.topic, "E04"),
        fingerprint=f"unreadable:{message.connection_id}:{message.topic}:{message.subject}",
        cause=f"Something from {message.connection} could not be read: {error.sentence} It is kept as it came; a newer version will be read.",
        items=[CaseEntry(subject=inbound_subject(message), label=message.subject or message.topic, at=message.received_at)],
        connection=message.connection,
        evidence={"detail": error.detail, "inbound": message.pk},
        at=at,
    )


def readable(message: InboundMessage, *, at: datetime) -> None:
    """A later (or repeated) version of the same thing could be read: the case of the unreadable one is over."""
    if message.attempts > 1 or has_failed_before(message):
        kind = UNREADABLE_KINDS.get(message.topic, "E04")
        clear_items(kind, subjects=[inbound_subject(message)], proof={"read": f"version received {message.received_at.isoformat()}"}, at=at)


def has_failed_before(message: InboundMessage) -> bool:
    return InboundMessage.objects.filter(connection_id=message.connection_id, subject=message.subject, topic=message.topic, state="failed").exists()


def inbound_subject(message: InboundMessage) -> str:
    return f"received:{message.connection_id}:{message.topic}:{message.subject}"[:120]


def settled(order: SalesOrder, *, proof: dict[str, str], at: datetime) -> None:
    """The warehouse has the order: every case that stood in its way is over for this order."""
    clear_items(ORDER_KINDS, subjects=[f"order:{order.pk}"], proof=proof, at=at)
