"""Systems of record: who owns what."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.dashboard.ownership import ownership


@require(Action.SEE_INBOX)
@require_safe
def ownership_page(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/ownership.html", {"integrations": ownership(timezone.now())})
