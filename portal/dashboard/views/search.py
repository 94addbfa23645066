"""The one search box: an order, a SKU."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.dashboard.orders import HitTable
from portal.dashboard.search import LIMIT, find_orders, find_skus


@require(Action.SEE_INBOX)
@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """One hit opens at once."""
    words = request.GET.get("q", "").strip()
    found = find_orders(words)
    if found.only is not None:
        return redirect("dashboard:order", pk=found.only.pk)
    skus = find_skus(words)
    context = {"words": words, "found": found, "table": HitTable(found.orders), "skus": skus, "limit": LIMIT}
    return render(request, "dashboard/search.html", context)
