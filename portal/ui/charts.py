"""Charts as numbers in an SVG's own units: drawn by a template, read from the table beside it; no script, no style attribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, LEFT, TOP, HEIGHT = 640, 120, 8, 200  # of the drawing; LEFT holds the labels
BAR_H, GAP = 18, 10
SPARK_W, SPARK_H = 96, 20


@dataclass(frozen=True)
class Mark:
    """One value: its label, what it says, and where a link leads."""

    label: str
    value: float
    said: str = ""
    url: str = ""
    tone: str = "accent"

    @property
    def text(self) -> str:
        return self.said or f"{self.value:,.0f}".replace("-", "−")


@dataclass(frozen=True)
class Bar:
    """A rectangle in the drawing's units, with the mark it stands for."""

    mark: Mark
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def end(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class Chart:
    """What the template draws: bars, or a line through points, and the rows of its table."""

    title: str
    marks: Sequence[Mark]
    columns: tuple[str, str]
    height: float
    kind: str
    bars: list[Bar] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)
    zero: float = LEFT
    width: float = WIDTH
    low: str = ""
    high: str = ""

    @property
    def has_links(self) -> bool:
        """Then it is not one picture but a group of things to open."""
        return self.kind == "bars" and any(mark.url for mark in self.marks)

    @property
    def path(self) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


def bar_chart(title: str, marks: Sequence[Mark], *, columns: tuple[str, str] = ("What", "Value")) -> Chart:
    """Horizontal bars from zero, one below the other."""
    top, bottom = max((mark.value for mark in marks), default=0), min((mark.value for mark in marks), default=0)
    scale = Scale(min(bottom, 0), max(top, 0))
    bars = [_bar(mark, scale, row, start=0, stop=mark.value) for row, mark in enumerate(marks)]
    return Chart(title, marks, columns, _height(marks), "bars", bars=bars, zero=scale.at(0))


def waterfall(title: str, marks: Sequence[Mark], *, columns: tuple[str, str] = ("Step", "Change")) -> Chart:
    """Each bar starts where the one before ended; a mark with the tone `total` starts at zero again."""
    spans, level = [], 0.0
    for mark in marks:
        start, stop = (0.0, mark.value) if mark.tone == "total" else (level, level + mark.value)
        spans.append((start, stop))
        level = stop
    edges = [edge for span in spans for edge in span] or [0.0]
    scale = Scale(min(*edges, 0.0), max(*edges, 0.0))
    bars = [_bar(mark, scale, row, start=start, stop=stop) for row, (mark, (start, stop)) in enumerate(zip(marks, spans, strict=True))]
    return Chart(title, marks, columns, _height(marks), "bars", bars=bars, zero=scale.at(0))


def line_chart(title: str, marks: Sequence[Mark], *, columns: tuple[str, str] = ("When", "Value")) -> Chart:
    """One line, left to right, evenly spaced, from zero or the lowest value below it."""
    values = [mark.value for mark in marks]
    low, high = min([0, *values]), max([0, *values]) or 1
    step = (WIDTH - 48) / max(len(values) - 1, 1)
    points = [(40 + place * step, TOP + (HEIGHT - 2 * TOP) * (1 - (value - low) / ((high - low) or 1))) for place, value in enumerate(values)]
    return Chart(
        title, marks, columns, HEIGHT + 16, "line", points=points, zero=points[0][0] if points else 40, low=f"{low:,.0f}", high=f"{high:,.0f}"
    )


def spark_points(values: Sequence[float]) -> str:
    """A tiny line for a table's cell."""
    low, high = min(values, default=0), max(values, default=0)
    step = SPARK_W / max(len(values) - 1, 1)
    span = (high - low) or 1
    return " ".join(f"{place * step:.1f},{2 + (SPARK_H - 4) * (1 - (value - low) / span):.1f}" for place, value in enumerate(values))


@dataclass(frozen=True)
class Scale:
    """Values to units across the drawing; room for the text is kept at the right."""

    low: float
    high: float

    def at(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - 90) * (value - self.low) / ((self.high - self.low) or 1)


def _bar(mark: Mark, scale: Scale, row: int, *, start: float, stop: float) -> Bar:
    left, right = sorted((scale.at(start), scale.at(stop)))
    return Bar(mark, round(left, 1), TOP + row * (BAR_H + GAP), round(max(right - left, 1), 1), BAR_H)


def _height(marks: Sequence[Mark]) -> float:
    return 2 * TOP + len(marks) * (BAR_H + GAP) - GAP
