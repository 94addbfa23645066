"""Which of two observations of one thing is newer."""

from __future__ import annotations

from datetime import datetime


def is_older(version: str, changed_at: datetime, *, known_version: str, known_changed_at: datetime) -> bool:
    """True when the observation must not overwrite what is known. Numbers compare as numbers; otherwise the time decides."""
    if version.isdigit() and known_version.isdigit():
        return int(version) < int(known_version)
    return changed_at < known_changed_at
