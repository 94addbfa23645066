"""The checklists of today and this week, and who signed the ones before."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from exceptions import checklists
from exceptions.checklists import CHECKLISTS
from exceptions.errors import CaseError
from exceptions.models import ChecklistRun
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action

SIGNED_SHOWN = 30


@require(Action.SEE_INBOX)
def page(request: HttpRequest) -> HttpResponse:
    by: User = request.user  # type: ignore[assignment]
    signed = ChecklistRun.objects.filter(signed_at__isnull=False, checklist__in=CHECKLISTS).select_related("signed_by")[:SIGNED_SHOWN]
    before = [(CHECKLISTS[run.checklist], run) for run in signed]
    return render(request, "exceptions/checklists.html", {"sheets": checklists.sheets(by), "before": before})


@require_POST
@require(Action.TAKE_PART)
def tick(request: HttpRequest, code: str) -> HttpResponse:
    by: User = request.user  # type: ignore[assignment]
    point = request.POST.get("point", "")
    try:
        checklists.tick(code, int(point) if point.isdecimal() else -1, by=by, done=request.POST.get("done") == "1")
    except CaseError as error:
        messages.error(request, str(error))
    return redirect("exceptions:checklists")


@require_POST
@require(Action.TAKE_PART)
def sign(request: HttpRequest, code: str) -> HttpResponse:
    by: User = request.user  # type: ignore[assignment]
    try:
        checklists.sign(code, request.POST.get("note", ""), by=by)
        messages.success(request, "Signed. It is kept as it stands.")
    except CaseError as error:
        messages.error(request, str(error))
    return redirect("exceptions:checklists")
