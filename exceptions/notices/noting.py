"""Writes down that there is something to tell, in the transaction that opens the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from exceptions.models.notices import CaseNotice

SETTLES = timedelta(seconds=20)  # what follows at once from the same cause is told in the same mail


def note_opened(changes: Mapping[int, tuple[datetime, bool]]) -> None:
    """case → (when, whether it came back). One statement for a batch."""
    CaseNotice.objects.bulk_create(
        [CaseNotice(case_id=pk, came_back=came_back, at=at, not_before=at + SETTLES) for pk, (at, came_back) in changes.items()], batch_size=2000
    )
