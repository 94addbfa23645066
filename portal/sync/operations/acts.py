"""What a person sets in motion on the operations page: a run, with a dry run before it; marks; the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from exceptions.errors import CaseError
from portal.accounts.approvals import ApprovalError
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.accounts.views import person
from portal.audit.trail import record
from portal.connections.models import Integration
from portal.connections.views.integrations import integration_or_404
from portal.ledger.models import SalesOrder, Shipment
from portal.sync.operations import executing, log, marks
from portal.sync.operations.forms import CriteriaForm, MarkForm
from portal.sync.operations.pages import base, process_of
from portal.sync.operations.selection import Criteria, dry_run
from portal.sync.operations.starting import TEAMS, RunRefusedError, start, verdict_for
from portal.sync.profiles import dispatches_of
from portal.sync.run_models import MarkCode, Process, Run

REFUSALS = (RunRefusedError, ApprovalError, PermissionDenied, CaseError, marks.MarkRefusedError)
MOST_PICKED = 500


def back(integration: Integration, process: Process) -> HttpResponse:
    return redirect(f"{reverse('connections:operations', args=[integration.pk])}?process={process.value}")


def token_of(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid4()


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.REPLAY_ONE)
def plan_run(request: HttpRequest, pk: int) -> HttpResponse:
    """First a count of what would go (R133, R134); the same criteria, confirmed, start the run."""
    integration = integration_or_404(pk)
    process = process_of(request, integration)
    check(request.user, Action.REPLAY_ONE, owner=TEAMS[process])
    form = CriteriaForm(request.POST if request.method == "POST" else request.GET)
    context = {**base(request, integration, process), "form": form, "token": uuid4()}
    if form.is_valid():
        if request.method == "POST":
            return begin(request, integration, process, form.criteria())
        told = dry_run(integration, process, form.criteria())
        context |= {"told": told, "criteria": form.criteria().spoken(), "verdict": verdict_for(person(request), process, told.goes)}
    return render(request, "operations/plan.html", context)


def begin(request: HttpRequest, integration: Integration, process: Process, criteria: Criteria) -> HttpResponse:
    try:
        made = start(integration, process, criteria, by=person(request), token=token_of(request), reason=request.POST.get("reason", ""))
    except REFUSALS as error:
        messages.error(request, str(error))
        return back(integration, process)
    if isinstance(made, Run):
        messages.success(request, "Started. You can leave this page; the log keeps what happened.")
        return redirect("connections:run", made.pk)
    messages.success(request, "A second person was asked; it starts once they agree.")
    return back(integration, process)


@require_POST
@require(Action.REPLAY_ONE)
def picked(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the buttons below the list, on the rows that were picked (R137-R139)."""
    integration = integration_or_404(pk)
    process = process_of(request, integration)
    pks = [int(word) for word in request.POST.getlist("pick") if word.isdigit()][:MOST_PICKED]
    act = request.POST.get("act", "")
    if act not in ("run", *MARKS):
        raise BadRequest("Choose Run, Mark as Resolved or Mark as Unresolved.")
    if not pks:
        messages.warning(request, "Nothing was picked, so nothing was done.")
        return back(integration, process)
    if act == "run":
        return begin(request, integration, process, Criteria(picked=tuple(pks)))
    MARKS[act](request, integration, things(integration, process, pks))
    return back(integration, process)


def things(integration: Integration, process: Process, pks: list[int]) -> list[marks.Thing]:
    """The picked ones that belong to this integration."""
    if process == Process.EXPORT:
        return list(SalesOrder.objects.filter(integration=integration, pk__in=pks).select_related("connection", "integration"))
    shipments = Shipment.objects.filter(dispatches_of(integration), pk__in=pks)
    return list(shipments.select_related("order", "order__connection", "order__integration"))


def resolve(request: HttpRequest, integration: Integration, chosen: list[marks.Thing]) -> None:
    form = MarkForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(message) for several in form.errors.values() for message in several))
        return
    code, note, by = MarkCode(form.cleaned_data["code"]), form.cleaned_data["note"], person(request)
    one_by_one(request, chosen, lambda thing: marks.mark(thing, integration, code, note=note, by=by, at=timezone.now()))


def unresolve(request: HttpRequest, integration: Integration, chosen: list[marks.Thing]) -> None:
    by: User = person(request)
    one_by_one(request, chosen, lambda thing: marks.unmark(thing, by=by, at=timezone.now()))


MARKS: dict[str, Callable[[HttpRequest, Integration, list[marks.Thing]], None]] = {"resolve": resolve, "unresolve": unresolve}


def one_by_one(request: HttpRequest, chosen: list[marks.Thing], act: Callable[[marks.Thing], str]) -> None:
    """Each for itself: one that is refused does not keep the others from it."""
    done: list[str] = []
    refused: list[str] = []
    for thing in chosen:
        try:
            done.append(act(thing))
        except REFUSALS as error:
            refused.append(str(error))
    for sentences, say in ((done, messages.success), (refused, messages.error)):
        if sentences:
            more = f" And {len(sentences) - 3} more." if len(sentences) > 3 else ""
            say(request, " ".join(dict.fromkeys(sentences[:3])) + more)


@require_POST
@require(Action.REPLAY_ONE)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run, pk=pk)
    check(request.user, Action.REPLAY_ONE, owner=TEAMS.get(run.process))
    if executing.stop(run, at=timezone.now()):
        audit(run, "integration.run_stopped", by=person(request))
        messages.success(request, "Stopped. What had been handed on goes its way; the rest stays where it was.")
    else:
        messages.warning(request, "It had ended already.")
    return redirect("connections:run", pk)


def audit(run: Model, action: str, *, by: User) -> None:
    with transaction.atomic():
        record(action, run, by=by)


@require_POST
@require(Action.REPLAY_ONE)
def log_resolved(request: HttpRequest, pk: int) -> HttpResponse:
    """An entry of the log was seen to."""
    run = get_object_or_404(Run, pk=pk)
    log.mark_entry(run, resolved=request.POST.get("resolved") == "1", by=person(request), at=timezone.now())
    return redirect("connections:log", run.integration_id)
