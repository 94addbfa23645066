"""The only writers of cases: opened and cleared by the rest of the portal, worked on by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from exceptions.acts import acknowledge, assign, claim, comment, reassign, snooze, wake
from exceptions.closing import clear_case, clear_items
from exceptions.entries import CaseEntry, NewCase
from exceptions.kinds import Severity
from exceptions.models import ExceptionCase
from exceptions.opening import open_cases
from exceptions.resolving import reopen, resolve
from portal.connections.models import Connection, Integration

__all__ = [
    "CaseEntry", "NewCase", "acknowledge", "assign", "claim", "clear_case", "clear_items", "comment", "open_case", "open_cases", "reassign",
    "reopen", "resolve", "snooze", "wake",
]  # fmt: skip


def open_case(
    kind: str,
    *,
    fingerprint: str,
    cause: str,
    at: datetime,
    items: Sequence[CaseEntry] = (),
    connection: Connection | None = None,
    integration: Integration | None = None,
    evidence: Mapping[str, Any] | None = None,
    deadline_at: datetime | None = None,
    window_from: datetime | None = None,
    consequence: str = "",
    waiting_for: str = "",
    severity: Severity | int | None = None,
) -> ExceptionCase:
    """Open the case, or add to the open one of the same kind and fingerprint; safe with many callers at once."""
    new = NewCase(
        kind,
        fingerprint[:300],
        cause,
        at,
        items,
        connection=connection,
        integration=integration,
        evidence=evidence or {},
        deadline_at=deadline_at,
        window_from=window_from,
        consequence=consequence,
        waiting_for=waiting_for,
        severity=severity,
    )
    return open_cases([new])[0]
