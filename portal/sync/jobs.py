"""What the workers run: each a doorbell for one connection, harmless if rung twice, late or never."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.utils import timezone
from django_q.tasks import async_task

from connectors.errors import ConnectorError
from exceptions.proof import check_open_cases
from mappings.announce import announce_started
from portal.connections import health
from portal.connections.models import Connection
from portal.sync import failures
from portal.sync.bells import due_feeds, due_work, ring, slot
from portal.sync.catalogue.woken import wake_listed
from portal.sync.claim import sweep_leases
from portal.sync.deliver import deliver_batch
from portal.sync.interpret import interpret_batch
from portal.sync.operations.log import note_reading
from portal.sync.poll import poll
from portal.sync.release import connection_back
from portal.sync.stock_replan import replan_next
from portal.sync.sweep import flow_beats, sweep_clock

log = structlog.get_logger(__name__)
SHIFT_S = 40.0  # a job hands over to a fresh one after so long
PULSE_S = 55.0
PULSE_STEP_S = 1.0
RING_AGAIN_S = 3.0


def poll_connection(connection_id: int) -> None:
    """Read every feed of the connection that is due, then have what came interpreted."""
    connection = Connection.objects.automatic().filter(pk=connection_id).first()
    if connection is None:
        return
    with slot("poll", connection_id) as mine:
        if mine and health.may_call(connection, at=timezone.now()):
            fresh = sum(read_feed(connection, feed) for feed in due_feeds(connection, timezone.now()))
            if fresh:
                ring("interpret", connection_id)


def read_feed(connection: Connection, feed: str) -> int:
    """Poll one feed; a failure is told and the next poll goes on from there."""
    at = timezone.now()
    if not health.may_call(connection, at=at):
        return 0
    try:
        fresh = poll(connection, feed, at=at)
    except ConnectorError as error:
        log.info("poll failed", connection=connection.pk, feed=feed, error=type(error).__name__, sentence=error.sentence)
        failures.polling(connection, error, at=timezone.now())
        note_reading(connection, feed, items=0, error=error.sentence, at=timezone.now())
        return 0
    note_reading(connection, feed, items=fresh or 0, at=timezone.now())
    if fresh is not None:
        flow_beats(connection, f"poll:{connection.pk}:{feed}", at=timezone.now())
    if fresh is not None and (health.saw_ok(connection, at=timezone.now()) or failures.is_told_down(connection)):
        connection_back(connection, at=timezone.now())
    return fresh or 0


def interpret_due(connection_id: int) -> None:
    """Read what came from the connection into the ledger, and ring for what follows."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return
    started = time.monotonic()
    with slot("interpret", connection_id) as mine:
        while mine and interpret_batch(connection, at=timezone.now()):
            for job, target in due_work(timezone.now()):
                if job == "deliver":
                    ring(job, target)
            if time.monotonic() - started > SHIFT_S:
                ring("interpret", connection_id)
                return


def deliver_due(connection_id: int) -> None:
    """Send what is due to the connection, in claimed batches."""
    connection = Connection.objects.working().filter(pk=connection_id).first()
    if connection is None:
        return
    started = time.monotonic()
    with slot("deliver", connection_id) as mine:
        while mine and deliver_batch(connection, at=timezone.now()):
            if time.monotonic() - started > SHIFT_S:
                ring("deliver", connection_id)
                return


def replan_due(connection_id: int) -> None:
    """Compute what the hub's channels should show where a buffer has begun or ended."""
    hub = Connection.objects.present().filter(pk=connection_id).first()
    if hub is None:
        return
    started = time.monotonic()
    with slot("replan", connection_id) as mine:
        while mine and replan_next(hub, at=timezone.now()):
            if time.monotonic() - started > SHIFT_S:
                ring("replan", connection_id)
                return


def prove_cases() -> None:
    """Look again at the open cases that were looked at longest ago; what is solved closes with the reading (A4)."""
    check_open_cases(at=timezone.now())


def announce_mappings() -> None:
    """Mappings that begin to hold at a date answer what waited for them."""
    at = timezone.now()
    announce_started(since=at - timedelta(minutes=3), until=at)


def pulse() -> None:
    """For a minute, once a second: take back what dead workers held, act on the clock, ring for what is due."""
    with slot("pulse", 0) as mine:
        if not mine:
            return
        wake_listed(at=timezone.now())
        rung: dict[tuple[str, int], float] = {}
        ends = time.monotonic() + PULSE_S
        while time.monotonic() < ends:
            beat_once(rung)
            time.sleep(PULSE_STEP_S)
    async_task("portal.sync.jobs.pulse")  # the next one begins at once; the schedule starts it again where this chain broke


def beat_once(rung: dict[tuple[str, int], float]) -> None:
    """One beat: `rung` remembers when each bell was last rung, so that a busy one is not rung every second."""
    at = timezone.now()
    sweep_leases(at=at)
    sweep_clock(at=at)
    for bell in due_work(at):
        if time.monotonic() - rung.get(bell, 0.0) >= RING_AGAIN_S:
            rung[bell] = time.monotonic()
            ring(*bell)
