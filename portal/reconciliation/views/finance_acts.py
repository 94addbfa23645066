"""What finance does: prepare, review, take back, reopen; tolerances; writing off."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.approvals import ApprovalError
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, allowed, check
from portal.audit.trail import record
from portal.reconciliation.finance import periods, statement, write_offs
from portal.reconciliation.finance.models import Discrepancy, Period, Tolerance
from portal.reconciliation.finance.periods import FinanceError
from portal.reconciliation.finance.words import Match, Reason, Side
from portal.ui.paging import page_of

SAID = {
    "prepare": "Prepared. Nothing is closed yet: a second person of finance reviews it.",
    "close": "Closed. Its figures stay as they are; what comes later counts in the next period.",
    "take-back": "Taken back. The period is open.",
}
ACTS: dict[str, Callable[..., object]] = {"prepare": periods.prepare, "close": periods.close, "take-back": periods.take_back}


class WriteOffForm(forms.Form):
    reason = forms.ChoiceField(label="Why it is given up", choices=Reason.choices)
    note = forms.CharField(label="What you know of it (kept for ever)", max_length=300)


class ToleranceForm(forms.ModelForm):
    """Fractions are typed as percentages."""

    percent = forms.DecimalField(label="Or up to this share of what was expected, in %", min_value=0, max_value=99, decimal_places=4)

    class Meta:
        model = Tolerance
        fields = ("absolute", "timing_days", "write_off_limit")
        labels = {
            "absolute": "Differences up to this sum pass",
            "timing_days": "Days for the other side to follow before it is unexplained",
            "write_off_limit": "Up to this sum one person writes off alone",
        }

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        for name in ("absolute", "write_off_limit"):
            if data.get(name) is not None and data[name] < 0:
                raise ValidationError({name: "It cannot be less than 0."})
        return data


@require_POST
@require(Action.CLOSE_PERIOD)
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    by: User = request.user  # type: ignore[assignment]
    get_object_or_404(Period, pk=pk)
    if name not in ACTS:
        raise Http404
    try:
        ACTS[name](pk, by=by)
        messages.success(request, SAID[name])
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("reconciliation:period", pk)


@require_POST
@require(Action.REOPEN_PERIOD)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    by: User = request.user  # type: ignore[assignment]
    get_object_or_404(Period, pk=pk)
    try:
        periods.ask_to_reopen(pk, by=by, reason=request.POST.get("reason", ""))
        messages.success(request, "Asked. It stays closed until a second person agrees, under Approvals.")
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("reconciliation:period", pk)


@require(Action.SEE_INBOX)
@require_safe
def differences(request: HttpRequest) -> HttpResponse:
    """What does not agree, by state and side."""
    rows = Discrepancy.objects.select_related("connection", "order")
    chosen = {name: request.GET.get(name, "") for name in ("state", "side", "currency", "subject", "account")}
    for name in ("state", "side", "currency", "subject"):
        rows = rows.filter(**{name: chosen[name]}) if chosen[name] else rows
    rows = rows.filter(connection=int(chosen["account"])) if chosen["account"].isdecimal() else rows
    page = page_of(rows, order=("-since", "-id"), size=50, cursor=request.GET.get("cursor", ""))
    cases = statement.case_of(page.rows)
    context = {
        "page": page, "rows": [(row, cases.get(row.pk)) for row in page.rows], "states": [state for state in Match if state != Match.EXACT],
        "sides": Side, "chosen": chosen, "may_write_off": allowed(request.user, Action.WRITE_OFF).yes, "here": "differences",
    }  # fmt: skip
    return render(request, "reconciliation/finance/differences.html", context)


@require(Action.WRITE_OFF)
def write_off(request: HttpRequest, pk: int) -> HttpResponse:
    by: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(Discrepancy.objects.select_related("connection"), pk=pk)
    limit = write_offs.tolerance_of(row.currency).write_off_limit
    verdict = check(by, Action.WRITE_OFF, beyond_limit=abs(write_offs.left(row)) > limit)
    form = WriteOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, write_offs.write_off(row, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"], by=by))
            return redirect("reconciliation:differences")
        except (FinanceError, ApprovalError) as error:
            form.add_error(None, str(error))
    context = {"row": row, "form": form, "left": write_offs.left(row), "limit": limit, "verdict": verdict, "here": "differences"}
    return render(request, "reconciliation/finance/write_off.html", context)


@require(Action.SEE_INBOX)
@require_safe
def tolerances(request: HttpRequest) -> HttpResponse:
    context = {"rows": Tolerance.objects.all(), "may_edit": allowed(request.user, Action.CLOSE_PERIOD).yes, "here": "tolerances"}
    return render(request, "reconciliation/finance/tolerances.html", context)


@require(Action.CLOSE_PERIOD)
def tolerance(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Tolerance, pk=pk)
    old = told(row)
    form = ToleranceForm(request.POST or None, instance=row, initial={"percent": row.percent})
    if request.method == "POST" and form.is_valid():
        row.relative = form.cleaned_data["percent"] / 100
        with transaction.atomic():
            form.save()
            record("tolerance.changed", row, by=request.user, old=old, new=told(row))
        messages.success(request, "Saved. It counts from the next matching on, within five minutes; closed periods stay as they are.")
        return redirect("reconciliation:tolerances")
    return render(request, "reconciliation/finance/tolerance.html", {"row": row, "form": form, "here": "tolerances"})


def told(row: Tolerance) -> dict[str, str]:
    return {name: f"{getattr(row, name)}" for name in ("absolute", "relative", "timing_days", "write_off_limit")}
