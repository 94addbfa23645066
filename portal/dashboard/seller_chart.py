"""The rates of one operator as a drawing: today's bar, what the open cases would add, and the limit as a line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from portal.dashboard.sellers import Rate, Seller

WIDTH, LEFT, RIGHT, TOP, SLOT, BAR_H = 640, 112, 500, 8, 30, 16


@dataclass(frozen=True)
class Row:
    """One rate: `more` is where the projected bar begins, `limit_x` where the limit stands (None: there is none)."""

    rate: Rate
    y: float
    now_width: float
    more_width: float
    limit_x: float | None
    said: str

    @property
    def middle(self) -> float:
        return self.y + BAR_H / 2

    @property
    def more_x(self) -> float:
        return LEFT + self.now_width

    @property
    def text_x(self) -> float:
        return max(LEFT + self.now_width + self.more_width, self.limit_x or 0) + 8

    @property
    def tone(self) -> str:
        return "bad" if self.rate.tone == "bad" else "good" if self.rate.tone in ("good", "wait") else "total"


@dataclass(frozen=True)
class SellerDrawing:
    """What the template draws."""

    title: str
    rows: list[Row]
    height: float
    width: int = WIDTH
    left: int = LEFT
    bar_height: int = BAR_H


def draw(seller: Seller) -> SellerDrawing:
    values = [value for rate in seller.rates for value in (rate.percent, rate.projected, rate.limit or Decimal(0))]
    high = max([*values, Decimal(1)])
    rows = [row(rate, place, high) for place, rate in enumerate(seller.rates)]
    return SellerDrawing(f"Rates at {seller.connection.name}", rows, height=2 * TOP + SLOT * len(rows))


def row(rate: Rate, place: int, high: Decimal) -> Row:
    now, later = width(rate.percent, high), width(max(rate.projected, rate.percent), high)
    limit_x = round(LEFT + width(rate.limit, high), 1) if rate.limit is not None else None
    becomes = f" → {rate.projected_said}" if rate.projected > rate.percent else ""
    return Row(rate, TOP + place * SLOT, now, round(later - now, 1), limit_x, f"{rate.percent_said}{becomes}")


def width(value: Decimal, high: Decimal) -> float:
    return round(float((RIGHT - LEFT) * value / high), 1)
