"""Today: what needs a human first, then how the day goes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.dashboard import day_chart, today
from portal.dashboard.cases import needs
from portal.dashboard.flows import connections


@require(Action.SEE_INBOX)
@require_safe
@never_cache
def today_page(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/today.html", _context(request))


@require(Action.SEE_INBOX)
@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The part that is fetched again while the page is open."""
    return render(request, "dashboard/today_live.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    assert isinstance(request.user, User)
    at = timezone.now()
    waiting, day = today.backlog(at), today.day(at)
    return {
        "at": at,
        "needs": needs(request.user, at=at),
        "day": day,
        "day_drawing": day_chart.draw(day),
        "backlog": waiting,
        "waiting": sum(one.number for one in waiting),
        "oldest": min(waiting, key=lambda one: one.oldest_at, default=None),
        "backlog_chart": today.backlog_chart(waiting),
        "latencies": today.latencies(at),
        "connections": connections(at),
    }
