"""The comparisons with their last results, and the runs of one of them."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from exceptions import ignoring
from exceptions.errors import CaseError
from exceptions.kinds import KINDS
from exceptions.models import IgnoredFinding
from portal.accounts.gate import require
from portal.accounts.permissions import Action, check
from portal.reconciliation.blocked import blocked
from portal.reconciliation.models import Audit, Run
from portal.reconciliation.newest import newest
from portal.reconciliation.trend import trend
from portal.ui.paging import page_of


@require(Action.SEE_INBOX)
@require_safe
def audit_list(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    ignored = ignoring.listed(at)
    mine = ignoring.may_revoke(request.user, {row.kind for row in ignored})  # type: ignore[arg-type]
    shown = [(row, row.kind in mine) for row in ignored]
    context = {"rows": newest(at), "trend": trend(at, fault=request.GET.get("fault", "")), "blocked": blocked(), "ignored": shown}
    return render(request, "reconciliation/audits.html", context)


class RaiseAgainForm(forms.Form):
    reason = forms.CharField(label="Why it shall be raised again", max_length=300)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def raise_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that a finding is ignored."""
    row = get_object_or_404(IgnoredFinding.objects.select_related("by", "case"), pk=pk, revoked_at=None)
    check(request.user, Action.RESOLVE_FIXED, owner=KINDS[row.kind].may_act)
    form = RaiseAgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ignoring.revoke(row, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now())  # type: ignore[arg-type]
        except CaseError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{row.label} is ignored no more. The next comparison raises it, if it is still there.")
        return redirect("reconciliation:audits")
    return render(request, "reconciliation/raise_again.html", {"row": row, "form": form})


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
