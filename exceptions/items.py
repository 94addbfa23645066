"""What a case holds up: added when it is hit, cleared when it is seen to be solved; the case's sums follow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Min

from exceptions import worth
from exceptions.entries import CaseEntry, NewCase
from exceptions.models import CaseItem, CaseKey

SUMS = """
UPDATE exceptions_exceptioncase AS c SET items_open = s.items_open, items_total = s.items_total, units = s.units, value = s.value, worth = s.worth,
    oldest_at = least(c.oldest_at, s.oldest_at),
    snoozed_until = CASE WHEN s.items_open >= c.snooze_items OR (c.snooze_if_worse AND s.items_open > c.items_open) THEN NULL ELSE c.snoozed_until END
FROM jsonb_to_recordset(%s) AS s (id bigint, items_open int, items_total int, units int, value jsonb, worth numeric, oldest_at timestamptz)
WHERE c.id = s.id
"""


@dataclass
class Sums:
    """A case's totals while items come and go."""

    items_open: int = 0
    items_total: int = 0
    units: int = 0
    value: dict[str, str] = field(default_factory=dict)
    oldest_at: datetime | None = None

    def count(self, entry: CaseEntry | CaseItem, sign: int) -> None:
        self.items_open += sign
        self.units += sign * entry.units
        if entry.value is not None and entry.currency:
            self.value = worth.plus(self.value, entry.currency, sign * Decimal(entry.value))

    def row(self, pk: int) -> dict[str, object]:
        oldest = self.oldest_at.isoformat() if self.oldest_at else None
        return {
            "id": pk, "items_open": self.items_open, "items_total": self.items_total, "units": self.units, "value": self.value,
            "worth": str(worth.rank(self.value)), "oldest_at": oldest,
        }  # fmt: skip


def add_items(cases: Mapping[int, NewCase]) -> None:
    """Add the entries to their cases, whose rows the caller has locked by writing them."""
    cases = {pk: one for pk, one in cases.items() if one.items}
    if not cases:
        return
    subjects = {entry.subject[:160] for one in cases.values() for entry in one.items}
    known = {(item.case_id, item.subject): item for item in CaseItem.objects.filter(case_id__in=cases, subject__in=subjects)}
    sums = read_sums(cases)
    for pk, one in cases.items():
        for entry in one.items:
            _count(sums[pk], entry, known.get((pk, entry.subject[:160])))
    _write(cases)
    write_sums(sums)


def _count(sums: Sums, entry: CaseEntry, before: CaseItem | None) -> None:
    if before is None:
        sums.items_total += 1
    elif before.cleared_at is None:
        sums.count(before, -1)
    sums.count(entry, +1)
    sums.oldest_at = min(entry.at, sums.oldest_at or entry.at)


def _write(cases: Mapping[int, NewCase]) -> None:
    rows = [_item(pk, entry) for pk, one in cases.items() for entry in one.items]
    kept = ["label", "value", "currency", "units", "customer", "channel", "cleared_at", "proof"]
    CaseItem.objects.bulk_create(rows, batch_size=2000, update_conflicts=True, unique_fields=["case", "subject"], update_fields=kept)
    words = dict.fromkeys((pk, word) for pk, one in cases.items() for entry in one.items for word in entry.words)
    keys = [CaseKey(case_id=pk, key=word, reversed=word[::-1]) for pk, word in words]
    CaseKey.objects.bulk_create(keys, batch_size=2000, ignore_conflicts=True)


def _item(pk: int, entry: CaseEntry) -> CaseItem:
    return CaseItem(
        case_id=pk,
        subject=entry.subject[:160],
        label=(entry.label or entry.subject)[:160],
        value=entry.value,
        currency=entry.currency,
        units=entry.units,
        customer=entry.customer[:160],
        channel=entry.channel[:80],
        at=entry.at,
    )


def read_sums(cases: Iterable[int]) -> dict[int, Sums]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, items_open, items_total, units, value::text FROM exceptions_exceptioncase WHERE id = ANY(%s)", [list(cases)])
        return {pk: Sums(number, total, units, json.loads(value)) for pk, number, total, units, value in cursor.fetchall()}


def write_sums(sums: Mapping[int, Sums]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [json.dumps([one.row(pk) for pk, one in sums.items()])])


def take_off(items: Sequence[CaseItem]) -> dict[int, int]:
    """Subtract cleared items from their (locked) cases; how many each has left."""
    sums = read_sums({item.case_id for item in items})
    for item in items:
        sums[item.case_id].count(item, -1)
    write_sums(sums)
    return {pk: one.items_open for pk, one in sums.items()}


def refresh_oldest(case_ids: Iterable[int]) -> dict[int, datetime]:
    """The oldest thing that still waits, for each case."""
    rows = CaseItem.objects.filter(case_id__in=list(case_ids), cleared_at=None).values_list("case_id").annotate(Min("at")).order_by()
    return dict(rows)


def count_again(case_ids: Iterable[int]) -> None:
    """Sums of these (locked) cases from their items, after items moved."""
    sums = {pk: Sums() for pk in case_ids}
    for item in CaseItem.objects.filter(case_id__in=sums).iterator():
        one = sums[item.case_id]
        one.items_total += 1
        if item.cleared_at is None:
            one.count(item, +1)
    write_sums(sums)
