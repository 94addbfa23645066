"""Is it working? Read by machines: 200 when it is, 503 and the reason when it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.connections.models import Health
from portal.heartbeat import WORKER
from portal.ledger.models import Heartbeat
from portal.sync.models import OutboundMessage, State

BEATS_MISSED = 3
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True)
class Finding:
    """What one look found."""

    healthy: bool
    said: str


def look_at_database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding(healthy=True, said="answers")


def look_at_worker() -> Finding:
    """Its last sign of life, which came through the clock, the queue and a worker."""
    beat = Heartbeat.objects.filter(flow=WORKER).first()
    if beat is None:
        return Finding(healthy=False, said="no worker has run yet")
    silent = timezone.now() - beat.beat_at
    return Finding(healthy=silent <= BEATS_MISSED * timedelta(seconds=beat.every_s), said=f"last seen {silent.total_seconds():.0f} s ago")


def look_at_oldest_due() -> Finding:
    """How long the first in line waits. What waits for a vendor who is away is that connection's trouble, not ours."""
    away = (Health.DOWN, Health.DENIED)
    due = OutboundMessage.objects.filter(state=State.QUEUED, not_before__lte=timezone.now()).exclude(connection__health__in=away)
    oldest = due.aggregate(oldest=Min("not_before"))["oldest"]
    if oldest is None:
        return Finding(healthy=True, said="nothing is waiting")
    waits = timezone.now() - oldest
    return Finding(healthy=waits <= LONGEST_WAIT, said=f"due for {waits.total_seconds():.0f} s")


LOOKS: dict[str, Callable[[], Finding]] = {
    "database": look_at_database,
    "worker": look_at_worker,
    "oldest_due": look_at_oldest_due,
}


@never_cache
@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Every look by name; nobody needs to log in, so it tells no more than numbers."""
    findings = {}
    for name, look in LOOKS.items():
        try:
            findings[name] = look()
        except DatabaseError as error:
            findings[name] = Finding(healthy=False, said=f"the database cannot say ({type(error).__name__})")
    healthy = all(finding.healthy for finding in findings.values())
    body = {"healthy": healthy, "at": timezone.now(), **{name: asdict(finding) for name, finding in findings.items()}}
    return JsonResponse(body, status=200 if healthy else 503)
