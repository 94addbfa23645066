"""One case: what happened, what to do, what it holds up, by when, and everything that was done about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from exceptions import bundle, details, incidents, playing, presence
from exceptions.actions import offered
from exceptions.forms import AssignForm, CommentForm, MergeForm, ReassignForm, ReopenForm, ResolveForm, SnoozeForm
from exceptions.models import CaseItem, ExceptionCase
from exceptions.rules import rule_of
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, allowed, check, may_ever
from portal.audit import trail
from portal.ui.paging import page_of

ITEMS_SHOWN, EVENTS_SHOWN, SUBJECTS_WITH_PANELS = 10, 100, 3


@dataclass(frozen=True)
class ItemRow:
    """One thing the case holds up, as the page shows it."""

    item: CaseItem
    url: str
    standing: str


@dataclass(frozen=True)
class Blast:
    """How far it reaches (A3)."""

    customers: int
    channels: int
    newest_at: Any


@require(Action.SEE_INBOX)
def case_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, or only its body for the pane beside the list."""
    case = read(pk)
    template = "exceptions/case_body.html" if request.GET.get("pane") else "exceptions/case.html"
    return show(request, case, template=template)


@require(Action.SEE_INBOX)
def all_items(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything a case holds up, page by page."""
    case = read(pk)
    by: User = request.user  # type: ignore[assignment]
    page = page_of(case.items.all(), order=("at", "id"), size=100, cursor=request.GET.get("cursor", ""))
    standing = details.states_of(item.subject for item in page.rows)
    items = [ItemRow(item, details.link_of(item.subject), standing.get(item.subject, "")) for item in page.rows]
    return render(
        request,
        "exceptions/items.html",
        {"case": case, "items": items, "page": page, "takes_part": case.is_open and may_ever(by, Action.TAKE_PART).yes},
    )


@require(Action.SEE_INBOX)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked every two seconds by an open page while something is on its way."""
    case = read(pk)
    return render(request, "exceptions/progress.html", {"case": case, "progress": details.progress_of(case)})


@require_POST
@require(Action.EXPORT)
def evidence_bundle(request: HttpRequest, pk: int) -> HttpResponse:
    """The zip; who took it is in the audit trail."""
    by: User = request.user  # type: ignore[assignment]
    case = read(pk)
    check(by, Action.EXPORT, owner=case.acting_roles)
    sees = allowed(by, Action.SEE_EVIDENCE, owner=case.acting_roles).yes
    with transaction.atomic():
        trail.record("case.exported", case, by=by, new={"with the exchanges": sees})
    name = f"case-{case.pk}-{case.kind}.zip"
    return HttpResponse(
        bundle.bundle(case, evidence=sees), content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def read(pk: int) -> ExceptionCase:
    known = ExceptionCase.objects.select_related("assignee", "connection", "integration", "resolved_by", "incident", "merged_into", "busy_by")
    return get_object_or_404(known, pk=pk)


def show(
    request: HttpRequest, case: ExceptionCase, *, template: str = "exceptions/case.html", status: int = 200, bound: dict[str, Any] | None = None
) -> HttpResponse:
    """`bound`: forms that were sent and refused, in place of fresh ones."""
    by: User = request.user  # type: ignore[assignment]
    presence.seen(case, by, at=timezone.now())
    context = {**body(request, case, by), **forms(case, by), **(bound or {})}
    return render(request, template, context, status=status)


def body(request: HttpRequest, case: ExceptionCase, by: User) -> dict[str, Any]:
    sees_evidence = allowed(by, Action.SEE_EVIDENCE, owner=case.acting_roles)
    items = item_rows(case)
    subjects = [row.item.subject for row in items[:SUBJECTS_WITH_PANELS]]
    panels = [panel for subject in subjects for panel in details.panels_of(case, subject, evidence=sees_evidence.yes)]
    return {
        "case": case, "words": rule_of(case.kind).words, "rule": rule_of(case.kind), "items": items, "blast": blast(case), "panels": panels,
        "evidence": pretty(case.evidence) if case.evidence else "", "sees_evidence": sees_evidence, "others": presence.others(case, by),
        "offers": offered(case, by), "token": uuid4(), "events": case.events.select_related("by")[:EVENTS_SHOWN], "at": timezone.now(),
        "folded": incidents.blast(case) if case.is_incident and case.is_open else {}, "next": way_back(request, case), "me": by,
        "takes_part": allowed(by, Action.TAKE_PART, owner=case.acting_roles).yes, "snoozes": allowed(by, Action.SNOOZE, owner=case.acting_roles).yes,
        "proof": pretty(case.proof) if case.proof else "", "solved": case.items_total - case.items_open,
        "steps": playing.steps_of(case), "progress": details.progress_of(case), "may_export": allowed(by, Action.EXPORT, owner=case.acting_roles).yes,
    }  # fmt: skip


def forms(case: ExceptionCase, by: User) -> dict[str, Any]:
    if not case.is_open:
        return {"comment_form": CommentForm(), "reopen_form": ReopenForm()}
    return {
        "comment_form": CommentForm(),
        "assign_form": AssignForm(case=case, initial={"to": case.assignee_id}),
        "reassign_form": ReassignForm(case=case),
        "snooze_form": SnoozeForm(case=case),
        "resolve_form": ResolveForm(case=case, by=by),
        "merge_form": MergeForm(),
    }


def item_rows(case: ExceptionCase, limit: int = ITEMS_SHOWN) -> list[ItemRow]:
    """What still waits, the oldest first; on a closed case what there was."""
    waiting = case.items.filter(cleared_at=None) if case.is_open else case.items.all()
    items = list(waiting.order_by("at", "pk")[:limit])
    standing = details.states_of(item.subject for item in items)
    return [ItemRow(item, details.link_of(item.subject), standing.get(item.subject, "")) for item in items]


def blast(case: ExceptionCase) -> Blast:
    waiting = case.items.filter(cleared_at=None).aggregate(
        customers=Count("customer", distinct=True), nobody=Min("customer"), channels=Count("channel", distinct=True), newest_at=Max("at")
    )
    unnamed = 1 if waiting["nobody"] == "" else 0  # the empty reference is not a customer
    return Blast(waiting["customers"] - unnamed, waiting["channels"], waiting["newest_at"])


def pretty(found: Any) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)


def way_back(request: HttpRequest, case: ExceptionCase) -> str:
    """Where an act leads to: the list it was pressed in, or the case's page."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if safe else case.get_absolute_url()
