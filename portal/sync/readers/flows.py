"""Reads flows, their runs, and what their de-duplication remembers."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors import canonical
from connectors.canonical import FlowRole, RunState
from exceptions.cases import clear_items
from portal.connections.models import Connection
from portal.ledger.expect import Expected, beat, expect, met
from portal.ledger.models import Heartbeat
from portal.sync import flow_faults
from portal.sync.flow_models import Flow, FlowRun
from portal.sync.models import InboundMessage, InboundState
from portal.sync.sweep import flow_beats

SETTINGS = ("role", "expect_every_min", "max_duration_min", "named")
STATE = ("name", "enabled", "deployed", "vendor_state", "link")
USUAL_RUNS, TIMES_USUAL, AT_LEAST_MIN = 20, 5, 30
GRACE = timedelta(minutes=15)  # between a flow's counting a record as handled and our having it
MISSED = 2  # so many expected runs may fail to come before it is silence


def read_flow(seen: canonical.Flow, *, message: InboundMessage, at: datetime) -> InboundState:
    values = {name: getattr(seen, name) for name in (*STATE, *SETTINGS)}
    flow, _ = Flow.objects.update_or_create(connection=message.connection, reference=seen.reference[:120], defaults={**values, "seen_at": at})
    flow_faults.switched(flow, at=at)
    if flow.named and flow.expect_every_min and not Heartbeat.objects.filter(flow=heart(flow)).exists():
        lives(flow, at=at)  # counts from the day it is known
    return InboundState.DONE


def read_run(seen: canonical.FlowRun, *, message: InboundMessage, at: datetime) -> InboundState:
    flow = flow_of(seen, message.connection, at=at)
    before = FlowRun.objects.select_for_update().filter(connection=message.connection, reference=seen.reference[:120]).first()
    if before is not None and before.has_ended and (seen.told_by_flow or seen.state is RunState.STARTED):
        return InboundState.OLDER
    run = kept(seen, flow, before, at=at)
    lives(flow, at=run.started_at)
    react(run, seen, at=at)
    return InboundState.DONE


def flow_of(seen: canonical.FlowRun, connection: Connection, *, at: datetime) -> Flow:
    told = seen.flow
    values = {name: getattr(told, name) for name in SETTINGS}
    fresh = {**values, "name": told.name[:200], "link": told.link[:500], "seen_at": at}
    flow, created = Flow.objects.get_or_create(connection=connection, reference=told.reference[:120], defaults=fresh)
    if not created and any(getattr(flow, name) != value for name, value in values.items()):
        Flow.objects.filter(pk=flow.pk).update(**values)
        flow.refresh_from_db()
    return flow


def kept(seen: canonical.FlowRun, flow: Flow, before: FlowRun | None, *, at: datetime) -> FlowRun:
    run = before or FlowRun(connection=flow.connection, reference=seen.reference[:120], started_at=seen.started_at)
    run.flow, run.state, run.seen_at = flow, seen.state, at
    if not seen.told_by_flow:
        run.started_at, run.trigger, run.has_warnings = seen.started_at, seen.trigger[:40], seen.has_warnings
    run.ended_at, run.summary = seen.ended_at, seen.summary[:1000]
    run.retries, run.link = seen.retries[:120] or run.retries, seen.link[:500]
    run.save()
    return run


def react(run: FlowRun, seen: canonical.FlowRun, *, at: datetime) -> None:
    """What follows from the state the run is in now."""
    subject = f"{flow_faults.RUN}{run.pk}"
    if run.state == RunState.STARTED:
        due_at = run.started_at + timedelta(minutes=longest_min(run.flow))
        expect(Expected.RUN_ENDED, subject, due_at=due_at, connection=run.connection, because=f"{run.flow} began to run.", at=at)
        return
    if met(Expected.RUN_ENDED, subject, at=at):
        clear_items("E32", subjects=[subject], proof={"run ended": (run.ended_at or at).isoformat(), "as": run.state}, at=at)
    if run.state in (RunState.FAILED, RunState.PARTIAL) or (run.has_warnings and seen.alerts):
        flow_faults.raise_faults(run, seen, at=at)
    elif run.state == RunState.STOPPED:
        flow_faults.stopped(run, at=at)
    if run.state == RunState.SUCCEEDED:
        over = run.flow.runs.filter(state=RunState.STOPPED, started_at__lt=run.started_at).order_by("-started_at").values_list("pk", flat=True)[:50]
        subjects = [f"{flow_faults.RUN}{pk}" for pk in over]
        clear_items("E32", subjects=subjects, proof={"flow": run.flow.name, "a later run ended well": run.reference}, at=at)
    flow_faults.handled(run, seen, at=at)


def longest_min(flow: Flow) -> int:
    """How long a run may take: what the settings say, else several times the usual."""
    if flow.max_duration_min:
        return flow.max_duration_min
    last = [run.took_s or 0 for run in flow.runs.filter(state=RunState.SUCCEEDED).order_by("-started_at")[:USUAL_RUNS]]
    usual_s = sorted(last)[len(last) // 2] if last else 0
    return max(AT_LEAST_MIN, round(usual_s * TIMES_USUAL / 60))


def heart(flow: Flow) -> str:
    return f"run:{flow.pk}"


def lives(flow: Flow, *, at: datetime) -> None:
    """A sign of life, where one is expected every so often."""
    if not flow.expect_every_min or Heartbeat.objects.filter(flow=heart(flow), beat_at__gte=at).exists():
        return
    label = f"runs of the flow “{flow}”"
    beat(heart(flow), at=at, every_s=flow.expect_every_min * 60 * MISSED, label=label, connection=flow.connection)
    flow_beats(flow.connection, heart(flow), at=at)


def read_deduped(seen: canonical.Deduped, *, message: InboundMessage, at: datetime) -> InboundState:
    """A key the flow will skip from now on: the record must be here, or come soon."""
    if seen.resource != "orders":
        return InboundState.IGNORED
    if flow_faults.orders_named(message.connection_id, [seen.key]).exists():
        return InboundState.DONE
    subject = f"{flow_faults.RECORD}{message.connection_id}:{FlowRole.ORDERS_IN}:{seen.key}"[:120]
    because = "A flow's de-duplication counts it as handled."
    expect(Expected.HANDED_IN, subject, due_at=(seen.seen_at or at) + GRACE, connection=message.connection, because=because, at=at)
    return InboundState.DONE
