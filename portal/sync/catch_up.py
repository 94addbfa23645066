"""An integration begins to run, or is set another way: orders that were left out or held meanwhile are looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.db import transaction
from django.utils import timezone

from portal.connections.models import Integration
from portal.ledger.models import SalesOrder, Stage
from portal.sync.plan_orders import plan_order
from portal.sync.run_models import Process, Run, RunState, Trigger

JOB = "portal.sync.catch_up.take_up"


def take_up(integration_id: int) -> None:
    """Plan the orders that came while nobody took them and were placed since the start date, and those that are held. Harmless if run twice."""
    integration = Integration.objects.running().select_related("channel", "hub").filter(pk=integration_id).first()
    if integration is None or not integration.exports_orders:
        return
    at = timezone.now()
    left = SalesOrder.objects.filter(connection=integration.channel_id, stage=Stage.IGNORED, integration=None)
    if integration.store_codes:
        left = left.filter(store_code__in=integration.store_codes)
    since = taken_since(integration)
    early = left.filter(placed_at__lt=since).count()
    taken = plan_each(list(left.filter(placed_at__gte=since).order_by("pk").values_list("pk", flat=True)), at=at)
    plan_each(list(SalesOrder.objects.filter(integration=integration, stage=Stage.HELD).values_list("pk", flat=True)), at=at)
    if taken:
        note(integration, taken=taken, early=early, since=since, at=at)


def taken_since(integration: Integration) -> datetime:
    """From the start date on; without one, from the day the integration was made, so that switching it on never sends a shop's whole past."""
    if integration.start_date is None:
        return integration.created_at
    return datetime.combine(integration.start_date, time(), tzinfo=UTC)


def plan_each(pks: list[int], *, at: datetime) -> int:
    """Each in a transaction of its own; how many take part now."""
    taken = 0
    for pk in pks:
        with transaction.atomic():
            order = SalesOrder.objects.select_for_update(of=("self",)).select_related("connection", "integration").get(pk=pk)
            if order.stage in (Stage.IGNORED, Stage.HELD):
                plan_order(order, at=at)
                taken += order.stage != Stage.IGNORED
    return taken


def note(integration: Integration, *, taken: int, early: int, since: datetime, at: datetime) -> None:
    """A sentence in the integration's log."""
    message = f"{taken} order{'' if taken == 1 else 's'} came while nothing took them, and {'goes' if taken == 1 else 'go'} now."
    if early:
        message += f" {early} placed before {since:%d %b %Y} stay out."
    Run.objects.create(
        integration=integration, process=Process.READ, trigger=Trigger.INTERVAL, state=RunState.DONE, number=taken, handled=taken,
        message=message, created_at=at, started_at=at, ended_at=at,
    )  # fmt: skip
