"""One SKU at one hub and on its channels: levels, changes, publications, pushes and orders of a period (A7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from portal.connections.models import Connection
from portal.dashboard.stock_names import Named
from portal.ledger.models import OrderLine, StockChange, StockLevel, StockPublication
from portal.sync.models import OutboundMessage, State
from portal.sync.subjects import stock_subject, subject_pk

MOST = 400  # of each: the newest
PERIODS = {"1": timedelta(days=1), "7": timedelta(days=7), "30": timedelta(days=30)}
DEFAULT_PERIOD = "7"


@dataclass(frozen=True)
class Push:
    """One level sent to a channel. `lag`: from the change of the truth to the channel's confirmation, or until now."""

    publication: StockPublication
    message: OutboundMessage
    level: int | None
    withheld: int | None
    truth_at: datetime
    confirmed_at: datetime | None
    at: datetime

    @property
    def lag(self) -> timedelta:
        return (self.confirmed_at or self.at) - self.truth_at

    @property
    def is_open(self) -> bool:
        return self.confirmed_at is None and self.message.state not in (State.SUPERSEDED, State.ABANDONED)

    @property
    def is_late(self) -> bool:
        return self.lag > timedelta(minutes=self.publication.integration.stock_window_min)

    def covers(self, moment: datetime) -> bool:
        """Whether the channel still showed the level before while this moment passed."""
        return self.truth_at <= moment < (self.confirmed_at or self.at)


@dataclass(frozen=True)
class ItemAtHub:
    """Everything of one SKU that one hub and its channels know, since a moment."""

    hub: Connection
    names: list[Named]
    since: datetime
    at: datetime
    levels: list[StockLevel]
    before: list[StockChange]
    changes: list[StockChange]
    publications: list[StockPublication]
    pushes: list[Push]
    sold: list[OrderLine] = field(default_factory=list)
    shown: list[StockChange] = field(default_factory=list)

    @property
    def available(self) -> int:
        return sum(level.available for level in self.levels)

    @property
    def on_hand(self) -> int | None:
        known = [level.on_hand for level in self.levels if level.on_hand is not None]
        return sum(known) if known else None

    @property
    def channels(self) -> list[Connection]:
        return list({one.channel.pk: one.channel for one in self.names}.values())


def items_of(names: Iterable[Named], *, since: datetime, at: datetime) -> list[ItemAtHub]:
    """One for each hub that knows the SKU or has something to publish of it."""
    by_hub: dict[int, list[Named]] = {}
    for one in names:
        by_hub.setdefault(one.integration.hub_id, []).append(one)
    found = [_item(group, since=since, at=at) for group in by_hub.values()]
    return [item for item in found if item.levels or item.publications or item.sold]


def _item(names: list[Named], *, since: datetime, at: datetime) -> ItemAtHub:
    hub, hub_skus = names[0].hub, {one.hub_sku for one in names}
    levels = list(StockLevel.objects.filter(connection=hub, sku__in=hub_skus).order_by("warehouse_code"))
    history = StockChange.objects.filter(connection=hub, sku__in=hub_skus).order_by("-at", "-pk")
    mine = Q()
    for one in names:
        mine |= Q(connection=one.integration.channel_id, sku=one.channel_sku)
    ours = {one.integration.pk for one in names}  # another site may tell other places of the same channel
    told = StockPublication.objects.filter(mine, integration__in=ours).select_related("connection", "integration")
    publications = list(told.order_by("connection", "warehouse_code"))
    shown = StockChange.objects.filter(mine, at__gte=since).select_related("connection").order_by("-at", "-pk")
    return ItemAtHub(
        hub=hub,
        names=names,
        since=since,
        at=at,
        levels=levels,
        before=_last_before(history.filter(at__lt=since)[:MOST]),
        changes=list(history.filter(at__gte=since)[:MOST])[::-1],
        publications=publications,
        pushes=_pushes(publications, since=since, at=at),
        sold=_sold(names, since=since),
        shown=list(shown[:MOST])[::-1],
    )


def _last_before(history: Iterable[StockChange]) -> list[StockChange]:
    """The newest change of each warehouse."""
    newest: dict[str, StockChange] = {}
    for change in history:
        newest.setdefault(change.warehouse_code, change)
    return list(newest.values())


def _pushes(publications: list[StockPublication], *, since: datetime, at: datetime) -> list[Push]:
    """Oldest first; those a newer one overtook are left out."""
    by_pk = {row.pk: row for row in publications}
    rows = OutboundMessage.objects.filter(kind="publish_stock", subject__in=[stock_subject(row) for row in publications], created_at__gte=since)
    newest = rows.exclude(state=State.SUPERSEDED).order_by("-created_at", "-pk")[:MOST]
    return [_push(by_pk[subject_pk(message.subject)], message, at) for message in newest][::-1]


def _push(row: StockPublication, message: OutboundMessage, at: datetime) -> Push:
    truth_at = message.payload.get("truth_at")
    return Push(
        row,
        message,
        level=message.payload.get("level"),
        withheld=message.payload.get("withheld"),
        truth_at=datetime.fromisoformat(truth_at) if truth_at else message.created_at,
        confirmed_at=message.confirmed_at,
        at=at,
    )


def _sold(names: list[Named], *, since: datetime) -> list[OrderLine]:
    """Order lines of the SKU, oldest first."""
    mine = Q()
    for one in names:
        mine |= Q(order__connection=one.integration.channel_id, sku=one.channel_sku)
    lines = OrderLine.objects.filter(mine, sku__in={one.channel_sku for one in names}, is_extra=False)
    newest = list(lines.select_related("order", "order__connection").order_by("-order")[:MOST])
    return [line for line in newest if line.order.placed_at >= since][::-1]
