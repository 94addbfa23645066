"""The operations page of an integration: orders, log, and one run while it goes on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed
from portal.connections.models import Integration
from portal.connections.views.integrations import integration_or_404
from portal.connections.views.overview import account_of
from portal.sync.operations import executing, listing
from portal.sync.operations.forms import CriteriaForm
from portal.sync.operations.starting import TEAMS, RunRefusedError, refuse_if_off
from portal.sync.run_models import MarkCode, Process, Run

ITEMS_SHOWN = 200


def processes(integration: Integration) -> list[Process]:
    """What this integration does, in the order of the page."""
    return [process for process, on in ((Process.EXPORT, integration.exports_orders), (Process.FETCH, integration.fetches_fulfilments)) if on]


def process_of(request: HttpRequest, integration: Integration) -> Process:
    """The one asked for, if the integration does it; its first one otherwise."""
    mine = processes(integration)
    return next((process for process in mine if process.value == request.GET.get("process")), mine[0])


def wanted_of(request: HttpRequest) -> listing.Wanted:
    told = request.GET
    view = "processed" if told.get("view") == "processed" else "pending"
    return listing.Wanted(view, bool(told.get("hide_resolved")), bool(told.get("errors_only")), told.get("cursor", ""))


def base(request: HttpRequest, integration: Integration, process: Process) -> dict[str, Any]:
    """Header, tabs, and what this person may do."""
    why = ""
    try:
        refuse_if_off(integration, process)
    except RunRefusedError as error:
        why = str(error)
    verdict = allowed(request.user, Action.REPLAY_ONE, owner=TEAMS[process])
    return {
        "row": integration,
        "process": process,
        "processes": processes(integration),
        "sides": [account_of(side) for side in (integration.channel, integration.hub)],
        "next_run_at": integration.timetable.next_after(timezone.now()) if integration.enabled else None,
        "may_run": verdict.yes,
        "why_not": why or ("" if verdict.yes else verdict.why),
        "open_runs": Run.objects.filter(integration=integration, ended_at=None).order_by("-pk")[:3],
    }


@require_safe
@require(Action.SEE_INBOX)
@never_cache
def operations(request: HttpRequest, pk: int) -> HttpResponse:
    integration = integration_or_404(pk)
    process, wanted = process_of(request, integration), wanted_of(request)
    page, rows = listing.page(integration, process, wanted)
    context = {**base(request, integration, process), "wanted": wanted, "page": page, "rows": rows, "codes": MarkCode.choices}
    return render(request, "operations/orders.html", {**context, "form": CriteriaForm(), "token": uuid4()})


@require_safe
@require(Action.SEE_INBOX)
@never_cache
def log(request: HttpRequest, pk: int) -> HttpResponse:
    integration = integration_or_404(pk)
    wanted = wanted_of(request)
    context = {**base(request, integration, process_of(request, integration)), "wanted": wanted, "page": listing.log_page(integration, wanted)}
    return render(request, "operations/log.html", {**context, "here": "log"})


@require_safe
@require(Action.SEE_INBOX)
@never_cache
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """A run and what became of each thing; while it goes on, the page asks again."""
    found = get_object_or_404(Run.objects.select_related("integration", "by"), pk=pk)
    here = executing.counts(found)
    context = {
        "run": found,
        "here": here,
        "criteria": executing.Criteria.of(found.criteria).spoken(),
        "errors": found.items.filter(is_error=True)[:ITEMS_SHOWN],
        "may_stop": found.is_open and allowed(request.user, Action.REPLAY_ONE, owner=TEAMS.get(found.process)).yes,
    }
    template = "operations/run_state.html" if request.GET.get("part") else "operations/run.html"
    return render(request, template, context)
