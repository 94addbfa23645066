"""Removes old rows of the machine room once a day, in batches; never what an open case or an unclosed finance period may still ask for."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from exceptions.models import CaseItem, CaseKey, OutgoingNotice
from portal.ledger.models import HubOrder, SalesOrder, StockChange
from portal.reconciliation import models as reconciliation
from portal.reconciliation.finance.models import Period
from portal.reconciliation.finance.words import PeriodState
from portal.sync.failures import inbound_subject
from portal.sync.models import DeliveryAttempt, InboundMessage, InboundState, Run, RunItem, State
from portal.sync.subjects import hub_order_subject, order_subject

log = structlog.get_logger(__name__)
BATCH = 1000
SHIFT_S = 200.0  # less than a task may take; the rest goes the next day
WITHOUT_MONEY = ("stock", "snapshot", "catalogue", "runs", "flows")
KINDS_WITHOUT_MONEY = ("publish_stock", "save_variant")
READ = (InboundState.DONE, InboundState.OLDER, InboundState.IGNORED)
OVER = (State.CONFIRMED, State.SUPERSEDED, State.ABANDONED)

Names = dict[int, set[str]]


@dataclass(frozen=True)
class Old:
    """What is old: `rows(before, money_before)` where that of money is kept longer; `names` is what an open case would call each row by."""

    rows: Callable[[datetime, datetime], QuerySet]
    names: Callable[[list[Model]], Names] | None = None


def tidy() -> None:
    """The daily job."""
    began = time.monotonic()
    for name, old in OLD.items():
        removed = remove(name, old, at=timezone.now(), until=began + SHIFT_S)
        if removed:
            log.info("old rows removed", rows=name, number=removed)


def remove(name: str, old: Old, *, at: datetime, until: float | None = None) -> int:
    """Remove what is older than its setting says (0 days: keep for ever); how many rows went."""
    days = settings.KEEP_DAYS[name]
    if days <= 0:
        return 0
    before = at - timedelta(days=days)
    rows, removed = old.rows(before, min(before, first_unclosed(before))), 0
    for batch in batches(rows):
        asked_for = wanted(old.names(batch)) if old.names else set()
        gone = [row.pk for row in batch if row.pk not in asked_for]
        with transaction.atomic():
            if rows.model is Run:
                RunItem.objects.filter(run__in=gone).delete()
            rows.model._default_manager.filter(pk__in=gone).delete()
        removed += len(gone)
        if until is not None and time.monotonic() > until:
            break
    return removed


def batches(rows: QuerySet) -> Iterator[list[Model]]:
    """Oldest first; what stays is passed by."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        yield batch


def first_unclosed(before: datetime) -> datetime:
    """Since when something counts in a period that nobody has closed; `before` where there is none so old."""
    periods = Period.objects.exclude(state=PeriodState.CLOSED).filter(entries__gt=0, starts_at__lt=before)
    return periods.order_by("starts_at").values_list("starts_at", flat=True).first() or before


def wanted(names: Names) -> set[int]:
    """Rows that an open case names, as one of its things or as a word it is found by."""
    every = {name for each in names.values() for name in each}
    words = {name.upper()[:160] for name in every}
    found = set(CaseItem.objects.filter(case__is_open=True, subject__in=every).values_list("subject", flat=True))
    keys = set(CaseKey.objects.filter(case__is_open=True, key__in=words).values_list("key", flat=True))
    return {pk for pk, each in names.items() if each & found or {name.upper()[:160] for name in each} & keys}


def names_of_messages(batch: list[Model]) -> Names:
    """By what was received, and by the orders on either side that it told of."""
    rows: list[InboundMessage] = batch  # type: ignore[assignment]
    told: dict[tuple[int, str], set[str]] = defaultdict(set)
    references = {row.subject for row in rows}
    for order in SalesOrder.objects.filter(Q(reference__in=references) | Q(number__in=references)):
        for reference in (order.reference, order.number):
            told[order.connection_id, reference] |= {order_subject(order), order.number}
    for hub_order in HubOrder.objects.filter(Q(reference__in=references) | Q(number__in=references)):
        ours = {order_subject(hub_order.order_id)} if hub_order.order_id else set()
        for reference in (hub_order.reference, hub_order.number):
            told[hub_order.connection_id, reference] |= {hub_order_subject(hub_order), hub_order.number, *ours}
    return {row.pk: {inbound_subject(row), row.subject, *told[row.connection_id, row.subject]} for row in rows}


def names_of_attempts(batch: list[Model]) -> Names:
    rows: list[DeliveryAttempt] = batch  # type: ignore[assignment]
    return {
        row.pk: {row.message.subject, str(row.message.payload.get("sku", ""))}
        | ({order_subject(row.message.order_id)} if row.message.order_id else set())
        for row in rows
    }


def names_of_changes(batch: list[Model]) -> Names:
    rows: list[StockChange] = batch  # type: ignore[assignment]
    return {row.pk: {f"sku:{row.connection_id}:{row.sku}", row.sku} for row in rows}


def names_of_runs(batch: list[Model]) -> Names:
    names: Names = {row.pk: set() for row in batch}
    for run, subject in RunItem.objects.filter(run__in=names).values_list("run", "subject"):
        names[run].add(subject)
    return names


def read_messages(before: datetime, money_before: datetime) -> QuerySet:
    """What was never understood stays until it is."""
    old = Q(topic__in=WITHOUT_MONEY, done_at__lt=before) | Q(done_at__lt=money_before, received_at__lt=money_before)
    return InboundMessage.objects.filter(old, state__in=READ).defer("body")


def ended_attempts(before: datetime, money_before: datetime) -> QuerySet:
    """Of messages that are over; a parked or a sent one may need its history."""
    old = Q(message__kind__in=KINDS_WITHOUT_MONEY, ended_at__lt=before) | Q(ended_at__lt=money_before)
    return DeliveryAttempt.objects.filter(old, message__state__in=OVER).select_related("message").defer("exchanges")


def comparisons(before: datetime, money_before: datetime) -> QuerySet:
    """All but the newest of each: the next one begins where that ended."""
    newer = reconciliation.Run.objects.filter(audit=OuterRef("audit"), label=OuterRef("label"), started_at__gt=OuterRef("started_at"))
    return reconciliation.Run.objects.filter(Exists(newer), started_at__lt=before, ended_at__isnull=False)


# name in settings.KEEP_DAYS → what it is about
OLD: dict[str, Old] = {
    "messages": Old(read_messages, names_of_messages),
    "attempts": Old(ended_attempts, names_of_attempts),
    "runs": Old(lambda before, _: Run.objects.filter(ended_at__lt=before), names_of_runs),
    "comparisons": Old(comparisons),
    "notices": Old(lambda before, _: OutgoingNotice.objects.filter(Q(sent_at__lt=before) | Q(given_up_at__lt=before))),
    "stock": Old(lambda before, _: StockChange.objects.filter(at__lt=before), names_of_changes),
}
