"""Coverage of all kinds, what waits to be mapped, and the list of each kind."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from connectors.canonical import CodeKind
from mappings import changes, coverage, listing, queue
from mappings.forms import OnMissingForm
from mappings.models import MissingRule, OnMissing
from mappings.views.door import base_context, kind_or_404
from portal.accounts.gate import require
from portal.accounts.permissions import Action, check
from portal.connections.models import Integration


@require_safe
@require(Action.SEE_INBOX)
def overview(request: HttpRequest) -> HttpResponse:
    covers = sorted(coverage.coverage(), key=lambda cover: (cover.integration.name, cover.integration.pk))
    groups = [(integration, list(rows)) for integration, rows in groupby(covers, key=lambda cover: cover.integration)]
    context = {**base_context(request), "groups": groups, "waiting": sum(cover.waiting for cover in covers)}
    return render(request, "mappings/overview.html", context)


@require_safe
@require(Action.SEE_INBOX)
def unmapped(request: HttpRequest) -> HttpResponse:
    form = queue.QueueFilter(request.GET)
    form.is_valid()
    rows, more = queue.waiting(form, by=request.user)  # type: ignore[arg-type]
    context = {**base_context(request), "form": form, "rows": rows, "more": more, "here": "unmapped"}
    return render(request, "mappings/unmapped.html", context)


@require_safe
@require(Action.SEE_INBOX)
def rows_of_kind(request: HttpRequest, slug: str) -> HttpResponse:
    kind = kind_or_404(slug)
    form = listing.ListFilter(request.GET, kind=kind)
    form.is_valid()
    page, rows = listing.page(form, cursor=request.GET.get("cursor", ""))
    return render(request, "mappings/rows.html", {**base_context(request, kind), "form": form, "page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def on_missing(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What messages of one integration do when a code of this kind is missing."""
    kind, integration = kind_or_404(slug), get_object_or_404(Integration.objects.present(), pk=pk)
    check(request.user, kind.action, kind=kind.subject)
    held = MissingRule.objects.filter(integration=integration, kind=kind.code_kind.value).first()
    form = OnMissingForm(request.POST or None, kind=kind, initial={"on_missing": held.on_missing if held else OnMissing.HOLD})
    if request.method == "POST" and form.is_valid():
        told: dict[str, Any] = form.cleaned_data
        changes.set_on_missing(
            integration,
            CodeKind(kind.code_kind),
            OnMissing(told["on_missing"]),
            by=request.user,  # type: ignore[arg-type]
            reason=told["reason"],
        )
        messages.success(request, f"Saved. From now on messages of {integration.name} follow it.")
        return redirect("mappings:list")
    return render(request, "mappings/on_missing.html", {**base_context(request, kind), "integration": integration, "form": form})
