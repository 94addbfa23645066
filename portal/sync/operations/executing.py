"""Carries out a run: read first where that was asked, fix what it is about, then hand each thing to the corridor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from connectors.errors import ConnectorError
from portal.connections.models import Connection
from portal.ledger.models import SalesOrder, Shipment, Stage
from portal.sync import failures
from portal.sync.bells import ring
from portal.sync.dispatched import shipped
from portal.sync.interpret import interpret_batch
from portal.sync.models import OutboundMessage, State
from portal.sync.operations.selection import SENDABLE, Criteria, subjects
from portal.sync.operations.starting import WRONG_MODE
from portal.sync.plan_orders import integration_for, plan_order
from portal.sync.poll import poll
from portal.sync.profiles import fetching
from portal.sync.release import release_rows
from portal.sync.run_models import OPEN_RUNS, Process, ResolvedMark, Run, RunItem, RunState, Trigger
from portal.sync.subjects import subject_pk

LEASE = timedelta(minutes=5)
BATCH = 50
CHUNK = 2000
GIVE_UP_WATCHING = timedelta(minutes=15)  # what is still on its way then is the corridor's, as everything else
UNSENT = (State.QUEUED, State.IN_FLIGHT)

Outcome = tuple[str, bool]  # a sentence, and whether somebody must look


def execute(run_id: int) -> None:
    """Carry the run out; harmless if rung twice: a lease says who has it."""
    run = claim(run_id, at=timezone.now())
    if run is None:
        return
    if why := refusal(run):
        finish(run, RunState.REFUSED, why, has_errors=True)
        return
    notes = read_first(run) if run.number is None and Criteria.of(run.criteria).read else ""
    if run.number is None:
        freeze(run, notes)
    while batch(run):
        Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() + LEASE)
    mine = Run.objects.filter(pk=run.pk, state=RunState.RUNNING)
    mine.update(state=RunState.SENDING, lease_until=None)
    ring("deliver", target_of(run).pk)
    settle(run.pk, at=timezone.now())


def claim(run_id: int, *, at: datetime) -> Run | None:
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    mine = Run.objects.filter(free, pk=run_id, state__in=(RunState.WAITING, RunState.RUNNING))
    if mine.update(state=RunState.RUNNING, lease_until=at + LEASE) != 1:
        return None
    Run.objects.filter(pk=run_id, started_at=None).update(started_at=at)
    return Run.objects.select_related("integration", "integration__channel", "integration__hub").get(pk=run_id)


def refusal(run: Run) -> str:
    """Why the run must not go ahead any more, though it was queued earlier (R108, R120); "" when it may."""
    integration = run.integration
    runs = {Process.EXPORT: integration.exports_orders, Process.FETCH: integration.fetches_fulfilments}
    if integration.removed_at is not None:
        return "Refused: the integration was removed. Nothing was sent."
    if not runs[Process(run.process)]:
        return f"Refused: {WRONG_MODE[Process(run.process)].format(integration.name)} Nothing was sent."
    if run.trigger == Trigger.SCHEDULE and not integration.enabled:
        return "Refused: automatic import and export is off. Nothing was sent."
    return ""


def source_of(run: Run) -> Connection:
    return run.integration.channel if run.process == Process.EXPORT else run.integration.hub


def target_of(run: Run) -> Connection:
    return run.integration.hub if run.process == Process.EXPORT else run.integration.channel


def read_first(run: Run) -> str:
    """Ask the source for what is new. A failure is a sentence and never an empty list: what is known already goes all the same."""
    source = source_of(run)
    feeds = [feed.name for feed in source.vendor.feeds if feed.topic == "orders" and not feed.full and source.interval_s(feed.name) > 0]
    try:
        found = sum(poll(source, feed, at=timezone.now()) or 0 for feed in feeds)
    except ConnectorError as error:
        failures.polling(source, error, at=timezone.now())
        Run.objects.filter(pk=run.pk).update(has_errors=True)
        return f"{source.name} could not be read: {error.sentence} Only what was known already was looked at. "
    while interpret_batch(source, at=timezone.now()):
        continue
    return f"{found} read from {source.name}. "


def freeze(run: Run, notes: str) -> None:
    """Fix what the run is about; what comes later is not part of it."""
    chosen = iter(subjects(run.integration, run.process, Criteria.of(run.criteria)))
    with transaction.atomic():
        number = 0
        while part := list(islice(chosen, CHUNK)):
            RunItem.objects.bulk_create([RunItem(run=run, subject=subject) for subject in part], ignore_conflicts=True)
            number += len(part)
        Run.objects.filter(pk=run.pk).update(number=number, message=notes)
        run.number, run.message = number, notes


def batch(run: Run) -> int:
    """Some of what is left, each thing for itself; none when the run was stopped."""
    if not Run.objects.filter(pk=run.pk, state=RunState.RUNNING).exists():
        return 0
    items = list(run.items.filter(outcome="")[:BATCH])
    for item in items:
        with transaction.atomic():
            item.outcome, item.is_error = DO[Process(run.process)](run, item)
            item.save(update_fields=["outcome", "is_error"])
            Run.objects.filter(pk=run.pk).update(handled=F("handled") + 1, refused=F("refused") + int(item.is_error))
    return len(items)


def export(run: Run, item: RunItem) -> Outcome:
    """Plan one order, and free what of it was stopped. Never twice: an order that may be in the warehouse stays as it is."""
    order = SalesOrder.objects.select_for_update(of=("self",)).select_related("connection", "integration").get(pk=subject_pk(item.subject))
    if order.stage not in SENDABLE:
        return f"{order.get_stage_display()}: nothing was sent twice.", False
    by_hand, at = run.trigger == Trigger.HAND, timezone.now()
    if order.integration_id is None:
        other = integration_for(order)
        if other is not None and other.pk != run.integration_id:
            return f"Belongs to {other.name}.", False
    if order.integration_id != run.integration_id:
        order.integration = run.integration
        SalesOrder.objects.filter(pk=order.pk).update(integration=run.integration)
    plan_order(order, at=at, by_hand=by_hand)
    if by_hand:
        release_rows(OutboundMessage.objects.filter(order=order, kind="create_order", state=State.PARKED), at=at)
        ResolvedMark.objects.filter(order=order).delete()
    order.refresh_from_db(fields=["stage", "stage_note"])
    if order.stage == Stage.QUEUED:
        return "Sent on.", False
    return (order.stage_note or order.get_stage_display())[:300], order.stage == Stage.BLOCKED


def fetch(run: Run, item: RunItem) -> Outcome:
    """Plan telling one dispatch, and free what of it was stopped."""
    shipment = Shipment.objects.select_related("order", "order__integration", "order__connection").get(pk=subject_pk(item.subject))
    if shipment.shown_at is not None or shipment.cancelled_at is not None:
        return "The channel shows it already." if shipment.shown_at else "The warehouse took it back.", False
    at = timezone.now()
    profile = fetching(shipment.order, shipment.connection_id) if shipment.order is not None else None
    if profile is None or profile.pk != run.integration_id:
        return f"Belongs to {profile.name}." if profile is not None else "No integration fetches it.", False
    shipped(shipment, at=at)
    if run.trigger == Trigger.HAND:
        stopped = OutboundMessage.objects.filter(kind="confirm_shipment", subject=item.subject, state=State.PARKED)
        release_rows(stopped, at=at)
        ResolvedMark.objects.filter(shipment=shipment).delete()
    return "Sent on.", False


DO: dict[Process, Callable[[Run, RunItem], Outcome]] = {Process.EXPORT: export, Process.FETCH: fetch}


def settle(run_id: int, *, at: datetime) -> bool:
    """End the run when nothing of it is on its way any more, with one sentence for the log."""
    run = Run.objects.select_related("integration").filter(pk=run_id, state=RunState.SENDING).first()
    if run is None:
        return False
    here = counts(run)
    if here["on_the_way"] and run.started_at is not None and at - run.started_at < GIVE_UP_WATCHING:
        return False
    finish(run, RunState.DONE, run.message + spoken(run, here), has_errors=run.has_errors or bool(here["needs_a_look"] or run.refused))
    return True


def counts(run: Run) -> dict[str, int]:
    """Where the things of the run are now: arrived, on_the_way, needs_a_look, left (took no part or waits)."""
    pks = [subject_pk(subject) for subject in run.items.exclude(outcome="").values_list("subject", flat=True)]
    if run.process == Process.EXPORT:
        rows = SalesOrder.objects.filter(pk__in=pks)
        on_the_way = rows.filter(stage=Stage.QUEUED).count()
        blocked = rows.filter(stage=Stage.BLOCKED).count()
        arrived = rows.exclude(stage__in=SENDABLE).count()
    else:
        rows_of = Shipment.objects.filter(pk__in=pks)
        told = OutboundMessage.objects.filter(kind="confirm_shipment", subject__in=[f"shipment:{pk}" for pk in pks])
        on_the_way = told.filter(state__in=UNSENT).values("subject").distinct().count()
        blocked = told.filter(state=State.PARKED).values("subject").distinct().count()
        arrived = max(rows_of.count() - on_the_way - blocked, 0)
    return {"arrived": arrived, "on_the_way": on_the_way, "needs_a_look": blocked, "left": max(len(pks) - arrived - on_the_way - blocked, 0)}


def spoken(run: Run, here: dict[str, int]) -> str:
    """“12 sent, 3 need a look.”"""
    if not run.number:
        return "Nothing waited."
    names = (("arrived", "sent"), ("on_the_way", "still on the way"), ("needs_a_look", "need a look"), ("left", "took no part or wait"))
    return ", ".join(f"{here[name]} {word}" for name, word in names if here[name]) + "."


def finish(run: Run, state: RunState, message: str, *, has_errors: bool) -> None:
    ended = Run.objects.filter(pk=run.pk, state__in=OPEN_RUNS)
    ended.update(state=state, message=message, has_errors=has_errors, ended_at=timezone.now(), lease_until=None)


def stop(run: Run, *, at: datetime) -> bool:
    """What was handed on goes its way; the rest stays where it is."""
    left = run.items.filter(outcome="").count()
    message = f"Stopped by hand; {left} were not touched."
    return Run.objects.filter(pk=run.pk, state__in=OPEN_RUNS).update(state=RunState.STOPPED, message=message, ended_at=at, lease_until=None) == 1
