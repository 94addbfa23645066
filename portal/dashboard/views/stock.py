"""Stock: the SKUs that need a look first, and one SKU's truth through time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action


@require(Action.SEE_INBOX)
@require_safe
def stock_page(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/stock.html")


@require(Action.SEE_INBOX)
@require_safe
def item_page(request: HttpRequest, sku: str) -> HttpResponse:
    return render(request, "dashboard/stock_item.html", {"sku": sku})
