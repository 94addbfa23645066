"""Try the connection now; when it answers, everything that waits for it goes."""

from __future__ import annotations

from django.utils import timezone

from exceptions.actions import CaseAction, Data
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.connections import health
from portal.connections.verify import look
from portal.sync.release import connection_back


def run(case: ExceptionCase, by: User, data: Data) -> str:
    connection = case.connection
    assert connection is not None
    finding = look(connection)
    if not finding.works:
        raise CaseError(f"Still no luck: {finding.sentence}")
    at = timezone.now()
    health.saw_ok(connection, at=at)
    connection_back(connection, at=at)
    return f"It answers: {finding.sentence} What waited for it goes now."


ACTION = CaseAction(
    name="verify_connection",
    label="Try the connection now",
    action=Action.TAKE_PART,
    run=run,
    applies=lambda case: case.connection is not None and case.connection.removed_at is None,
    calls_out=True,
    help="Makes one cheap call with the stored credential.",
    key="v",
)
