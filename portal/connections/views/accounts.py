"""Adding, changing, verifying, switching and removing an account at a vendor (R100-R103)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from connectors.ports import Ability
from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.accounts.views import person
from portal.audit.trail import record
from portal.connections.account_form import AccountForm, NewAccountForm
from portal.connections.changes import remove_connection, switch_connection, why_not
from portal.connections.forms import CREDENTIAL
from portal.connections.hooks import path_of
from portal.connections.models import Connection, Integration
from portal.connections.verify import verify
from portal.connections.views.overview import account_of


def account_or_404(pk: int) -> Connection:
    return get_object_or_404(Connection.objects.present(), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.EDIT_CONNECTION)
def add(request: HttpRequest) -> HttpResponse:
    """A further account, at a vendor we have one with already or at another one (R101)."""
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            account = form.save()
            record("connection.added", account, by=person(request), new={"system": account.system, "name": account.name})
        messages.success(request, f"{account} was added. Enter its address and credential, save, then verify it.")
        return redirect("connections:account", account.pk)
    return render(request, "connections/account_add.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.EDIT_CONNECTION)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Its address, credential and options. A secret goes in and never comes out (R102)."""
    found = account_or_404(pk)
    form = AccountForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        keep(form, request)
        return redirect("connections:account", pk)
    shown = account_or_404(pk)
    context = {
        **account_of(shown),
        "form": form,
        "integrations": joined(shown),
        "hook": settings.PUBLIC_URL + path_of(shown),
        "signs_webhooks": Ability.WEBHOOKS in shown.vendor.abilities,
    }
    return render(request, "connections/account.html", context)


def keep(form: AccountForm, request: HttpRequest) -> None:
    """Save with its audit record, and say what follows."""
    old = {name: str(form.initial.get(name)) for name in form.changed_data if not name.startswith(CREDENTIAL)}
    new = {name: str(form.cleaned_data.get(name)) for name in form.changed_data if not name.startswith(CREDENTIAL)}
    if form.has_new_credentials():
        new["credential"] = "[changed]"
    with transaction.atomic():
        saved = form.save()
        record("connection.changed", saved, by=person(request), old=old, new=new)
    follows = "It is in use with the next call." if saved.verified_at else "Verify it next: only a verified account runs by itself."
    messages.success(request, f"Saved. {follows}")


@require_POST
@require(Action.EDIT_CONNECTION)
def try_credential(request: HttpRequest, pk: int) -> HttpResponse:
    found = account_or_404(pk)
    finding = verify(found, by=person(request), at=timezone.now())
    (messages.success if finding.works else messages.error)(request, finding.sentence)
    for warning in finding.warnings:
        messages.warning(request, warning)
    return redirect("connections:account", pk)


@require_POST
@require(Action.EDIT_CONNECTION)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    found, on = account_or_404(pk), request.POST.get("on") == "1"
    try:
        switch_connection(found, on=on, by=person(request))
    except ValidationError as error:
        messages.error(request, why_not(error))
    else:
        messages.success(request, f"{found} is {'on: jobs use it from now' if on else 'off: nothing runs there by itself'}.")
    return redirect("connections:account", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Action.EDIT_CONNECTION)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The account goes, and with it the integrations that use it; what happened through it stays (R103)."""
    found = account_or_404(pk)
    if request.method == "POST":
        remove_connection(found, by=person(request), at=timezone.now(), reason=request.POST.get("reason", "").strip())
        messages.success(request, f"{found.name} was removed and its credential erased. Its orders, messages and open cases stay.")
        return redirect("connections:list")
    what = "Its credential is erased and nothing runs there any more. Orders, messages, the audit trail and open cases stay."
    return render(request, "connections/remove.html", {"row": found, "what": what, "integrations": joined(found)})


def joined(found: Connection) -> Any:
    return Integration.objects.present().filter(Q(channel=found) | Q(hub=found))
