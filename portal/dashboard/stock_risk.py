"""How easily a SKU is sold more often than it is there: demand during the measured lag against what is left to show (A8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.dashboard.stock_item import ItemAtHub

MOST_LAGS = 0.95  # nearly all levels were confirmed within it


@dataclass(frozen=True)
class Risk:
    """`demand`: the most that was sold within any span as long as `lag`; `left`: free less the buffer. `proposed` covers that demand."""

    lag: timedelta
    demand: int
    available: int
    kept: int

    @property
    def left(self) -> int:
        return max(0, self.available - self.kept)

    @property
    def proposed(self) -> int:
        return self.demand

    @property
    def withholds(self) -> int:
        return max(0, min(self.proposed, self.available))

    @property
    def tone(self) -> str:
        if self.demand > self.left:
            return "bad"
        return "wait" if self.demand > self.kept else "good"

    @property
    def word(self) -> str:
        return {"bad": "may be oversold now", "wait": "may be oversold near the end", "good": "covered"}[self.tone]


def risk_of(item: ItemAtHub) -> Risk | None:
    """None while no push was confirmed in the period: nothing is measured."""
    lags = sorted(push.lag for push in item.pushes if push.confirmed_at is not None)
    if not lags:
        return None
    lag = lags[int(MOST_LAGS * (len(lags) - 1))]
    sales = [(line.order.placed_at, line.wanted) for line in item.sold]
    return Risk(lag, most_within(sales, lag), item.available, max((row.withheld for row in item.publications), default=0))


def most_within(sales: list[tuple[datetime, int]], span: timedelta) -> int:
    """The most units sold in any such span."""
    ordered = sorted(sales)
    most = units = start = 0
    for at, sold in ordered:
        units += sold
        while at - ordered[start][0] > span:
            units -= ordered[start][1]
            start += 1
        most = max(most, units)
    return most
