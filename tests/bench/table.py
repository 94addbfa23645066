"""A measured row, the table that is printed, and build/bench.json."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

REPEATS = 7


@dataclass(frozen=True)
class Row:
    """`ratio` is value over floor (or the other way round where more is better); `goal` and `limit` are what it should be and must never pass."""

    name: str
    value: float
    floor: float
    ratio: float
    unit: str = "ms"
    goal: float | None = None
    limit: float | None = None
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return "ok: measured only"
        beyond = self.ratio < self.limit if self.more_is_better else self.ratio > self.limit
        met = self.goal is not None and (self.ratio >= self.goal if self.more_is_better else self.ratio <= self.goal)
        return "NOT OK: beyond the limit" if beyond else "ok: goal met" if met else "ok: within the limit"


def row(name: str, value: float, floor: float, *, unit: str = "ms", goal: float | None = None, limit: float | None = None, more: bool = False) -> Row:
    return Row(name, round(value, 3), round(floor, 3), round(value / floor, 2) if floor else 0.0, unit, goal, limit, more)


def timed(work: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """The median of several runs, in ms, after one that is not counted."""
    work()
    spans = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        spans.append((time.perf_counter() - started) * 1000)
    return median(spans)


def show(rows: Iterable[Row]) -> str:
    lines = [f"{'':<62}{'value':>12}{'floor':>12}{'ratio':>9}{'goal':>8}{'limit':>8}"]
    for one in rows:
        goal, limit = ("" if number is None else f"{number:g}" for number in (one.goal, one.limit))
        lines.append(
            f"{one.name:<62}{one.value:>9.2f} {one.unit:<3}{one.floor:>8.2f} {one.unit:<3}{one.ratio:>8.2f}{goal:>8}{limit:>8}  {one.verdict}"
        )
    return "\n".join(lines)


def keep(rows: Iterable[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([{**asdict(one), "verdict": one.verdict} for one in rows], indent=1) + "\n")
