"""Acting on many cases at once: choose, see the frozen number, take it back, watch it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_q.tasks import async_task

from exceptions import bulk, search
from exceptions.listing import Wanted, cases_of
from exceptions.models import BulkRun, ExceptionCase, Resolution
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.accounts.roles import Role

REFUSED_SHOWN = 50
HOURS = {"1h": 1, "4h": 4, "24h": 24}


@require_POST
@require(Action.TAKE_PART)
def start(request: HttpRequest) -> HttpResponse:
    """`pick` names cases, `everything` means all the list matches at this moment."""
    by: User = request.user  # type: ignore[assignment]
    at = timezone.now()
    act = request.POST.get("act", "")
    if (problem := missing(request, act)) or not (chosen := chosen_cases(request, by)):
        messages.error(request, problem or "Pick at least one case.")
        return redirect(f"/inbox/?{Wanted.from_query(request.POST.dict(), by=by).query()}")
    run = bulk.start(act, chosen, by=by, arguments=arguments(request, act), at=at)
    return redirect("exceptions:bulk", pk=run.pk)


def chosen_cases(request: HttpRequest, by: User) -> QuerySet[ExceptionCase] | None:
    if request.POST.get("everything"):
        wanted = Wanted.from_query(request.POST.dict(), by=by)
        return cases_of(wanted, by=by, pks=search.find(wanted.q).pks if wanted.q else None)
    picked = [int(pk) for pk in request.POST.getlist("pick") if pk.isdecimal() and len(pk) < 19]
    return ExceptionCase.objects.filter(pk__in=picked) if picked else None


def missing(request: HttpRequest, act: str) -> str:
    """What the act still needs, as a sentence; empty when it can start."""
    needs_note = act in ("comment", "reassign") or (act == "resolve" and request.POST.get("code") != Resolution.FIXED)
    if act not in bulk.ACTS:
        return "Choose what to do with the picked cases."
    if needs_note and not request.POST.get("note", "").strip():
        return "Write the note first: it stands in every one of these cases."
    if act == "resolve" and request.POST.get("code") not in Resolution.values:
        return "Choose how they ended."
    if act == "reassign" and request.POST.get("team") not in Role.values:
        return "Choose the team they go to."
    return ""


def arguments(request: HttpRequest, act: str) -> bulk.Arguments:
    note = request.POST.get("note", "").strip()
    hours = HOURS.get(request.POST.get("until", ""), 1)
    until = (timezone.now() + timedelta(hours=hours)).isoformat()
    given = {"note": note, "text": note, "until": until, "team": request.POST.get("team", ""), "code": request.POST.get("code", "")}
    wanted = {"claim": (), "retry": ("note",), "comment": ("text",), "snooze": ("until",), "reassign": ("team", "note"), "resolve": ("code", "note")}
    return {name: given[name] for name in wanted[act]}


@require(Action.SEE_INBOX)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Its state, the whole page or the part that renews itself."""
    run = get_object_or_404(BulkRun.objects.select_related("by"), pk=pk)
    if run.state == "waiting" and run.starts_at <= timezone.now():
        async_task("exceptions.jobs.run_bulk")  # the page that watches rings; the minute's schedule does it without one
    context = {
        "run": run, "handled": run.done + run.refused, "may_undo": run.state == "waiting" and run.starts_at > timezone.now(),
        "refused": run.chosen.exclude(outcome__in=("", "done")).select_related("case")[:REFUSED_SHOWN],
    }  # fmt: skip
    return render(request, "exceptions/bulk_state.html" if request.GET.get("part") else "exceptions/bulk.html", context)


@require_POST
@require(Action.TAKE_PART)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back while nothing has happened, or stop it on the way."""
    by: User = request.user  # type: ignore[assignment]
    run, at = get_object_or_404(BulkRun, pk=pk), timezone.now()
    if bulk.undo(run, by=by, at=at):
        messages.success(request, "Taken back. Not one case was touched.")
    elif bulk.stop(run, by=by, at=at):
        messages.success(request, "Stopped. What was done stays done; the rest was not touched.")
    else:
        messages.error(request, "It had ended already, or somebody else started it.")
    return redirect("exceptions:bulk", pk=run.pk)
