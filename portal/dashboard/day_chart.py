"""The day as a drawing: orders in beside orders out of the door, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from portal.dashboard.today import Day

WIDTH, LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 960, 48, 950, 10, 150, 176
HOURS, TICKS, EVERY = 24, 2, 3


@dataclass(frozen=True)
class Bar:
    """One hour's orders in (`tone` total) or out (accent)."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    title: str


@dataclass(frozen=True)
class DayDrawing:
    """What the template draws; the hours to come stay empty."""

    bars: list[Bar]
    units: list[tuple[float, str]]
    hours: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def draw(day: Day) -> DayDrawing:
    rows = day.rows
    step = ceil(max(1, *(number for _, came, left in rows for number in (came, left))) / TICKS)
    high, slot = step * TICKS, (RIGHT - LEFT) / max(HOURS, len(rows))
    bars = []
    for place, (hour, came, left) in enumerate(rows):
        x = LEFT + place * slot
        bars.append(_bar(x + slot * 0.12, slot * 0.36, came / high, tone="total", title=f"{hour}: {came} in"))
        bars.append(_bar(x + slot * 0.5, slot * 0.36, left / high, tone="accent", title=f"{hour}: {left} out"))
    units = [(BOTTOM - (BOTTOM - TOP) * part / TICKS, f"{step * part:,}") for part in range(TICKS + 1)]
    hours = [(round(LEFT + place * slot, 1), hour) for place, (hour, *_) in enumerate(rows) if place % EVERY == 0]
    return DayDrawing(bars, units, hours)


def _bar(x: float, width: float, share: float, *, tone: str, title: str) -> Bar:
    height = round((BOTTOM - TOP) * share, 1)
    return Bar(round(x, 1), BOTTOM - height, round(width, 1), height, tone, title)
