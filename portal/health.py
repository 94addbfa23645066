"""Is it working? Read by machines: 200 when it is, 503 and the reason when it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@dataclass(frozen=True)
class Finding:
    """What one look found."""

    healthy: bool
    said: str


def look_at_database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding(healthy=True, said="answers")


LOOKS: dict[str, Callable[[], Finding]] = {
    "database": look_at_database,
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
        except DatabaseError:
            findings[name] = Finding(healthy=False, said="the database does not answer")
    healthy = all(finding.healthy for finding in findings.values())
    body = {"healthy": healthy, "at": timezone.now(), **{name: asdict(finding) for name, finding in findings.items()}}
    return JsonResponse(body, status=200 if healthy else 503)
