"""What the workers run: every few minutes the comparisons that are due, each in a task of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django_q.tasks import async_task

from portal.connections.models import Connection, Integration
from portal.reconciliation.catalogue_audit import compare_catalogues
from portal.reconciliation.completeness import find_missing, find_orphans
from portal.reconciliation.models import Audit, Run
from portal.reconciliation.repoll import read_again
from portal.reconciliation.running import Compare, Pair, run_audit
from portal.reconciliation.stock_audit import compare_stock
from portal.reconciliation.stranded import find_stranded

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def pairs() -> Iterator[Pair]:
    for integration in Integration.objects.running().select_related("channel", "hub"):
        yield Pair(integration.hub, integration)


def channels() -> Iterator[Pair]:
    running = Integration.objects.running().values("channel")
    for channel in Connection.objects.working().filter(pk__in=running):
        yield Pair(channel)


@dataclass(frozen=True)
class Plan:
    """How one comparison is made: what of, and how long after the last."""

    compare: Compare
    every: timedelta
    over: Callable[[], Iterator[Pair]] = pairs


PLANS: dict[Audit, Plan] = {
    Audit.CATALOGUE: Plan(compare_catalogues, DAY),
    Audit.STRANDED: Plan(find_stranded, DAY),
    Audit.STOCK: Plan(compare_stock, DAY),
    Audit.MISSING: Plan(find_missing, HOUR),
    Audit.ORPHANS: Plan(find_orphans, HOUR),
    Audit.UNSEEN: Plan(read_again, DAY, channels),
}


def ring_audits() -> None:
    """Ring for what is due; a comparison that could not be made yet is tried again the next time."""
    for audit in due(timezone.now()):
        async_task("portal.reconciliation.jobs.make_audit", audit.value)


def due(at: datetime) -> list[Audit]:
    return [audit for audit, plan in PLANS.items() if any(is_due(audit, pair, plan, at) for pair in plan.over())]


def make_audit(name: str) -> None:
    """Make one comparison for every pair for which it is due. Harmless if rung twice."""
    audit = Audit(name)
    plan, at = PLANS[audit], timezone.now()
    for pair in plan.over():
        if is_due(audit, pair, plan, at):
            run_audit(audit, pair, plan.compare, at=timezone.now())


def is_due(audit: Audit, pair: Pair, plan: Plan, at: datetime) -> bool:
    ended = Run.objects.filter(audit=audit, label=pair.label, ended_at__isnull=False)
    return not ended.filter(started_at__gt=at - plan.every).exists()
