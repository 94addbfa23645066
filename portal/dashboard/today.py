"""How the day goes: orders in against orders out of the door (R70), what waits where and since when (R156), and how long things take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection as database
from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import TruncHour
from django.urls import reverse
from django.utils import timezone

from portal.connections.models import Integration
from portal.dashboard.stages import TONES
from portal.ledger.models import OPEN_STAGES, SalesOrder, Shipment, Stage, StockPublication
from portal.sync.models import OutboundMessage
from portal.ui import charts
from portal.ui.words import duration

NEWEST = 500  # as many of the newest tell how long things take
# An order counts once a day, in the hour its first parcel left.
OUT = """
SELECT date_trunc('hour', first, %(zone)s), count(*) FROM (
  SELECT order_id, min(shipped_at) AS first FROM ledger_shipment
   WHERE shipped_at >= %(since)s AND cancelled_at IS NULL AND order_id IS NOT NULL GROUP BY order_id) AS gone
 GROUP BY 1
"""
# Stage -> the integration's limit for it: whatever waits longer is a stall
LIMITS = {
    Stage.RECEIVED: "transfer_limit_min",
    Stage.HELD: "hold_limit_min",
    Stage.BLOCKED: "transfer_limit_min",
    Stage.QUEUED: "transfer_limit_min",
    Stage.WITH_HUB: "ship_limit_min",
    Stage.PART_SHIPPED: "ship_limit_min",
    Stage.SHIPPED: "dispatch_window_min",
}

SHORT = {  # a stage beside its bar
    Stage.RECEIVED: "received",
    Stage.HELD: "payment",
    Stage.BLOCKED: "needs a person",
    Stage.QUEUED: "to the hub",
    Stage.WITH_HUB: "with the hub",
    Stage.PART_SHIPPED: "part shipped",
    Stage.SHIPPED: "channel not told",
}


def midnight(at: datetime) -> datetime:
    """When the reader's day began."""
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Day:
    """Orders in and out by the hour since midnight."""

    since: datetime
    at: datetime
    came: dict[datetime, int]
    left: dict[datetime, int]

    @property
    def orders_in(self) -> int:
        return sum(self.came.values())

    @property
    def orders_out(self) -> int:
        return sum(self.left.values())

    @property
    def hours(self) -> list[datetime]:
        """Every whole hour that has begun; a day with a clock change has 23 or 25."""
        count = int((self.at - self.since).total_seconds() // 3600) + 1
        return [self.since + timedelta(hours=hour) for hour in range(count)]

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Hour, orders in, orders out."""
        zone = timezone.get_current_timezone()
        return [(f"{hour.astimezone(zone):%H:%M}", self.came.get(hour, 0), self.left.get(hour, 0)) for hour in self.hours]


def day(at: datetime) -> Day:
    since = midnight(at)
    took_part = SalesOrder.objects.filter(placed_at__gte=since).exclude(stage=Stage.IGNORED).order_by()
    came = dict(took_part.values_list(TruncHour("placed_at")).annotate(number=Count("pk")))
    with database.cursor() as cursor:
        cursor.execute(OUT, {"since": since, "zone": timezone.get_current_timezone_name()})
        left = dict(cursor.fetchall())
    return Day(since, at, came, left)


@dataclass(frozen=True)
class Waiting:
    """One stage of the backlog: how many, the oldest, and whether that is longer than it may be."""

    stage: Stage
    number: int
    oldest_at: datetime
    limit: timedelta | None
    at: datetime

    @property
    def stalls(self) -> bool:
        return self.limit is not None and self.at - self.oldest_at > self.limit

    @property
    def limit_words(self) -> str:
        return duration(self.limit) if self.limit else "–"

    @property
    def url(self) -> str:
        return f"{reverse('dashboard:orders')}?stage={self.stage.value}&order=waiting"


def backlog(at: datetime) -> list[Waiting]:
    """Every open stage that holds an order, in the order of the way."""
    rows = SalesOrder.objects.filter(stage__in=[stage.value for stage in OPEN_STAGES]).order_by()
    found = {stage: (number, oldest) for stage, number, oldest in rows.values_list("stage").annotate(number=Count("pk"), oldest=Min("stage_at"))}
    running = list(Integration.objects.running())
    limits = {stage: min((getattr(one, field) for one in running), default=None) for stage, field in LIMITS.items()}
    return [
        Waiting(stage, *found[stage], limit=timedelta(minutes=minutes) if (minutes := limits[stage]) is not None else None, at=at)
        for stage in OPEN_STAGES
        if stage in found
    ]


def backlog_chart(waiting: Sequence[Waiting]) -> charts.Chart:
    tones = {"bad": "bad", "wait": "wait"}
    marks = [
        charts.Mark(SHORT[one.stage], one.number, url=one.url, tone="bad" if one.stalls else tones.get(TONES[one.stage], "accent")) for one in waiting
    ]
    return charts.bar_chart("Orders that wait, by stage", marks, columns=("Stage", "Orders"))


@dataclass(frozen=True)
class Latency:
    """How long one step takes today: half of them at most `usual_s`, 95 of 100 at most `slow_s`."""

    label: str
    number: int
    usual_s: float | None
    slow_s: float | None

    @property
    def usual(self) -> str:
        return duration(self.usual_s) if self.usual_s is not None else "–"

    @property
    def slow(self) -> str:
        return duration(self.slow_s) if self.slow_s is not None else "–"


def latencies(at: datetime) -> list[Latency]:
    since = midnight(at)
    sent = OutboundMessage.objects.filter(kind="create_order", order__placed_at__gte=since, sent_at__isnull=False).order_by("-order__placed_at")
    shown = Shipment.objects.filter(shipped_at__gte=since, cancelled_at=None, shown_at__isnull=False).order_by("-shipped_at")
    stock = StockPublication.objects.filter(confirmed_at__gte=since, latency_s__isnull=False).order_by("-confirmed_at")
    return [
        _latency("Order ready → with the warehouse", _spans(sent, "created_at", "sent_at")),
        _latency("Shipped → the channel shows it", _spans(shown, "shipped_at", "shown_at")),
        _latency(
            "Stock changed → the channel shows it", (seconds for seconds in stock.values_list("latency_s", flat=True)[:NEWEST] if seconds is not None)
        ),
    ]


def _spans(rows: QuerySet[OutboundMessage] | QuerySet[Shipment], start: str, end: str) -> list[float]:
    return [max(0.0, span.total_seconds()) for span in rows.annotate(span=F(end) - F(start)).values_list("span", flat=True)[:NEWEST]]


def _latency(label: str, seconds: Iterable[float]) -> Latency:
    ordered = sorted(seconds)
    if not ordered:
        return Latency(label, 0, None, None)
    return Latency(label, len(ordered), ordered[(len(ordered) - 1) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))])
