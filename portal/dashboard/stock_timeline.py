"""What happened to one SKU, in order, and the steps its levels took: what the chart draws and the table says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.dashboard.stock_item import ItemAtHub, Push
from portal.ledger.models import OrderLine, StockChange
from portal.sync.models import State
from portal.ui.words import duration

Steps = list[tuple[datetime, int]]  # from each moment on, this many units


@dataclass(frozen=True)
class Happened:
    """A line of the table."""

    at: datetime
    kind: str
    what: str
    note: str = ""
    tone: str = "quiet"
    word: str = ""
    order_pk: int | None = None


@dataclass(frozen=True)
class Levels:
    """The truth as steps: units free and, where the hub tells them, units on hand, over all its warehouses."""

    available: Steps
    on_hand: Steps


def levels(item: ItemAtHub) -> Levels:
    """Replays the changes over the state before the period."""
    free = {level.warehouse_code: level.available for level in item.levels}
    hand = {level.warehouse_code: level.on_hand for level in item.levels}
    for change in reversed(item.changes):  # back to how it was when the period began
        free[change.warehouse_code], hand[change.warehouse_code] = change.before or 0, None
    for change in item.before:
        free[change.warehouse_code], hand[change.warehouse_code] = change.available, change.on_hand
    available: Steps = [(item.since, sum(free.values()))]
    on_hand: Steps = [(item.since, total)] if (total := _known_total(hand)) is not None else []
    for change in item.changes:
        free[change.warehouse_code], hand[change.warehouse_code] = change.available, change.on_hand
        available.append((change.at, sum(free.values())))
        if (total := _known_total(hand)) is not None:
            on_hand.append((change.at, total))
    return Levels(available, on_hand)


def _known_total(hand: dict[str, int | None]) -> int | None:
    """The sum, once every warehouse has told its part."""
    known = [units for units in hand.values() if units is not None]
    return sum(known) if known and len(known) == len(hand) else None


def published(item: ItemAtHub) -> dict[str, Steps]:
    """Channel (and its place) → what it showed: what it confirmed, and what it was seen to show."""
    found: dict[str, Steps] = {}
    for row in item.publications:
        name = f"{row.connection}{f' ({row.warehouse_code})' if row.warehouse_code else ''}"
        mine = [push for push in item.pushes if push.publication.pk == row.pk and push.confirmed_at and push.level is not None]
        steps: Steps = [(push.confirmed_at, push.level) for push in mine if push.confirmed_at and push.level is not None]
        steps += [(change.at, _seen_units(change)) for change in item.shown if _is_of(change, row.connection_id, row.warehouse_code)]
        if not steps and row.confirmed is not None:
            steps = [(max(item.since, row.confirmed_at or item.since), row.confirmed)]
        found[name] = sorted(steps)
    return {name: steps for name, steps in found.items() if steps}


def _seen_units(change: StockChange) -> int:
    """What a channel keeps on the shelf; its own reservations are not a difference."""
    return change.on_hand if change.on_hand is not None else change.available


def _is_of(change: StockChange, connection_id: int, warehouse_code: str) -> bool:
    return change.connection_id == connection_id and change.warehouse_code == warehouse_code


def happened(item: ItemAtHub) -> list[Happened]:
    """Newest first."""
    every = [*_changes(item), *_sales(item), *_pushes(item), *_seen(item)]
    return sorted(every, key=lambda one: one.at, reverse=True)


def _changes(item: ItemAtHub) -> Iterator[Happened]:
    for change in item.changes:
        place = f"{item.hub}{f' ({change.warehouse_code})' if change.warehouse_code else ''}"
        before = "?" if change.before is None else change.before
        hand = "" if change.on_hand is None else f", {change.on_hand} on hand"
        yield Happened(change.at, "stock", f"{place}: {before} → {change.available} free{hand}", f"by {change.source}")


def _sales(item: ItemAtHub) -> Iterator[Happened]:
    for line in item.sold:
        note, tone = lag_note(line, item.pushes)
        word = "sold on an old level" if note else ""
        units = f"{line.wanted} unit{'s' if line.wanted != 1 else ''}"
        yield Happened(
            line.order.placed_at, "order", f"Order {line.order.number} in {line.order.connection}: {units}", note, tone, word, line.order_id
        )


def lag_note(line: OrderLine, pushes: list[Push]) -> tuple[str, str]:
    """Whether the channel showed an older level when it sold this: “oversold here because this push took 11 min”."""
    placed, channel = line.order.placed_at, line.order.connection_id
    behind = [push for push in pushes if push.publication.connection_id == channel and push.covers(placed) and push.message.state != State.ABANDONED]
    if not behind:
        return "", "quiet"
    longest = max(behind, key=lambda push: push.lag)
    took = f"took {duration(longest.lag)}" if longest.confirmed_at else f"is {duration(longest.lag)} late"
    return f"The channel still showed the level before: that push {took}.", "bad" if longest.is_late else "wait"


def _pushes(item: ItemAtHub) -> Iterator[Happened]:
    for push in item.pushes:
        level = "the new level" if push.level is None else f"{push.level} units"
        kept = f", {push.withheld} kept back" if push.withheld else ""
        place = f" ({push.publication.warehouse_code})" if push.publication.warehouse_code else ""
        if push.confirmed_at is not None:
            tone, word = ("bad", "late") if push.is_late else ("good", "in time")
            yield Happened(push.confirmed_at, "push", f"{push.publication.connection}{place} shows {level}{kept}", _after(push), tone, word)
        elif push.is_open:
            words = push.message.note or f"not confirmed for {duration(push.lag)}"
            yield Happened(
                push.message.created_at, "push", f"{push.publication.connection}{place} is told {level}{kept}", words, "wait", "on its way"
            )


def _after(push: Push) -> str:
    return f"{duration(push.lag)} after the stock changed"


def _seen(item: ItemAtHub) -> Iterator[Happened]:
    for change in item.shown:
        yield Happened(change.at, "seen", f"{change.connection} was seen to show {_seen_units(change)} units", f"by {change.source}")
