"""Counting: which mapping answered how often, and which codes had no answer."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from threading import get_ident
from typing import Any

from django.db import connection
from django.utils import timezone

from mappings.errors import UnmappedCode
from mappings.kinds import KINDS
from mappings.models import MappingUse
from mappings.resolved import Resolved

SLOTS = 8
ONE_SLOT = frozenset({"sku", "sku_alias"})  # many rows, each used seldom
ADD_USES = """
INSERT INTO mappings_mappinguse AS counted (integration_id, mapping_kind, how, mapping_id, slot, uses, last_used_at)
SELECT * FROM unnest(%s::bigint[], %s::varchar[], %s::varchar[], %s::bigint[], %s::smallint[], %s::bigint[], %s::timestamptz[])
ON CONFLICT (mapping_kind, mapping_id, integration_id, how, slot) DO UPDATE
SET uses = counted.uses + excluded.uses, last_used_at = greatest(counted.last_used_at, excluded.last_used_at)
RETURNING mapping_kind, mapping_id, (xmax = 0)
"""
ADD_SEEN = """
INSERT INTO mappings_seencode AS met (key, integration_id, kind, direction, store, value, label, service, reason, times, first_seen_at, last_seen_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s, %s)
ON CONFLICT (key) DO UPDATE
SET times = met.times + 1, last_seen_at = greatest(met.last_seen_at, excluded.last_seen_at), answered_at = NULL, reason = excluded.reason,
    label = coalesce(nullif(excluded.label, ''), met.label)
"""


def record_uses(answers: Iterable[Resolved], *, at: datetime | None = None) -> None:
    """Add to the counters, in one statement. Rows are touched in one order, so that two workers never wait for each other in a circle."""
    counts: Counter[tuple[str, int, int, str]] = Counter()
    for answer in answers:
        counts[answer.mapping_kind, 0, answer.integration_id, answer.how] += 1
        if answer.mapping_id is not None:
            counts[answer.mapping_kind, answer.mapping_id, answer.integration_id, answer.how] += 1
    if not counts:
        return
    rows = sorted((kind, pk, integration, how, _slot(kind, pk), uses) for (kind, pk, integration, how), uses in counts.items())
    kinds, pks, integrations, hows, slots, uses = (list(column) for column in zip(*rows, strict=True))
    moments = [at or timezone.now()] * len(rows)
    with connection.cursor() as cursor:
        cursor.execute(ADD_USES, [integrations, kinds, hows, pks, slots, uses, moments])
        first = [(kind, pk) for kind, pk, is_new in cursor.fetchall() if is_new and pk]
    _mark_used(first)


def seen(error: UnmappedCode, *, at: datetime | None = None) -> None:
    """Put a code without an answer on the list of what waits to be mapped."""
    moment = at or timezone.now()
    row: list[Any] = [
        error.key,
        error.integration.pk,
        error.kind.value,
        error.direction,
        error.store,
        error.value,
        error.label[:200],
        error.service,
        error.reason,
    ]
    with connection.cursor() as cursor:
        cursor.execute(ADD_SEEN, [*row, moment, moment])


def uses_of(kind: str, pks: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """Mapping → (uses, last used), for the rows of one page."""
    found: dict[int, tuple[int, datetime]] = {}
    for row in MappingUse.objects.filter(mapping_kind=kind, mapping_id__in=list(pks)):
        uses, last = found.get(row.mapping_id, (0, row.last_used_at))
        found[row.mapping_id] = (uses + row.uses, max(last, row.last_used_at))
    return found


def _slot(kind: str, pk: int) -> int:
    if kind in ONE_SLOT and pk:
        return 0
    return (os.getpid() + get_ident()) % SLOTS


def _mark_used(rows: list[tuple[str, int]]) -> None:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, pk in rows:
        by_kind[kind].append(pk)
    for kind, pks in by_kind.items():
        KINDS[kind].table._default_manager.filter(pk__in=pks, used=False).update(used=True)
