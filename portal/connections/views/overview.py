"""Every account and every integration, with what works and what does not."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed
from portal.connections.models import Connection, Health, Integration

TONES = {Health.OK: "good", Health.DOWN: "bad", Health.DENIED: "bad", Health.UNKNOWN: "quiet"}


@require_safe
@require(Action.SEE_INBOX)
def overview(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    integrations = [one_of(row, at=at) for row in Integration.objects.present().select_related("channel", "hub")]
    context = {
        "accounts": [account_of(row) for row in Connection.objects.present()],
        "integrations": integrations,
        "may_edit": allowed(request.user, Action.EDIT_CONNECTION).yes,
    }
    return render(request, "connections/overview.html", context)


def account_of(connection: Connection) -> dict[str, Any]:
    """An account, and one word about it."""
    if not connection.has_credentials:
        word, tone = "no credential yet", "wait"
    elif connection.verified_at is None:
        word, tone = "not verified", "wait"
    elif not connection.enabled:
        word, tone = "off", "quiet"
    else:
        word, tone = str(connection.get_health_display()), TONES[Health(connection.health)]
    return {"row": connection, "word": word, "tone": tone}


def one_of(integration: Integration, *, at: Any) -> dict[str, Any]:
    """An integration, when it runs next, and the sides that keep it from working."""
    sides = [account_of(side) for side in (integration.channel, integration.hub)]
    return {
        "row": integration,
        "next_run_at": integration.timetable.next_after(at) if integration.enabled else None,
        "troubled": [side for side in sides if side["tone"] != "good"],
    }
