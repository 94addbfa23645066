"""Try the connection now; when it answers, everything that waits for it goes."""

from __future__ import annotations

from django.db.models import Count
from django.utils import timezone

from exceptions.actions import CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.connections import health
from portal.connections.verify import look
from portal.sync.models import OutboundMessage, State
from portal.sync.release import connection_back


def preview(case: ExceptionCase, data: Data) -> Preview:
    """One call; what waits for the connection, by what it is."""
    connection = case.connection
    assert connection is not None
    waiting = OutboundMessage.objects.filter(connection=connection, state=State.QUEUED)
    kinds = waiting.values_list("kind").annotate(number=Count("pk")).order_by("-number", "kind")
    rows = [PreviewRow(f"{kind.replace('_', ' ')}: {number}", "waits", "goes, if the connection answers") for kind, number in kinds]
    standing = f"{connection} is {connection.get_health_display()} now"
    return Preview(f"One cheap call is made with the stored credential; nothing is changed there. {standing}.", rows)


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
    preview=preview,
    applies=lambda case: case.connection is not None and case.connection.removed_at is None,
    calls_out=True,
    help="Makes one cheap call with the stored credential.",
    key="v",
)
