"""Mappings as files: out, and in by way of a dry run."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from mappings import csv_apply, csv_file, listing
from mappings.csv_file import MAX_BYTES, MAX_ROWS, FileError
from mappings.csv_plan import Fate, Plan, plan
from mappings.forms import ReasonForm
from mappings.kinds import KINDS
from mappings.models import ImportFile, ImportState
from mappings.views.door import base_context, kind_or_404
from portal.accounts.approvals import ApprovalError
from portal.accounts.gate import require
from portal.accounts.permissions import Action, check
from portal.audit.trail import record

SHOWN = 200  # rows of a dry run on the page; the counts are of all


class FileForm(forms.Form):
    """A file, as the export wrote it and somebody changed it."""

    file = forms.FileField(label="CSV file", help_text=f"At most {MAX_ROWS:,} rows and {MAX_BYTES // 1_048_576} MB, UTF-8.")


@require_safe
@require(Action.SEE_INBOX)
def export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The rows that the list shows, as a file that can be brought back."""
    kind = kind_or_404(slug)
    form = listing.ListFilter(request.GET, kind=kind)
    form.is_valid()
    rows: QuerySet = form.rows(at=timezone.now()).order_by("pk")
    record_export(request, slug, request.GET.urlencode())
    answer = StreamingHttpResponse(csv_file.write(rows, kind), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="lockstep-{slug}-{timezone.now():%Y-%m-%d-%H%M}.csv"'
    return answer


def record_export(request: HttpRequest, slug: str, narrowed: str) -> None:
    with transaction.atomic():
        record("mapping.exported", ("mappings", slug, KINDS[slug].name), by=request.user, new={"narrowed_by": narrowed or None})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.IMPORT_MAPPINGS)
def bring(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a file in; nothing changes before it is looked at."""
    kind = kind_or_404(slug)
    check(request.user, Action.IMPORT_MAPPINGS, kind=kind.subject)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            file = csv_apply.keep(given.read(MAX_BYTES + 1), name=given.name, kind=kind, by=request.user)  # type: ignore[arg-type]
            plan(file)
        except FileError as error:
            form.add_error("file", str(error))
        else:
            return redirect("mappings:file", file.pk)
    return render(request, "mappings/bring.html", {**base_context(request, kind), "form": form, "columns": csv_file.header(kind)})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.IMPORT_MAPPINGS)
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The dry run of a file, and the button that carries it out."""
    kept = get_object_or_404(ImportFile.objects.select_related("uploaded_by"), pk=pk)
    kind = KINDS[kept.kind]
    check(request.user, Action.IMPORT_MAPPINGS, kind=kind.subject)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, csv_apply.apply(kept, by=request.user, reason=form.cleaned_data["reason"]))  # type: ignore[arg-type]
            return redirect("mappings:file", pk)
        except (FileError, ApprovalError) as error:
            form.add_error(None, str(error))
    context = {**base_context(request, kind), "file": kept, "form": form, "size": len(kept.content.encode())}
    if kept.state != ImportState.APPLIED:
        made = plan(kept)
        context |= {"plan": made, "verdict": csv_apply.verdict_on(made, by=request.user), "touched": csv_apply.touched(made), **_rows(made)}  # type: ignore[arg-type]
    return render(request, "mappings/file.html", context)


def _rows(made: Plan) -> dict[str, object]:
    """The refused first: they are what a person must mend."""
    order = [Fate.REFUSED, Fate.CHANGED, Fate.NEW]
    rows = sorted(made.of(*order), key=lambda planned: (order.index(planned.fate), planned.line.number))
    return {"rows": rows[:SHOWN], "left_out": max(0, len(rows) - SHOWN)}
