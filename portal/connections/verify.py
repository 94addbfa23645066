"""Makes the vendor's cheap authenticated read and says what it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.dispatch import Signal

from connectors.errors import ConnectorError, OutcomeUnknown, RateLimited, Unavailable
from portal.accounts.models import User
from portal.audit.trail import record
from portal.connections import health
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.connections.tokens import forget_tokens

connection_verified = Signal()  # connection, at: what waited for the credential may go on


@dataclass(frozen=True)
class Finding:
    """Whether the credential works, and one sentence about it. `away`: the vendor could not be asked, so nothing is known."""

    works: bool
    sentence: str
    warnings: tuple[str, ...] = ()
    away: bool = False


def verify(connection: Connection, *, by: User | str, at: datetime) -> Finding:
    """Try the credential and keep the result. A credential that is refused switches the connection off; a vendor that is away does not."""
    finding = look(connection)
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        note = " ".join((finding.sentence, *finding.warnings))
        if finding.works:
            row.verified_at, row.verified_note = at, note
        elif finding.away and row.verified_at is not None:
            row.verified_note = f"{note} The credential worked before, so the connection stays as it is."
        else:
            row.verified_at, row.verified_note, row.enabled = None, note, False
        row.save(update_fields=["verified_at", "verified_note", "enabled"])
        record("connection.verified" if finding.works else "connection.not_verified", row, by=by, new={"found": note})
        if finding.works:
            health.saw_ok(row, at=at)
    if finding.works:
        connection_verified.send(sender=Connection, connection=row, at=at)
    connection.refresh_from_db()
    return finding


def look(connection: Connection) -> Finding:
    """Ask the vendor; every failure is a sentence."""
    if not connection.has_credentials:
        return Finding(works=False, sentence="There is no credential yet: enter it, save, then verify.")
    forget_tokens(f"connection-{connection.pk}")
    try:
        found = connect(connection).verify()
    except ConnectorError as error:
        return Finding(works=False, sentence=str(error), away=isinstance(error, Unavailable | RateLimited | OutcomeUnknown))
    return Finding(works=True, sentence=found.sentence, warnings=tuple(found.warnings))
