"""Runs one comparison at a time for one pair, and keeps what came of it, also when it broke off or could not begin."""

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


class NotReady(Exception):
    """There is nothing to compare with yet, for this reason; it is tried again soon."""


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


@dataclass(frozen=True)
class Pair:
    """What is compared: an integration, or one connection by itself."""

    connection: Connection
    integration: Integration | None = None

    @property
    def label(self) -> str:
        return str(self.integration or self.connection)

    @property
    def key(self) -> int:
        return self.integration.pk if self.integration else self.connection.pk


Compare = Callable[[Pair, Finding, datetime], None]


def run_audit(audit: Audit, pair: Pair, compare: Compare, *, at: datetime) -> Run | None:
    """Compare and keep the run; None when the same comparison is running already. One that has not ended says in its note what it waits for."""
    with alone(audit, pair.key) as mine:
        if not mine:
            return None
        Run.objects.filter(audit=audit, label=pair.label, ended_at=None).delete()
        run = Run.objects.create(audit=audit, connection=pair.connection, integration=pair.integration, label=pair.label, started_at=at)
        finding = Finding()
        try:
            compare(pair, finding, at)
            run.ended_at = max(timezone.now(), at)
        except NotReady as error:
            finding.note = str(error)
        except ConnectorError as error:
            finding.note = f"Broke off: {error.sentence}"
            log.info("audit broke off", audit=audit, label=pair.label, sentence=error.sentence)
        run.compared, run.differing, run.corrected = finding.compared, finding.differing, finding.corrected
        run.found, run.note, run.marker = finding.found, finding.note, finding.marker
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
