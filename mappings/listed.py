"""A system's list, kept: what is new on it, what went from it, which of its codes have no mapping, and whose target is gone (A16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, QuerySet

from connectors.canonical import Code, CodeKind
from mappings.catch_all import is_catch_all
from mappings.errors import TO_CHANNEL, TO_HUB, UnmappedCode
from mappings.models import CarrierMapping, ListedCode, OnMissing, SeenCode, ShipServiceMapping
from mappings.models.base import in_force
from mappings.models.tables import ScopedMapping
from mappings.resolve import on_missing
from portal.connections.models import Connection, Integration

# kind → the table, the side whose codes come with orders and dispatches, the direction they are asked in, and the field of the answer
ASKED: dict[CodeKind, tuple[type[ScopedMapping], str, str]] = {
    CodeKind.CARRIER: (CarrierMapping, "hub", TO_CHANNEL),
    CodeKind.SHIP_SERVICE: (ShipServiceMapping, "channel", TO_HUB),
}
# A code that nobody has met yet: on the list of what waits to be mapped, unless it stands there.
FORESEE = """
INSERT INTO mappings_seencode AS met (key, integration_id, kind, direction, store, value, label, service, reason, times, first_seen_at, last_seen_at)
VALUES (%s, %s, %s, %s, '', %s, %s, '', 'missing', 0, %s, %s)
ON CONFLICT (key) DO UPDATE SET answered_at = NULL, last_seen_at = excluded.last_seen_at WHERE met.answered_at IS NOT NULL
RETURNING id
"""


@dataclass(frozen=True)
class Change:
    """What a reading of a list changed; at the first reading everything is new."""

    new: tuple[Code, ...] = ()
    gone: tuple[str, ...] = ()


@transaction.atomic
def keep(connection: Connection, kind: CodeKind, codes: Sequence[Code], *, at: datetime) -> Change:
    """Store the list as it is now. An empty list takes nothing away: some systems answer so when they mean “no list”."""
    live = {code.value: code for code in codes if code.active}
    if not live:
        return Change()
    known = dict(ListedCode.objects.filter(connection=connection, kind=kind.value).values_list("value", "gone_at"))
    gone = tuple(value for value, gone_at in known.items() if gone_at is None and value not in live)
    ListedCode.objects.bulk_create(
        [
            ListedCode(connection=connection, kind=kind.value, value=code.value, label=code.label[:200], first_seen_at=at, seen_at=at)
            for code in live.values()
        ],
        update_conflicts=True,
        unique_fields=["connection", "kind", "value"],
        update_fields=["label", "seen_at", "gone_at"],
        batch_size=1000,
    )
    ListedCode.objects.filter(connection=connection, kind=kind.value, value__in=gone).update(gone_at=at)
    return Change(tuple(code for code in live.values() if known.get(code.value, at) is not None), gone)


def unmapped(integration: Integration, kind: CodeKind, *, at: datetime) -> list[UnmappedCode]:
    """Codes of the side that asks which no row in force knows, in the order of their names; none where such codes go on without a mapping."""
    table, side, direction = ASKED[kind]
    if on_missing(kind, integration) not in (OnMissing.HOLD, OnMissing.FAIL):
        return []
    here = table.CHANNEL if direction == TO_HUB else table.HUB
    known = set(table._default_manager.filter(in_force(at), integration=integration).values_list(here, flat=True))
    connection: Connection = getattr(integration, side)
    listed = ListedCode.objects.filter(connection=connection, kind=kind.value, gone_at=None).order_by("label", "value")
    return [
        UnmappedCode(kind=kind, value=one.value, label=one.label, integration=integration, direction=direction)
        for one in listed
        if one.value not in known and one.label not in known and not is_nameless(connection, kind, one)
    ]


def is_nameless(connection: Connection, kind: CodeKind, one: ListedCode) -> bool:
    """“Other”: it cannot be mapped before a dispatch says which other it is."""
    return kind is CodeKind.CARRIER and is_catch_all(connection.system, one.value, one.label)


def foresee(questions: Iterable[UnmappedCode], *, at: datetime) -> dict[int, UnmappedCode]:
    """Put them on the list of what waits to be mapped; those that were not there, by their place on it."""
    fresh: dict[int, UnmappedCode] = {}
    with database.cursor() as cursor:
        for one in questions:
            cursor.execute(FORESEE, [one.key, one.integration.pk, one.kind.value, one.direction, one.value, one.label[:200], at, at])
            fresh.update((row[0], one) for row in cursor.fetchall())
    return fresh


def forget(integration: Integration, kind: CodeKind, *, standing: Iterable[UnmappedCode], at: datetime) -> None:
    """Off the list what was foreseen and never met, once a row knows it by its name or the system has it no more."""
    rows = SeenCode.objects.filter(integration=integration, kind=kind.value, direction=ASKED[kind][2], times=0, answered_at=None)
    rows.exclude(key__in=[one.key for one in standing]).update(answered_at=at)


def lost(kind: CodeKind, *, at: datetime) -> QuerySet[Any]:
    """Rows in force whose target the other side's list does not have; none while that list was never read."""
    table, side, direction = ASKED[kind]
    there = table.CHANNEL if direction == TO_CHANNEL else table.HUB
    other = "integration__channel" if side == "hub" else "integration__hub"
    lists = ListedCode.objects.filter(kind=kind.value, connection=OuterRef(other))
    rows: QuerySet[Any] = table._default_manager.filter(in_force(at)).exclude(**{there: ""})
    return rows.filter(Exists(lists)).exclude(Exists(lists.filter(value=OuterRef(there), gone_at=None))).order_by("pk")


def lost_counts(*, at: datetime) -> dict[tuple[int, str], int]:
    """(integration, kind) → how many mappings lead nowhere."""
    return {
        (integration, kind.value): number
        for kind in ASKED
        for integration, number in lost(kind, at=at).order_by().values_list("integration").annotate(number=Count("pk"))
    }


def lost_among(pks: Iterable[int], kind: CodeKind, *, at: datetime) -> set[int]:
    """Which of these rows lead nowhere any more."""
    return set(lost(kind, at=at).filter(pk__in=list(pks)).values_list("pk", flat=True)) if kind in ASKED else set()


def read_at(connection_ids: Iterable[int]) -> dict[int, datetime]:
    """Connection → when its lists were last read; those never read are left out."""
    rows = ListedCode.objects.filter(connection__in=list(connection_ids)).values_list("connection").annotate(last=Max("seen_at"))
    return dict(rows)
