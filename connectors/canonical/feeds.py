"""What a poll or a webhook brings: bytes as the vendor sent them, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CHANGED = "changed"  # topic of an item that only says that a feed (its subject) has something new


@dataclass(frozen=True)
class Received:
    """One item as it came: `event_id` says whether it is new (e.g. "<id>@<version>"), `subject` what it is about."""

    topic: str
    event_id: str
    subject: str
    body: bytes
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """One page of a feed and the cursor (opaque text of the connector) that continues after it."""

    items: tuple[Received, ...]
    cursor: str
