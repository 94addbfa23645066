"""Keeping a list under a name, for oneself or for a team."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from exceptions.listing import Wanted
from exceptions.models import SavedView
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.accounts.roles import Role


class ViewForm(forms.Form):
    name = forms.CharField(max_length=60)
    shared_with = forms.ChoiceField(choices=[("", "nobody"), *Role.choices], required=False)


@require_POST
@require(Action.SEE_INBOX)
def keep(request: HttpRequest) -> HttpResponse:
    """The list the page showed, under the name that was typed; the same name again replaces it."""
    by: User = request.user  # type: ignore[assignment]
    wanted, form = Wanted.from_query(request.POST.dict(), by=by), ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the list a name of up to 60 letters.")
    elif form.cleaned_data["shared_with"] and form.cleaned_data["shared_with"] not in by.roles:
        messages.error(request, "A list can be shared with your own team only.")
    else:
        _keep(request, by, form.cleaned_data, wanted.query())
    return redirect(f"/inbox/?{wanted.query()}")


def _keep(request: HttpRequest, by: User, given: dict[str, str], query: str) -> None:
    try:
        with transaction.atomic():
            changes = {"query": query, "shared_with": given["shared_with"]}
            SavedView.objects.update_or_create(user=by, name=given["name"], defaults=changes)
    except IntegrityError:
        messages.error(request, "You have a list of that name already.")
        return
    messages.success(request, f"Kept as “{given['name']}”. Its number goes with the cases.")


@require_POST
@require(Action.SEE_INBOX)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, user=request.user)
    view.delete()
    messages.success(request, f"“{view.name}” is gone. The cases are as they were.")
    return redirect("exceptions:inbox")
