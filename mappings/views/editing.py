"""Adding, changing, ending and taking back one mapping."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from connectors.canonical import CodeKind
from mappings import changes, history, live, orders, whatif
from mappings.errors import TO_HUB
from mappings.forms import MappingForm, ReasonForm, form_for
from mappings.kinds import Kind
from mappings.live import LiveList
from mappings.models import SeenCode
from mappings.suggest import Suggestion, suggest
from mappings.usage import uses_of
from mappings.views.door import base_context, editable_row, kind_or_404, put_errors, row_or_404
from portal.accounts.gate import require
from portal.accounts.permissions import Action, check
from portal.connections.models import Connection, Integration

RECENT = timedelta(days=7)
ORDERS = 50


@require_safe
@require(Action.SEE_INBOX)
def row(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One mapping: what it says, how it is used, and everything it has said before."""
    kind = kind_or_404(slug)
    found = row_or_404(kind, pk)
    uses, last = uses_of(slug, [pk]).get(pk, (0, None))
    context = {
        **base_context(request, kind),
        "row": found,
        "facts": history.facts(found, kind),
        "uses": uses,
        "last_used_at": last,
        "versions": history.versions(found, kind),
        "recent": orders.ask().used(slug, pk, since=timezone.now() - RECENT, limit=ORDERS),
    }
    return render(request, "mappings/row.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """A new row; `?seen=` brings the code that waits, otherwise the integration is chosen first."""
    kind = kind_or_404(slug)
    check(request.user, kind.action, kind=kind.subject)
    seen = _seen(request, kind)
    scope = seen.integration if seen else _scope(request, kind)
    if scope is None:
        scopes = Connection.objects.present() if kind.scope == "connection" else Integration.objects.present()
        return render(request, "mappings/choose_scope.html", {**base_context(request, kind), "scopes": scopes})
    suggestions = suggest(seen, _targets(seen, kind)) if seen else []
    form = form_for(kind)(request.POST or None, kind=kind, scope=scope, seen=seen, initial=_initial(kind, seen, suggestions, request))
    extra = {"seen": seen, "suggestions": suggestions, "waiting": orders.ask().waiting([seen.key]).get(seen.key) if seen else None}
    return _form_page(request, kind, form, extra=extra, title=f"New {kind.noun} mapping")


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    kind, found = editable_row(request, slug, pk)
    form = form_for(kind)(request.POST or None, instance=found, kind=kind, scope=getattr(found, kind.scope))
    return _form_page(request, kind, form, extra={"row": found}, title=f"Change {found}")


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """From now on the row holds no more."""
    kind, found = editable_row(request, slug, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changes.end(found, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        except ValidationError as error:
            put_errors(form, error)
        else:
            messages.success(request, f"Ended. {found} answers no more; what comes with this code now waits to be mapped.")
            return redirect("mappings:row", slug, pk)
    found.refresh_from_db(fields=["effective_to"])
    return render(request, "mappings/end.html", {**base_context(request, kind), "row": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def revert(request: HttpRequest, slug: str, pk: int, version: int) -> HttpResponse:
    """Back to what an earlier version said, with the orders that went out by what is taken back (A10)."""
    kind, found = editable_row(request, slug, pk)
    before = history.version_or_none(found, version)
    if before is None:
        raise Http404("This version is not one of this row.")
    form = ReasonForm(request.POST or None)
    differences = history.differences(before, found, kind)
    since = before.next_record.history_date if before.next_record else timezone.now()
    affected = orders.ask().used(slug, pk, since=since, limit=ORDERS)
    if request.method == "POST" and form.is_valid():
        try:
            changes.revert(found, version, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        except ValidationError as error:
            put_errors(form, error)
        else:
            messages.success(request, f"Taken back. {found} holds again; {len(affected)} orders went out by the other answer and are listed below.")
            return redirect("mappings:row", slug, pk)
    context = {"row": found, "form": form, "version": before, "differences": differences, "affected": affected}
    return render(request, "mappings/revert.html", {**base_context(request, kind), **context})


def _form_page(request: HttpRequest, kind: Kind, form: MappingForm, *, extra: dict[str, Any], title: str) -> HttpResponse:
    """Show it, say what would change, or save it."""
    outlook, asked = None, "preview" in request.POST
    if request.method == "POST" and form.is_valid():
        if asked:
            outlook = whatif.outlook(form.instance)
        elif _saved(request, form):
            return redirect("mappings:row", kind.slug, form.instance.pk)
    context = {**base_context(request, kind), **extra, "form": form, "title": title, "asked": asked, "outlook": outlook}
    return render(request, "mappings/form.html", context)


def _saved(request: HttpRequest, form: MappingForm) -> bool:
    is_new = form.instance.pk is None
    try:
        changes.save(form.instance, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
    except ValidationError as error:
        put_errors(form, error)
        return False
    follows = "Whatever waited for it goes by itself within a minute." if form.instance.state == "in force" else "It does not hold now."
    messages.success(request, f"{'Added' if is_new else 'Saved'}. {form.instance}: {follows}")
    return True


def _seen(request: HttpRequest, kind: Kind) -> SeenCode | None:
    pk = request.GET.get("seen", "")
    if not pk.isdigit() or kind.scope == "connection":
        return None
    codes = SeenCode.objects.select_related("integration__channel", "integration__hub")
    return get_object_or_404(codes, pk=int(pk), kind=kind.code_kind.value)


def _scope(request: HttpRequest, kind: Kind) -> Any:
    """The one asked for, or the only one there is."""
    rows: Any = Connection.objects.present() if kind.scope == "connection" else Integration.objects.present().select_related("channel", "hub")
    asked = request.GET.get("scope", "")
    if asked.isdigit():
        return get_object_or_404(rows, pk=int(asked))
    first = list(rows[:2])
    return first[0] if len(first) == 1 else None


def _targets(seen: SeenCode, kind: Kind) -> LiveList:
    if kind.is_sku:
        return LiveList()
    return live.codes(seen.integration.hub if seen.direction == TO_HUB else seen.integration.channel, CodeKind(seen.kind))


def _initial(kind: Kind, seen: SeenCode | None, suggestions: list[Suggestion], request: HttpRequest) -> dict[str, Any]:
    """What the waiting code tells; its target only where one is exact and unique, or where a person clicked on it."""
    if seen is None:
        return {}
    target = kind.table.HUB if seen.direction == TO_HUB else kind.table.CHANNEL  # type: ignore[attr-defined]
    sure = next((one.code.value for one in suggestions if one.sure), "")
    chosen = request.GET.get("target", sure)
    told: dict[str, Any] = {target: chosen}
    if "store" in kind.fields:
        told["store"] = seen.store
    if "hub_service" in kind.fields:
        told["hub_service"] = seen.service
    return told
