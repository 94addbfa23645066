"""From the name of a thing in a case to the page about it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.dashboard.subjects import address_of


@require(Action.SEE_INBOX)
@require_safe
def subject_page(request: HttpRequest, prefix: str, pk: int) -> HttpResponse:
    address = address_of(prefix, pk)
    if not address:
        raise Http404("It belongs to no order that is known here.")
    return redirect(address)
