"""Who owns which data, which way it goes, and when it last came through (R6): one row for each kind of data of each integration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.ports import Ability
from portal.connections.models import Connection, Integration, Master
from portal.ledger.models import Heartbeat
from portal.sync.models import Cursor

MISSED = 3  # so many missed readings are silence


@dataclass(frozen=True)
class Data:
    """One kind of data. `owner`: whose word counts; `source`: where its news is read, by feeds with these names or topics.

    `way`: from the owner to whom; `runs`: whether the integration moves it, else why not.
    """

    label: str
    owner: Callable[[Integration], str]
    way: Callable[[Integration], str]
    source: Callable[[Integration], Connection | None]
    feeds: tuple[str, ...]
    off: Callable[[Integration], str] = lambda _: ""


def _channel(one: Integration) -> Connection:
    return one.channel


def _hub(one: Integration) -> Connection:
    return one.hub


def _to_hub(one: Integration) -> str:
    return f"{one.channel} → {one.hub}"


def _to_channel(one: Integration) -> str:
    return f"{one.hub} → {one.channel}"


def _catalogue_source(one: Integration) -> Connection | None:
    return {Master.CHANNEL: one.channel, Master.HUB: one.hub}.get(Master(one.product_master))


def _catalogue_way(one: Integration) -> str:
    ways = {Master.CHANNEL: _to_hub(one), Master.HUB: _to_channel(one)}
    return ways.get(Master(one.product_master), f"to {one.channel} and {one.hub}, not through here")


def _can(ability: Ability, words: str) -> Callable[[Integration], str]:
    return lambda one: "" if ability in one.channel.vendor.abilities else words


OBJECTS = (
    Data("Orders", lambda one: str(one.channel), _to_hub, _channel, ("orders",), lambda one: "" if one.exports_orders else "not exported"),
    Data(
        "Acceptance", lambda one: str(one.channel), lambda one: f"here → {one.channel}", _channel, ("orders",),
        _can(Ability.DECIDE_ORDER, "this channel's orders need no acceptance"),
    ),
    Data(
        "Dispatch and tracking", lambda one: str(one.hub), _to_channel, _hub, ("orders", "shipments"),
        lambda one: "" if one.fetches_fulfilments else "not fetched",
    ),
    Data("Stock", lambda one: str(one.hub), _to_channel, _hub, ("stock",), _can(Ability.PUBLISH_STOCK, "this channel takes no stock levels")),
    Data("Catalogue", lambda one: str(_catalogue_source(one) or "another system"), _catalogue_way, _catalogue_source, ("catalogue", "products")),
    Data("Returns", lambda one: str(one.hub), _to_channel, _hub, ("returns",)),
    Data("Refunds", lambda one: str(one.channel), lambda one: f"{one.channel} → here", _channel, ("refunds", "payments")),
    Data("Payouts", lambda one: str(one.channel), lambda one: f"{one.channel} → here", _channel, ("payouts", "transactions")),
)  # fmt: skip


@dataclass(frozen=True)
class Owned:
    """A row of the page."""

    label: str
    owner: str
    way: str
    last_at: datetime | None
    every_s: int | None
    word: str
    tone: str
    note: str = ""


@dataclass(frozen=True)
class Ownership:
    integration: Integration
    rows: list[Owned]


def ownership(at: datetime) -> list[Ownership]:
    """Every present integration; three queries."""
    beats = {beat.flow: beat.beat_at for beat in Heartbeat.objects.filter(connection__isnull=False)}
    for cursor in Cursor.objects.filter(done_at__isnull=False):
        flow = f"poll:{cursor.connection_id}:{cursor.feed}"
        beats[flow] = max(filter(None, (beats.get(flow), cursor.done_at)))
    integrations = Integration.objects.present().select_related("channel", "hub")
    return [Ownership(one, [_row(data, one, beats, at) for data in OBJECTS]) for one in integrations]


def _row(data: Data, one: Integration, beats: dict[str, datetime], at: datetime) -> Owned:
    source, off = data.source(one), data.off(one)
    if off:
        return Owned(data.label, data.owner(one), "–", None, None, "off", "quiet", note=off)
    feeds = [feed for feed in source.vendor.feeds if feed.topic in data.feeds or feed.name in data.feeds] if source else []
    last_at = max((beats[flow] for feed in feeds if source and (flow := f"poll:{source.pk}:{feed.name}") in beats), default=None)
    every_s = min((source.interval_s(feed.name) for feed in feeds), default=None) if source else None
    word, tone = _judged(one, known=bool(feeds), last_at=last_at, every_s=every_s, at=at)
    return Owned(data.label, data.owner(one), data.way(one), last_at, every_s, word, tone)


def _judged(one: Integration, *, known: bool, last_at: datetime | None, every_s: int | None, at: datetime) -> tuple[str, str]:
    """What the last good reading says, as a word and its tone."""
    if not one.enabled:
        return "by hand only", "quiet"
    if not known:
        return "not read from there", "quiet"
    if last_at is None:
        return "never yet", "wait"
    silent = every_s is not None and at - last_at > timedelta(seconds=every_s * MISSED)
    return ("silent", "bad") if silent else ("in time", "good")
