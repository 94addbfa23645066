"""Seller health: our rates with every operator, and what today's open cases would make of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action, may_ever
from portal.dashboard.seller_chart import draw
from portal.dashboard.sellers import sellers


@require(Action.SEE_INBOX)
@require_safe
def sellers_page(request: HttpRequest) -> HttpResponse:
    found = [(one, draw(one)) for one in sellers(timezone.now())]
    may_edit = may_ever(request.user, Action.EDIT_CONNECTION).yes
    return render(request, "dashboard/sellers.html", {"sellers": found, "may_edit": may_edit})
