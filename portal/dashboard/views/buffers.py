"""Buffers and peak mode: everybody reads; who may change them sees what it will change before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed
from portal.accounts.views import person
from portal.audit.models import AuditEvent
from portal.connections.models import Integration
from portal.dashboard import buffers
from portal.dashboard.buffer_form import BufferForm, EffectForm, initial_of, peak_initial
from portal.ledger.models import Buffer
from portal.sync import stock_buffer_changes as changes
from portal.sync.stock_buffer_changes import BufferRefusedError
from portal.sync.stock_outlook import outlook

FOLLOWS = "The channels follow within a minute or two."
LATER = "It begins by itself at its time; the channels follow then."
STORY = 20


@require(Action.SEE_INBOX)
@require_safe
def buffer_list(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    context = {"lines": buffers.lines(at), "own": buffers.own_buffers(), "verdict": allowed(request.user, Action.CHANGE_BUFFERS)}
    return render(request, "dashboard/buffers.html", context)


@require(Action.CHANGE_BUFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """`?peak=1`: a period and a faster pace are filled in. Nothing is saved before what it changes was shown."""
    at, is_peak = timezone.now(), "peak" in request.GET
    form = BufferForm(request.POST or None, initial=peak_initial(at) if is_peak else None)
    context: dict[str, Any] = {"form": form, "is_peak": is_peak, "title": "Peak mode" if is_peak else "New buffer"}
    if form.is_valid():
        wish, chosen = form.wish(), list(form.cleaned_data["integrations"])
        try:
            if "save" in request.POST and request.POST.get("seen") == form.seal:
                rows = changes.add(wish, chosen, by=person(request), at=at)
                begun = any(changes.holds(row, at) for row in rows)
                messages.success(request, f"Saved for {rows[0].scope}. {FOLLOWS if begun else LATER}")
                return redirect("dashboard:buffers")
            context["outlooks"] = [look(wish.row(one), one, at=at) for one in chosen]
        except BufferRefusedError as error:
            form.add_error(None, str(error))
    return render(request, "dashboard/buffer_form.html", context)


@require(Action.CHANGE_BUFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Units, pace and period; for other SKUs there is a new buffer."""
    row, at = buffer_or_404(pk), timezone.now()
    form = EffectForm(request.POST or None, initial=initial_of(row))
    context: dict[str, Any] = {"form": form, "row": row, "title": "Change a buffer", "is_over": buffers.state_of(row, at) == buffers.OVER}
    if form.is_valid():
        wish = form.wish()
        try:
            if "save" in request.POST and request.POST.get("seen") == form.seal:
                saved = changes.change(row, wish, by=person(request), at=at)
                messages.success(request, f"Saved for {saved.scope}. {FOLLOWS if changes.holds(saved, at) else LATER}")
                return redirect("dashboard:buffers")
            for name in ("units", "interval_s", "starts_at", "ends_at"):
                setattr(row, name, getattr(wish, name))
            context["outlooks"] = [look(row, row.integration, at=at)]
        except BufferRefusedError as error:
            form.add_error(None, str(error))
    return render(request, "dashboard/buffer_form.html", context)


@require(Action.CHANGE_BUFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    row, at = buffer_or_404(pk), timezone.now()
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:200]
        try:
            if not reason:
                raise BufferRefusedError("Say why, so that the next shift knows.")
            scope, withdrawn = row.scope, changes.end(row, by=person(request), reason=reason, at=at)
            messages.success(request, f"Withdrawn: nothing will begin for {scope}." if withdrawn else f"Ended for {scope}. {FOLLOWS}")
            return redirect("dashboard:buffers")
        except BufferRefusedError as error:
            messages.error(request, str(error))
    kept = buffers.withheld_by([row.pk]).get(row.pk, (0, 0))
    return render(request, "dashboard/buffer_end.html", {"row": row, "state": buffers.state_of(row, at), "units": kept[0], "skus": kept[1]})


@require(Action.SEE_INBOX)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Its SKUs, and who changed it."""
    row, at = buffer_or_404(pk), timezone.now()
    story = AuditEvent.objects.filter(subject_type=Buffer._meta.label_lower, subject_id=str(pk)).order_by("-pk")[:STORY]
    kept = buffers.withheld_by([pk]).get(pk, (0, 0))
    line = buffers.Line(row, buffers.state_of(row, at), *kept, waits=pk in buffers.waiting_for(at))
    return render(request, "dashboard/buffer.html", {"line": line, "story": story, "verdict": allowed(request.user, Action.CHANGE_BUFFERS)})


def look(row: Buffer, integration: Integration, *, at: Any) -> Any:
    """What it would change there; BufferRefusedError when it could not be saved."""
    row.integration = integration
    changes.examine(row, at=at)
    return outlook(row, at=at)


def buffer_or_404(pk: int) -> Buffer:
    present = Buffer.objects.select_related("integration", "integration__hub", "integration__channel")
    return get_object_or_404(present.filter(integration__in=Integration.objects.present()), pk=pk)
