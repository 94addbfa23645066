"""Where a reading of Xoro is, as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connectors.errors import ContractError
from connectors.reading import text, whole

Pairs = frozenset[tuple[str, str]]  # (wave, order)


@dataclass(frozen=True)
class Spot:
    """`since`: all changes before it were seen; `started`: what it becomes when the run is complete. `bound`: what the run asks from.

    `doubted`: some list was empty, and nothing showed that Xoro was answering. `page` of pass `leg` is read again by whoever continues.
    `waved`: the orders on open waves that were told already.
    """

    since: str = ""
    started: str = ""
    bound: str = ""
    leg: int = 0
    page: int = 1
    doubted: bool = False
    waved: Pairs = frozenset()

    def dumped(self) -> str:
        kept: dict[str, Any] = {name: getattr(self, name) for name in ("since", "started", "bound") if getattr(self, name)}
        if self.started:
            kept |= {"leg": self.leg, "page": self.page, "doubted": self.doubted}
        waves: dict[str, list[str]] = {}
        for wave, order in sorted(self.waved):
            waves.setdefault(wave, []).append(order)
        return json.dumps(kept | ({"waves": waves} if waves else {}), separators=(",", ":"))


def read_spot(cursor: str) -> Spot:
    """The spot of a cursor; one from another build that we cannot read starts from the beginning."""
    try:
        kept = json.loads(cursor) if cursor else {}
        waves = kept.get("waves") or {}
        pairs = frozenset((wave, order) for wave, orders in waves.items() for order in orders)
        leg, page = whole(kept.get("leg", 0), what="leg"), whole(kept.get("page", 1), what="page")
        since, started, bound = (text(kept.get(name)) for name in ("since", "started", "bound"))
    except (ValueError, AttributeError, TypeError, ContractError):
        return Spot()
    return Spot(since, started, bound, leg, page, doubted=kept.get("doubted") is True, waved=pairs)
