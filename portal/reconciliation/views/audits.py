"""The comparisons with their last results, and the runs of one of them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.reconciliation.blocked import blocked
from portal.reconciliation.models import Audit, Run
from portal.reconciliation.newest import newest
from portal.reconciliation.trend import trend
from portal.ui.paging import page_of


@require(Action.SEE_INBOX)
@require_safe
def audit_list(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    context = {"rows": newest(at), "trend": trend(at, fault=request.GET.get("fault", "")), "blocked": blocked()}
    return render(request, "reconciliation/audits.html", context)


@require(Action.SEE_INBOX)
@require_safe
def run_list(request: HttpRequest, audit: str) -> HttpResponse:
    """What one comparison of one pair found, newest first."""
    if audit not in Audit.values:
        raise Http404("There is no such comparison.")
    runs = Run.objects.filter(audit=audit, ended_at__isnull=False)
    label = request.GET.get("of", "")
    page = page_of(runs.filter(label=label) if label else runs, order=("-started_at", "-id"), size=50, cursor=request.GET.get("cursor", ""))
    return render(request, "reconciliation/runs.html", {"audit": Audit(audit), "label": label, "page": page})
