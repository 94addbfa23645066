"""The audit trail, read only: all of it for those who watch, their own actions for everybody else."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, allowed
from portal.audit.filters import TrailFilter
from portal.audit.models import AuditEvent

ROWS = 50


@require(Action.READ_AUDIT)
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    sees_all = isinstance(request.user, User) and allowed(request.user, Action.READ_AUDIT).yes
    events = AuditEvent.objects.all() if sees_all else AuditEvent.objects.filter(actor=request.user.pk)
    form = TrailFilter(request.GET)
    if not sees_all:
        del form.fields["person"]
    rows = list(before(form.narrow(events), request.GET.get("before", ""))[: ROWS + 1])
    oldest = rows[ROWS - 1].pk if len(rows) > ROWS else None
    context = {"rows": rows[:ROWS], "oldest": oldest, "goes_on": "before" in request.GET, "form": form, "sees_all": sees_all}
    return render(request, "audit/trail.html", context)


def before(events: QuerySet[AuditEvent], pk: str) -> QuerySet[AuditEvent]:
    """The events older than one of them, newest first: the index is entered where the page before ended."""
    return events.filter(pk__lt=int(pk)) if pk.isdecimal() and len(pk) < 19 else events
