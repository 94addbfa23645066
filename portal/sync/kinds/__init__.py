"""What each kind of outbound message does: translate, call, and record, one module each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.canonical import Done


@dataclass(frozen=True)
class Request:
    """A message translated into its target's codes, and the mappings that were used for it. `covers`: every shipment it tells of."""

    body: Any
    uses: tuple[Any, ...] = field(default=())
    covers: tuple[int, ...] = field(default=())


@dataclass(frozen=True)
class NotYet(Exception):
    """Nothing is wrong, but it cannot be done now: look again in so many seconds."""

    seconds: float
    note: str


@dataclass(frozen=True)
class Moot(Exception):
    """It need not be done any more, for this reason."""

    note: str


__all__ = ["Done", "Moot", "NotYet", "Request"]
