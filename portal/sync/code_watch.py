"""The nightly look at each side's own carriers and services: what has no mapping is raised before an order meets it (A16, R61)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from connectors.canonical import CodeKind
from connectors.errors import ConnectorError
from connectors.ports import Priority, Side
from exceptions.cases import CaseEntry, open_case
from exceptions.details import add_link
from exceptions.kinds import Severity
from exceptions.models import ExceptionCase
from exceptions.proof import Proof
from mappings import listed
from mappings.errors import NOUNS, UnmappedCode
from mappings.models import SeenCode
from portal.connections import health
from portal.connections.connect import connect
from portal.connections.models import Connection, Integration
from portal.connections.schedule import Timetable
from portal.sync.case_actions.held_up import open_subjects
from portal.sync.models import Cursor

log = structlog.get_logger(__name__)
FEED = "look:codes"  # the cursor that says when the lists were last read
NIGHT_H = 2
AGAIN = timedelta(hours=1)  # after a night on which the vendor did not answer
LEASE = timedelta(minutes=15)
NAMED = 12  # in the sentence of a case; all of them are its items
LOOK = "portal.sync.code_watch.look"


def watch_codes() -> None:
    """Send somebody to every connection whose lists are due."""
    for connection in due(timezone.now()):
        async_task(LOOK, connection.pk)


def due(at: datetime) -> list[Connection]:
    """Those not looked at since their own last night; one that failed waits an hour. A new connection is due at once."""
    cursors = {cursor.connection_id: cursor for cursor in Cursor.objects.filter(feed=FEED)}
    return [one for one in Connection.objects.automatic() if is_due(one, cursors.get(one.pk), at)]


def is_due(connection: Connection, cursor: Cursor | None, at: datetime) -> bool:
    if cursor is None or cursor.started_at is None:
        return health.may_call(connection, at=at)
    if cursor.claimed_until is not None and cursor.claimed_until > at:
        return False
    night = Timetable(connection.time_zone, NIGHT_H, 0).last_until(at)
    rested = cursor.started_at <= at - AGAIN if cursor.note else cursor.started_at < night
    return rested and health.may_call(connection, at=at)


def look(connection_id: int) -> None:
    """Read the lists of one connection and raise what follows; a vendor that does not answer is asked again in an hour."""
    at = timezone.now()
    connection = Connection.objects.automatic().filter(pk=connection_id).first()
    if connection is None or not claim(connection, at=at):
        return
    note, read = "", set[CodeKind]()
    try:
        read = read_lists(connection, at=at)
    except ConnectorError as error:
        note = error.sentence or type(error).__name__
        log.info("code lists not read", connection=connection.pk, error=type(error).__name__, sentence=error.sentence)
    done = {} if note else {"done_at": timezone.now(), "items": len(read)}
    Cursor.objects.filter(connection=connection, feed=FEED).update(claimed_until=None, note=note, **done)
    for integration in integrations_of(connection):
        raise_unmapped(integration, at=at)
        raise_lost(integration, at=at)


def claim(connection: Connection, *, at: datetime) -> bool:
    """Take the look; False when it is not due (any more)."""
    cursor, _ = Cursor.objects.get_or_create(connection=connection, feed=FEED)
    if not is_due(connection, cursor, at):
        return False
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    mine = Cursor.objects.filter(free, pk=cursor.pk, started_at=cursor.started_at)
    return mine.update(claimed_until=at + LEASE, started_at=at) == 1


def read_lists(connection: Connection, *, at: datetime) -> set[CodeKind]:
    """Carriers and services as the system lists them now, one call (or its pages) each."""
    connector = connect(connection, priority=Priority.BULK)
    read = set()
    for kind in listed.ASKED:
        change = listed.keep(connection, kind, connector.codes(kind), at=at)
        read.add(kind)
        if change.new or change.gone:
            log.info("code list changed", connection=connection.pk, kind=kind.value, new=len(change.new), gone=list(change.gone))
    return read


def integrations_of(connection: Connection) -> list[Integration]:
    rows = Integration.objects.running().select_related("channel", "hub")
    return list(rows.filter(channel=connection) if connection.has_side(Side.CHANNEL) else rows.filter(hub=connection))


def raise_unmapped(integration: Integration, *, at: datetime) -> None:
    """E16 while nothing waits: one case for the codes of a kind, each an item that goes when it is mapped."""
    for kind in listed.ASKED:
        standing = listed.unmapped(integration, kind, at=at)
        listed.forget(integration, kind, standing=standing, at=at)
        fresh = listed.foresee(standing, at=at)
        if fresh:
            open_case(
                "E16",
                fingerprint=f"foreseen:{kind.value}:{integration.pk}",
                cause=sentence(list(fresh.values())),
                items=[CaseEntry(subject=f"code:{pk}", label=named(one), at=at) for pk, one in fresh.items()],
                connection=integration.channel,
                integration=integration,
                evidence=evidence(list(fresh.values())),
                severity=Severity.S3,
                at=at,
            )


def sentence(codes: list[UnmappedCode]) -> str:
    first = codes[0]
    noun, page = NOUNS[first.kind]
    there = first.integration.hub if first.direction == "to_hub" else first.integration.channel
    names = ", ".join(named(one) for one in codes[:NAMED]) + (f" and {len(codes) - NAMED} more" if len(codes) > NAMED else "")
    which = f"The {noun} {names} has" if len(codes) == 1 else f"{len(codes)} {noun}s have"
    rest = "" if len(codes) == 1 else f": {names}"
    return f"{which} no counterpart in {there.name}{rest}. Nothing waits for it yet. Map it under Mappings, {page}, before an order needs it."


def named(one: UnmappedCode) -> str:
    return f"{one.label} ({one.value})" if one.label and one.label != one.value else one.value


def evidence(codes: list[UnmappedCode]) -> dict[str, Any]:
    """With one code, what the mapping button asks for; with several, the list to work through."""
    if len(codes) > 1:
        return {"codes": [named(one) for one in codes]}
    one = codes[0]
    return {"kind": str(one.kind), "value": one.value, "label": one.label, "store": "", "service": "", "direction": one.direction}


def raise_lost(integration: Integration, *, at: datetime) -> None:
    """E16 for mappings whose target the other side took off its list: the next dispatch that uses one would be refused."""
    for kind in listed.ASKED:
        rows = list(listed.lost(kind, at=at).filter(integration=integration))
        if rows:
            noun, page = NOUNS[kind]
            names = ", ".join(f"{row.left_label or row.left} → {row.right_label or row.right}" for row in rows[:NAMED])
            open_case(
                "E16",
                fingerprint=f"target gone:{kind.value}:{integration.pk}",
                cause=f"The target of {len(rows)} {noun} mapping{'s' if len(rows) > 1 else ''} is not on the other side's list any more: {names}. "
                f"Choose another under Mappings, {page}; what uses it would be refused.",
                items=[CaseEntry(subject=f"{kind.value}_mapping:{row.pk}", label=str(row), at=at) for row in rows],
                connection=integration.channel,
                integration=integration,
                evidence={"mappings": [str(row) for row in rows]},
                severity=Severity.S3,
                at=at,
            )


def mapped_since(case: ExceptionCase) -> Proof | None:
    """Codes that have a mapping now (or are gone), and mappings that lead somewhere again (or hold no more)."""
    at, solved = timezone.now(), set[str]()
    by_prefix: dict[str, set[int]] = {}
    for prefix, _, pk in (subject.partition(":") for subject in open_subjects(case)):
        by_prefix.setdefault(prefix, set()).update([int(pk)] if pk.isdigit() else [])
    standing = {one.key for kind in listed.ASKED for one in listed.unmapped(case.integration, kind, at=at)} if case.integration else set()
    for seen in SeenCode.objects.filter(pk__in=by_prefix.get("code", ())):
        if seen.answered_at is not None or (seen.times == 0 and seen.key not in standing):
            solved.add(f"code:{seen.pk}")
    for kind in listed.ASKED:
        mine = by_prefix.get(f"{kind.value}_mapping", set())
        solved |= {f"{kind.value}_mapping:{pk}" for pk in mine - listed.lost_among(mine, kind, at=at)}
    return Proof({"mappings": "know the code, and the other side lists its answer"}, tuple(sorted(solved))) if solved else None


def add_links() -> None:
    """Where a case's items are worked on."""
    add_link("code", lambda _pk: reverse("mappings:unmapped"))
    for kind in listed.ASKED:
        add_link(f"{kind.value}_mapping", partial(_row_address, kind.value))


def _row_address(slug: str, pk: str) -> str:
    return reverse("mappings:row", args=[slug, pk])
