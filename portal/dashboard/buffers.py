"""The buffers as a list: what is on now, planned, and over; each with what it keeps back at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from portal.connections.models import Integration
from portal.ledger.models import Buffer, StockPublication, StockReplan
from portal.sync.stock_buffer_changes import holds

ON, PLANNED, OVER = "on", "planned", "over"
STATES = {ON: ("on now", "good"), PLANNED: ("planned", "info"), OVER: ("over", "quiet")}
MOST = 300
MOST_OVER = 30


@dataclass(frozen=True)
class Line:
    """One buffer as the list shows it. `withheld`: units now; `skus`: how many SKUs it keeps something back of."""

    row: Buffer
    state: str
    withheld: int
    skus: int
    waits: bool

    @property
    def word(self) -> str:
        return STATES[self.state][0]

    @property
    def tone(self) -> str:
        return STATES[self.state][1]

    @property
    def is_peak(self) -> bool:
        return self.row.interval_s is not None

    @property
    def is_open(self) -> bool:
        return self.state != OVER


@dataclass(frozen=True)
class Own:
    """An integration's own number, for every SKU that has no buffer."""

    integration: Integration
    withheld: int


def state_of(row: Buffer, at: datetime) -> str:
    if holds(row, at):
        return ON
    return PLANNED if row.starts_at is not None and row.starts_at > at else OVER


def lines(at: datetime) -> list[Line]:
    """Those that hold first, then what is planned; then the last that are over."""
    rows = Buffer.objects.filter(integration__in=Integration.objects.present()).select_related("integration", "integration__hub")
    is_over = Q(ends_at__lte=at)
    found = [*rows.exclude(is_over).order_by("starts_at", "pattern", "pk")[:MOST], *rows.filter(is_over).order_by("-ends_at", "-pk")[:MOST_OVER]]
    kept, waiting = withheld_by([row.pk for row in found]), waiting_for(at)
    shown = [Line(row, state_of(row, at), *kept.get(row.pk, (0, 0)), waits=row.pk in waiting) for row in found]
    return sorted(shown, key=lambda line: list(STATES).index(line.state))


def withheld_by(pks: list[int]) -> dict[int, tuple[int, int]]:
    rows = StockPublication.objects.filter(withheld__gt=0, buffer__in=pks).order_by().values_list("buffer")
    return {pk: (units, skus) for pk, units, skus in rows.annotate(units=Sum("withheld"), skus=Count("sku", distinct=True))}


def waiting_for(at: datetime) -> set[int | None]:
    """Buffers whose levels are being computed just now."""
    return set(StockReplan.objects.filter(due_at__lte=at).values_list("buffer", flat=True))


def own_buffers() -> list[Own]:
    """Integrations with a number of their own, or whose hub keeps units back itself."""
    found = []
    for integration in Integration.objects.present().select_related("hub", "channel"):
        if integration.buffer or integration.buffer_at_source:
            rows = StockPublication.objects.filter(integration=integration, buffer=None, withheld__gt=0)
            found.append(Own(integration, rows.aggregate(units=Sum("withheld"))["units"] or 0))
    return found
