"""What the log keeps beside the runs: readings by the clock that brought something, or failed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.audit.trail import record
from portal.connections.models import Connection, Integration
from portal.sync.operations.starting import TEAMS
from portal.sync.run_models import Process, Run, RunState, Trigger


def note_reading(connection: Connection, feed: str, *, items: int, error: str = "", at: datetime) -> None:
    """One entry in the log of every running integration of the connection; nothing where nothing happened."""
    if not items and not error:
        return
    label = connection.vendor.feed(feed).label or feed
    message = f"{connection.name}, {label}: {error}" if error else f"{connection.name}, {label}: {items} read."
    Run.objects.bulk_create(
        Run(
            integration=integration, process=Process.READ, trigger=Trigger.INTERVAL, state=RunState.DONE, number=items, handled=items,
            has_errors=bool(error), message=message, created_at=at, started_at=at, ended_at=at,
        )
        for integration in Integration.objects.running().filter(Q(channel=connection) | Q(hub=connection))
    )  # fmt: skip


def mark_entry(run: Run, *, resolved: bool, by: User, at: datetime) -> None:
    """Somebody has seen to it; or has not after all."""
    check(by, Action.REPLAY_ONE, owner={role for roles in TEAMS.values() for role in roles})
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(resolved_at=at if resolved else None, resolved_by=by if resolved else None)
        record("integration.log_resolved" if resolved else "integration.log_unresolved", run, by=by, new={"entry": run.message[:200]})
