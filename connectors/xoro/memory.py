"""What we remember of a write between its attempts: Xoro keeps no handle of ours, so its state before the write is our only proof."""

from __future__ import annotations

import json

from connectors.ports import TokenStore

MONTH_S = 30 * 86_400.0
Shipped = dict[str, int]  # units shipped by line id


class Missing(Exception):
    """Nothing is kept under that name."""


def refuse() -> tuple[str, float]:
    raise Missing


def recall(tokens: TokenStore, name: str) -> Shipped | None:
    """What the order showed as shipped before this dispatch was first sent; None when it was never sent."""
    try:
        kept = json.loads(tokens.get(name, refuse))
    except (Missing, ValueError):
        return None
    return {str(line): int(count) for line, count in kept.items()}


def remember(tokens: TokenStore, name: str, shipped: Shipped) -> None:
    tokens.get(name, lambda: (json.dumps(shipped), MONTH_S))


def forget(tokens: TokenStore, name: str, shipped: Shipped) -> None:
    """The write was surely not done: what was kept is replaced by a value that says nothing."""
    tokens.get(name, lambda: ("", 60.0), stale=json.dumps(shipped))
