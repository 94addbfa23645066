"""Mirakl limits each operation for itself: a 429 for one of them must not silence the others.

What one process was told is kept where tokens are, so that all wait.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from connectors.errors import RateLimited
from connectors.ports import Limiter, Priority, TokenStore

# Operations with a published call frequency of their own; the others are called once for each event.
OPERATIONS = (
    "A01 A21 CH11 CUR01 AF01 DO01 OR04 OR07 OR11 OR13 OR14 OR31 OR75 ST12 SH11 SH12 SH21 SH31 OF01 OF02 OF03 OF04 OF24 OF52 OF53 OF61 "
    "STO01 STO02 STO03 RT11 IV01 SBC11 TL02 TL03 TL04"
)
PUBLISHED = frozenset(OPERATIONS.split())


class Missing(Exception):
    """Nothing is kept under this name."""


def peek(tokens: TokenStore, name: str) -> str:
    """What is kept under a name; "" for nothing."""

    def nothing() -> tuple[str, float]:
        raise Missing

    try:
        return tokens.get(name, nothing)
    except Missing:
        return ""


def keep(tokens: TokenStore, name: str, value: str, *, lifetime_s: float, instead_of: str = "") -> None:
    """Keep a value for at least so long (stores end lifetimes a little early)."""
    tokens.get(name, lambda: (value, lifetime_s * 1.2 + 60), stale=instead_of)


@dataclass
class Pacing:
    """A limiter around the connection's own, which knows what operation is being called."""

    inner: Limiter
    tokens: TokenStore
    scope: str
    operation: str = ""

    def acquire(self, priority: Priority) -> None:
        """Errors: RateLimited without a call while the operation is known to be closed."""
        left_s = self.closed_for_s()
        if left_s > 0:
            raise RateLimited(f"Mirakl takes no more calls of {self.operation} for now.", retry_after_s=left_s)
        self.inner.acquire(priority)

    def penalise(self, seconds: float | None) -> None:
        if seconds is None or self.operation not in PUBLISHED:
            self.inner.penalise(seconds)
            return
        known = peek(self.tokens, self.name)
        keep(self.tokens, self.name, f"{time.time() + seconds:.3f}", lifetime_s=seconds, instead_of=known)

    def closed_for_s(self) -> float:
        if self.operation not in PUBLISHED:
            return 0.0
        return max(0.0, float(peek(self.tokens, self.name) or 0) - time.time())

    @property
    def name(self) -> str:
        return f"{self.scope}:{self.operation}:closed"
