"""Runs one comparison at a time for one pair, and keeps what came of it, also when it broke off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db import connection as database
from django.utils import timezone

from connectors.errors import ConnectorError
from portal.connections.models import Connection, Integration
from portal.reconciliation.models import Audit, Run

log = structlog.get_logger(__name__)


@dataclass
class Finding:
    """What a comparison counts while it goes. `found`: fault, in the words of the page → how many."""

    compared: int = 0
    corrected: int = 0
    found: dict[str, int] = field(default_factory=dict)
    note: str = ""
    marker: str = ""

    def count(self, fault: str, number: int = 1) -> None:
        if number:
            self.found[fault] = self.found.get(fault, 0) + number

    @property
    def differing(self) -> int:
        return sum(self.found.values())


Compare = Callable[[Finding, datetime], None]


def run_audit(audit: Audit, compare: Compare, *, connection: Connection, integration: Integration | None = None, at: datetime) -> Run | None:
    """Compare and keep the run; None when the same comparison is running already. A vendor that does not answer ends it with a note."""
    with alone(audit, integration.pk if integration else connection.pk) as mine:
        if not mine:
            return None
        label = str(integration or connection)
        run = Run.objects.create(audit=audit, connection=connection, integration=integration, label=label, started_at=at)
        finding = Finding()
        try:
            compare(finding, at)
        except ConnectorError as error:
            finding.note = f"Broke off: {error.sentence}"
            log.info("audit broke off", audit=audit, label=label, sentence=error.sentence)
        run.compared, run.differing, run.corrected = finding.compared, finding.differing, finding.corrected
        run.found, run.note, run.marker, run.ended_at = finding.found, finding.note, finding.marker, max(timezone.now(), at)
        run.save()
        return run


@contextmanager
def alone(audit: Audit, key: int) -> Iterator[bool]:
    """Nobody else makes this comparison meanwhile; a killed worker's claim frees itself."""
    name = f"audit:{audit}"
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", [name, key])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with database.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", [name, key])
