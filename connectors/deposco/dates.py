"""Moments as Deposco's filters read them, and as texts that compare as moments do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.errors import ContractError
from connectors.reading import moment


def stamp(at: datetime) -> str:
    """A moment as text of one length, so that texts compare as moments do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def filter_text(at: datetime) -> str:
    """ISO 8601 with Z: a plus sign would have to survive the encoding of a query."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def told_at(row: Mapping[str, Any], *names: str) -> datetime | None:
    """The first of these times that the row tells readably."""
    for name in names:
        try:
            if row.get(name):
                return moment(row[name], what=name)
        except ContractError:
            continue
    return None


def changed_at(row: Mapping[str, Any]) -> datetime | None:
    return told_at(row, "updatedDate", "createdDate")


def created_at(row: Mapping[str, Any]) -> datetime | None:
    return told_at(row, "createdDate")
