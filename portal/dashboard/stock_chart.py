"""The stock timeline as a drawing: steps of units over time, and below them the orders and how long each push took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

from django.utils import timezone

from portal.dashboard.stock_item import ItemAtHub, Push
from portal.dashboard.stock_timeline import Steps, levels, published
from portal.ui.words import duration

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 960, 48, 950, 12, 212
SALES_Y, PUSHES_Y, HEIGHT = 232, 252, 292
TICKS = 4
# Each line: its colour by a class of the stylesheet, and its dashes, so that it is told apart without colour too
HAND, FREE = ("quiet", "2 3"), ("after", "")
SHOWN = (("accent", ""), ("accent", "8 4"), ("accent", "2 4"), ("accent", "12 3 2 3"))


@dataclass(frozen=True)
class Line:
    """One series as a step line; `last` is what it says at the end."""

    name: str
    tone: str
    dashes: str
    points: str
    last: int


@dataclass(frozen=True)
class Span:
    """A push: from the change of the truth to the channel's confirmation."""

    x: float
    width: float
    tone: str
    title: str


@dataclass(frozen=True)
class Dot:
    x: float
    title: str


@dataclass(frozen=True)
class Tick:
    place: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Drawing:
    """What the template draws."""

    title: str
    lines: list[Line]
    spans: list[Span]
    dots: list[Dot]
    times: list[Tick]
    units: list[Tick]
    zero: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM
    sales_y: int = SALES_Y
    pushes_y: int = PUSHES_Y


@dataclass(frozen=True)
class Frame:
    """Time to x, units to y."""

    since: datetime
    until: datetime
    low: int
    high: int

    def x(self, moment: datetime) -> float:
        share = (moment - self.since) / (self.until - self.since)
        return round(LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0), 1)

    def y(self, units: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (units - self.low) / (self.high - self.low), 1)

    def line(self, name: str, look: tuple[str, str], steps: Steps) -> Line:
        """Flat until the next step, then straight up or down."""
        corners = [(self.x(steps[0][0]), self.y(steps[0][1]))]
        for (_, before), (moment, after) in pairwise(steps):
            corners += [(self.x(moment), self.y(before)), (self.x(moment), self.y(after))]
        corners.append((self.x(self.until), self.y(steps[-1][1])))
        return Line(name, *look, " ".join(f"{x},{y}" for x, y in corners), steps[-1][1])


def draw(item: ItemAtHub) -> Drawing:
    truth, shown = levels(item), published(item)
    every = [truth.available, truth.on_hand, *shown.values()]
    frame = _frame(item, [units for steps in every for _, units in steps])
    lines = [frame.line("On hand", HAND, truth.on_hand)] if truth.on_hand else []
    lines.append(frame.line("Free to sell", FREE, truth.available))
    for place, (name, steps) in enumerate(shown.items()):
        lines.append(frame.line(f"Shown in {name}", SHOWN[place % len(SHOWN)], steps))
    return Drawing(
        title=f"Stock at {item.hub} and what the channels showed",
        lines=lines,
        spans=[_span(frame, push) for push in item.pushes],
        dots=[Dot(frame.x(line.order.placed_at), f"Order {line.order.number}: {line.wanted}") for line in item.sold],
        times=_times(frame),
        units=_units(frame),
        zero=frame.y(0),
    )


def _frame(item: ItemAtHub, units: list[int]) -> Frame:
    low, high = min([0, *units]), max([1, *units])
    step = ceil((high - low) / TICKS)
    return Frame(item.since, item.at, low, low + step * TICKS)


def _span(frame: Frame, push: Push) -> Span:
    start, end = frame.x(push.truth_at), frame.x(push.confirmed_at or push.at)
    tone = "bad" if push.is_late else "wait" if push.is_open else "good"
    level = "a level" if push.level is None else f"{push.level}"
    took = "took" if push.confirmed_at else "waits for"
    return Span(start, max(end - start, 2.0), tone, f"{level} to {push.publication.connection}: {took} {duration(push.lag)}")


def _times(frame: Frame) -> list[Tick]:
    length = frame.until - frame.since
    form = "%H:%M" if length <= timedelta(days=1) else "%-d %b %H:%M" if length <= timedelta(days=2) else "%-d %b"
    moments = [frame.since + length * part / TICKS for part in range(TICKS + 1)]
    anchors = ["start", *["middle"] * (TICKS - 1), "end"]
    return [Tick(frame.x(moment), f"{timezone.localtime(moment):{form}}", anchor) for moment, anchor in zip(moments, anchors, strict=True)]


def _units(frame: Frame) -> list[Tick]:
    step = (frame.high - frame.low) // TICKS
    return [Tick(frame.y(frame.low + step * part), f"{frame.low + step * part:,}") for part in range(TICKS + 1)]
