"""The style page: every component in every state, to look at."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.permissions import NotAllowedError
from portal.accounts.roles import Role
from portal.ui import samples


@require_safe
def style_page(request: HttpRequest) -> HttpResponse:
    """For those who build pages: admins, and everybody where DEBUG is on."""
    if not settings.DEBUG and Role.ADM not in getattr(request.user, "roles", frozenset()):
        raise NotAllowedError("The style page is for admins.")
    now = timezone.now()
    for level, text in SAID.items():
        messages.add_message(request, level, text)
    context = {
        "cases": samples.cases(now),
        "table": samples.SampleTable(samples.orders(now)),
        "form": samples.SampleForm({"email": "ops@", "store": ""}),
        "charts": samples.drawings(),
        "spark": [4, 6, 5, 9, 14, 11, 8, 7, 12, 16],
        "evidence": samples.EVIDENCE,
        "soon": now + timedelta(minutes=12),
        "late": now - timedelta(hours=3),
        "far": now + timedelta(days=2),
        "past": now - timedelta(minutes=4),
    }
    return render(request, "ui/style.html", context)


SAID = {
    messages.SUCCESS: "Retried. The order goes out within a minute.",
    messages.INFO: "47 dispatches wait for this carrier. They go by themselves once it is mapped.",
    messages.WARNING: "Veeqo answers slowly. Orders are sent, but later than usual.",
    messages.ERROR: "The mapping was not saved: “DPD Local” is mapped already from 1 March.",
}
