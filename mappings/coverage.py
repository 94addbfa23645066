"""How well each kind of code is covered, by integration: rows, what waits, how much is resolved by a row that a person wrote (A10)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Max, Sum
from django.utils import timezone

from connectors.canonical import CodeKind
from mappings import listed
from mappings.kinds import KINDS, Kind
from mappings.models import MappingUse, MissingRule, OnMissing, SeenCode, SkuAlias
from mappings.resolved import MAPPING
from portal.connections.models import Integration

COUNTED = 10_000  # beyond it the page says “more than”
# As many index entries as are counted, however large the table is.
COUNT_ROWS = """
SELECT scope.id, (SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table}.integration_id = scope.id AND effective_to IS NULL LIMIT %s) AS few)
FROM connections_integration AS scope WHERE scope.removed_at IS NULL
"""


@dataclass(frozen=True)
class Cover:
    """One kind of code in one integration."""

    kind: Kind
    integration: Integration
    rows: int
    waiting: int
    uses: int
    explicit_uses: int
    last_used_at: datetime | None
    on_missing: str
    lost: int = 0  # rows whose target the other side does not list any more
    read_at: datetime | None = None  # when the lists of its two systems were last read

    @property
    def rows_said(self) -> str:
        return f"more than {COUNTED:,}" if self.rows > COUNTED else f"{self.rows:,}"

    @property
    def explicit_share(self) -> int | None:
        """Percent of all answers that came from a row; None before the first answer."""
        return round(100 * self.explicit_uses / self.uses) if self.uses else None


def coverage() -> list[Cover]:
    """For every present integration, kind by kind; the number of queries does not grow with rows."""
    integrations = list(Integration.objects.present().select_related("channel", "hub"))
    waiting, uses, rules, lost = _waiting(), _uses(), _rules(), listed.lost_counts(at=timezone.now())
    read = listed.read_at({side for one in integrations for side in (one.channel_id, one.hub_id)})
    covers = []
    for kind in KINDS.values():
        if kind.table is SkuAlias:
            continue
        rows = _rows(kind)
        for integration in integrations:
            key = (integration.pk, kind.code_kind.value)
            total, explicit, last = uses.get(key, (0, 0, None))
            covers.append(
                Cover(
                    kind,
                    integration,
                    rows.get(integration.pk, 0),
                    waiting.get(key, 0),
                    total,
                    explicit,
                    last,
                    rules.get(key, OnMissing.HOLD),
                    lost.get(key, 0),
                    max((read[side] for side in (integration.channel_id, integration.hub_id) if side in read), default=None),
                )
            )
    return covers


def waiting_total() -> int:
    return SeenCode.objects.filter(answered_at=None, integration__removed_at=None).count()


def _rows(kind: Kind) -> dict[int, int]:
    table = connection.ops.quote_name(kind.table._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ROWS.format(table=table), [COUNTED + 1])
        return dict(cursor.fetchall())


def _waiting() -> dict[tuple[int, str], int]:
    rows = SeenCode.objects.filter(answered_at=None).values_list("integration", "kind").annotate(Count("pk"))
    return {(integration, kind): count for integration, kind, count in rows}


def _uses() -> dict[tuple[int, str], tuple[int, int, datetime | None]]:
    """(integration, kind) → answers, answers by a row, last; aliases count as SKUs."""
    found: dict[tuple[int, str], tuple[int, int, datetime | None]] = defaultdict(lambda: (0, 0, None))
    totals = MappingUse.objects.filter(mapping_kind__in=KINDS, mapping_id=0)
    for integration, slug, how, uses, last in totals.values_list("integration", "mapping_kind", "how").annotate(Sum("uses"), Max("last_used_at")):
        key = (integration, KINDS[slug].code_kind.value)
        total, explicit, latest = found[key]
        found[key] = (total + uses, explicit + (uses if how == MAPPING else 0), max(filter(None, (latest, last))))
    return dict(found)


def _rules() -> dict[tuple[int, str], str]:
    return {(rule.integration_id, CodeKind(rule.kind).value): rule.on_missing for rule in MissingRule.objects.all()}
