"""Keeps what each full reading corrected (R16)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.ports import Feed
from portal.connections.models import Connection
from portal.reconciliation.models import Audit, Run
from portal.sync.full_readings import COMPLETE_LISTS
from portal.sync.models import Cursor

CORRECTED, GONE = "SKUs the ledger had wrong", "SKUs listed no more"
FIRST = "The first reading; there was nothing to correct."
UNREADABLE = "{number} items could not be understood, so nothing was taken away."
NOTHING = "It listed nothing at all, so nothing was taken away."


def on_full_reading(sender: object, *, cursor: Cursor, feed: Feed, connection: Connection, gone: int, first: bool, at: datetime, **_: Any) -> None:
    if feed.topic not in COMPLETE_LISTS:
        return
    wrong = 0 if first else cursor.corrected - gone
    found = {name: number for name, number in ((CORRECTED, wrong), (GONE, gone)) if number}
    Run.objects.create(
        audit=Audit.SNAPSHOT,
        connection=connection,
        label=f"{connection.name}: {feed.label or feed.name}",
        started_at=cursor.run_began_at or at,
        ended_at=at,
        compared=cursor.compared,
        differing=wrong + gone,
        corrected=wrong + gone,
        found=found,
        note=note_of(cursor, first=first),
    )


def note_of(cursor: Cursor, *, first: bool) -> str:
    if cursor.unreadable:
        return UNREADABLE.format(number=cursor.unreadable)
    if not cursor.compared:
        return NOTHING
    return FIRST if first else ""
