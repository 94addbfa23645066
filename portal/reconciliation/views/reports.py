"""The reports, as pages opened from what was stored, and as files with the same totals."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from exceptions.details import link_of
from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed, check
from portal.accounts.roles import Role
from portal.reconciliation.finance import reports
from portal.reconciliation.finance.files import CSV, XLSX, as_file
from portal.reconciliation.finance.listings import of_report
from portal.reconciliation.finance.models import ReportRow
from portal.reconciliation.finance.report_queries import REPORTS, Kind
from portal.ui.paging import page_of

TEAMS = (Role.FIN, Role.OPS, Role.CX)


@require(Action.EXPORT)
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    newest = reports.newest()
    rows = []
    for name, kind in REPORTS.items():
        report = newest.get(name)
        rows.append((kind, report, reports.sums(reports.totals(report)) if report else []))
    return render(request, "reconciliation/finance/reports.html", {"rows": rows, "here": "reports"})


@require(Action.EXPORT)
@require_safe
def report_page(request: HttpRequest, name: str) -> HttpResponse:
    kind, month = kind_of(name), request.GET.get("month", "")
    report = reports.stored(name)
    context: dict[str, object] = {"kind": kind, "report": report, "month": month, "here": "reports"}
    if report is not None:
        totals = reports.totals(report, month=month)
        page = page_of(reports.lines(report, month=month), order=("id",), size=50, cursor=request.GET.get("cursor", ""))
        context |= {"totals": totals, "sums": reports.sums(totals), "months": reports.months(report), "page": page}
        context["rows"] = [(row, url_of(row)) for row in page.rows]
    context["may_export"] = allowed(request.user, Action.EXPORT, owner=TEAMS).yes
    return render(request, "reconciliation/finance/report.html", context)


@require(Action.EXPORT)
@require_safe
def report_file(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    check(request.user, Action.EXPORT, owner=TEAMS)
    what, month, report = kind_of(name), request.GET.get("month", ""), reports.stored(name)
    if kind not in (CSV, XLSX) or report is None:
        raise Http404
    made = f"lockstep-{name}-{month or 'all'}-{report.started_at:%Y-%m-%d-%H%M}"
    return as_file(kind, made, of_report(report, what, month=month))


def kind_of(name: str) -> Kind:
    if name not in REPORTS:
        raise Http404("There is no such report.")
    return REPORTS[name]


def url_of(row: ReportRow) -> str:
    prefix, _, pk = row.subject.partition(":")
    if prefix == "period":
        return reverse("reconciliation:period", args=[int(pk)])
    return link_of(row.subject) if row.subject else ""
