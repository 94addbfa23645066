"""The flows of integration platforms, and how their last runs ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connectors.canonical import RunState
from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.ledger.models import Heartbeat
from portal.sync.flow_models import Flow, FlowRun

RUNS_SHOWN, LAST = 100, 5
WORDS = {  # how a run ended -> what people read, and its tone
    RunState.STARTED: ("running", "info"),
    RunState.SUCCEEDED: ("done", "good"),
    RunState.FAILED: ("failed", "bad"),
    RunState.STOPPED: ("stopped", "wait"),
    RunState.PARTIAL: ("done in part", "bad"),
    RunState.UNKNOWN: ("not known", "quiet"),
}


@dataclass(frozen=True)
class ShownRun:
    row: FlowRun

    @property
    def word(self) -> str:
        return WORDS[RunState(self.row.state)][0]

    @property
    def tone(self) -> str:
        return WORDS[RunState(self.row.state)][1]


@dataclass(frozen=True)
class ShownFlow:
    """A flow, its newest runs, and one word about it."""

    row: Flow
    runs: list[ShownRun]
    silent: bool

    @property
    def word(self) -> str:
        if self.row.is_off:
            return "off"
        return "silent" if self.silent else self.runs[0].word if self.runs else "no run seen"

    @property
    def tone(self) -> str:
        if self.row.is_off or self.silent:
            return "bad" if self.row.named else "quiet"
        return self.runs[0].tone if self.runs else "quiet"


def shown() -> list[ShownFlow]:
    """Named flows first, then those that ran last."""
    flows = list(Flow.objects.filter(connection__removed_at=None).select_related("connection").order_by("-named", "connection__name", "name"))
    now, beats = timezone.now(), {beat.flow: beat for beat in Heartbeat.objects.filter(flow__startswith="run:")}
    found = []
    for flow in flows:
        beat = beats.get(f"run:{flow.pk}")
        silent = beat is not None and (now - beat.beat_at).total_seconds() > beat.every_s
        found.append(ShownFlow(flow, [ShownRun(run) for run in flow.runs.order_by("-started_at")[:LAST]], silent))
    return found


@require_safe
@require(Action.SEE_INBOX)
@never_cache
def flows(request: HttpRequest) -> HttpResponse:
    return render(request, "operations/flows.html", {"flows": shown()})


@require_safe
@require(Action.SEE_INBOX)
@never_cache
def flow(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Flow.objects.select_related("connection"), pk=pk)
    runs: list[Any] = [ShownRun(run) for run in row.runs.order_by("-started_at")[:RUNS_SHOWN]]
    return render(request, "operations/flow.html", {"flow": row, "runs": runs, "most": RUNS_SHOWN})
