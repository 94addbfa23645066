"""The absence ledger: what must happen by when, written when its cause is seen (A5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet

from portal.connections.models import Connection
from portal.ledger.models import Expectation, Heartbeat


class Expected(StrEnum):
    """The events we wait for."""

    IN_HUB = "in_hub"  # the warehouse has the order
    PAYMENT = "payment"  # the payment settles
    SHIPPED = "shipped"  # the warehouse ships it
    SHOWN = "shown"  # the channel shows the dispatch with tracking
    STOCK_SHOWN = "stock_shown"  # the channel shows the new level
    CANCELLED_IN_HUB = "cancelled_in_hub"
    CAPTURED = "captured"  # the payment of a shipped order is captured
    FULFILLED = "fulfilled"  # a paid order ships, or its money goes back
    MONEY_BACK = "money_back"  # an order that was paid and has ended is refunded
    IN_CATALOGUE = "in_catalogue"  # the other side lists the product
    NOT_PENDING = "not_pending"  # the channel calls an order that is being picked something else than pending
    ACCEPTED = "accepted"  # the marketplace order is accepted
    AUTHORISED_BACK = "authorised_back"  # goods that came back are matched to an authorisation
    REFUNDED = "refunded"  # goods came back, and their money follows
    RECEIVED_BACK = "received_back"  # money went back, and its goods follow
    RUN_ENDED = "run_ended"  # a run of a flow comes to its end
    HANDED_IN = "handed_in"  # a record that a flow has counted as handled reaches us


def expect(kind: Expected, subject: str, *, due_at: datetime, connection: Connection | None, because: str, at: datetime) -> None:
    """Write it down once; a second call for the same subject changes nothing, unless it was met or dropped before: then it begins anew."""
    row = Expectation.objects.filter(kind=kind, subject=subject).first()
    if row is None:
        fresh = Expectation(kind=kind, subject=subject, due_at=due_at, connection=connection, because=because[:200], created_at=at)
        Expectation.objects.bulk_create([fresh], ignore_conflicts=True)  # no savepoint: whoever was quicker said the same
    elif row.met_at or row.dropped_at:
        Expectation.objects.filter(pk=row.pk).update(
            due_at=due_at, because=because[:200], created_at=at, met_at=None, dropped_at=None, raised_at=None, connection=connection
        )


def met(kinds: Expected | Iterable[Expected], subject: str, *, at: datetime) -> bool:
    """It happened. True when we were waiting for it."""
    wanted = [kinds] if isinstance(kinds, Expected) else list(kinds)
    return bool(Expectation.objects.filter(kind__in=wanted, subject=subject, met_at=None).update(met_at=at))


def met_all(kind: Expected, subjects: Iterable[str], *, at: datetime) -> int:
    """It happened to all of these; for how many we were waiting."""
    return Expectation.objects.filter(kind=kind, subject__in=list(subjects), met_at=None).update(met_at=at)


def drop(subject: str, *, at: datetime, kinds: Iterable[Expected] | None = None) -> None:
    """It is not wanted any more (the order was cancelled)."""
    rows = Expectation.objects.filter(subject=subject, met_at=None, dropped_at=None)
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    rows.update(dropped_at=at)


def overdue(at: datetime) -> QuerySet[Expectation]:
    """What should have happened and has not, not yet raised, longest overdue first."""
    return Expectation.objects.filter(met_at=None, raised_at=None, dropped_at=None, due_at__lte=at).order_by("due_at")


def beat(flow: str, *, at: datetime, every_s: int, label: str = "", connection: Connection | None = None, note: str = "") -> None:
    """A sign of life of a flow."""
    Heartbeat.objects.update_or_create(
        flow=flow, defaults={"beat_at": at, "every_s": every_s, "label": label[:200], "connection": connection, "note": note[:300]}
    )
