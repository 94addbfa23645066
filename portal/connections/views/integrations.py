"""The settings of an integration: one page, every setting, in effect from the next run on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.approvals import ApprovalError
from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed
from portal.accounts.views import person
from portal.connections import default_sku
from portal.connections.changes import opposite_warning, remove_integration, save_integration, why_not
from portal.connections.models import Integration, Mode, Operator
from portal.connections.settings_form import FilterRows, SettingsForm

ROW_BUTTONS = ("add_row", "remove_row")


def integration_or_404(pk: int) -> Integration:
    return get_object_or_404(Integration.objects.present().select_related("channel", "hub"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.EDIT_CONNECTION)
def add(request: HttpRequest) -> HttpResponse:
    return settings_page(request, Integration())


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.SEE_INBOX)
def integration(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody may look at the settings; admins change them."""
    found = integration_or_404(pk)
    if not allowed(request.user, Action.EDIT_CONNECTION).yes:
        return look(request, found)
    return settings_page(request, found)


def look(request: HttpRequest, found: Integration) -> HttpResponse:
    verdict = allowed(request.user, Action.EDIT_CONNECTION)
    sku = allowed(request.user, Action.ENABLE_DEFAULT_SKU)
    form = SettingsForm(instance=found)
    for field in form.fields.values():
        field.disabled = True
    context = {
        "row": found,
        "parts": form.parts(),
        "form": form,
        "filters": found.filters.all(),
        "why_not": verdict.why,
        "may_ask_sku": bool(sku.needs_approval),
    }
    return render(
        request, "connections/settings.html", {**context, **outlook(found), "closed": True}, status=403 if request.method == "POST" else 200
    )


def settings_page(request: HttpRequest, found: Integration) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form, rows = SettingsForm(posted, instance=found), FilterRows(posted, found)
    only_rows = posted is not None and any(name in posted for name in ROW_BUTTONS)
    if posted is not None and not only_rows and form.is_valid() & rows.is_valid() and saved(request, form, rows):
        return redirect("connections:integration", form.instance.pk)
    if only_rows:  # a row was added or taken away: everything typed stays, nothing is saved or complained of yet
        form.errors.clear()
    shown = rows.shown(one_more=posted is None or "add_row" in posted)
    stored = integration_or_404(found.pk) if found.pk else None
    context = {"row": stored, "form": form, "parts": form.parts(), "rows": shown, "operators": Operator.choices, "fields": rows.fields}
    extra = outlook(stored) if stored else {}
    return render(request, "connections/settings.html", {**context, **extra, "may_ask_sku": True, "unsaved": only_rows})


def saved(request: HttpRequest, form: SettingsForm, rows: FilterRows) -> bool:
    is_new = form.instance.pk is None
    try:
        save_integration(form.instance, by=person(request), at=timezone.now(), filters=rows.values())
    except ValidationError as error:
        form.add_error(None, error)
        return False
    row = form.instance
    follows = "From the next run on it works like this." if row.enabled else "It is off: nothing runs except by hand."
    messages.success(request, f"{'Added' if is_new else 'Saved'}. {follows}")
    if warning := opposite_warning(row):
        messages.warning(request, warning)
    return True


def outlook(found: Integration) -> dict[str, Any]:
    """What follows from the settings as they are stored."""
    return {
        "next_run_at": found.timetable.next_after(timezone.now()) if found.enabled else None,
        "opposite": opposite_warning(found),
        "fetches_only": found.mode == Mode.FETCH,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.EDIT_CONNECTION)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = integration_or_404(pk)
    if request.method == "POST":
        remove_integration(found, by=person(request), at=timezone.now(), reason=request.POST.get("reason", "").strip())
        messages.success(request, f"{found.name} was removed. Its orders, log and open cases stay.")
        return redirect("connections:list")
    what = "Nothing flows between the two accounts any more; both accounts stay. Orders, log and open cases stay as well."
    return render(request, "connections/remove.html", {"row": found, "what": what})


@require_POST
@require(Action.ENABLE_DEFAULT_SKU)
def ask_default_sku(request: HttpRequest, pk: int) -> HttpResponse:
    found = integration_or_404(pk)
    try:
        sentence = default_sku.want(found, request.POST.get("default_sku", ""), by=person(request), reason=request.POST.get("reason", ""))
    except (ValidationError, ApprovalError) as error:
        messages.error(request, why_not(error) if isinstance(error, ValidationError) else str(error))
    else:
        messages.success(request, sentence)
    return redirect("connections:integration", pk)
