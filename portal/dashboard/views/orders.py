"""The list of orders."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.dashboard.orders import OrderFilter, OrderTable


@require(Action.SEE_INBOX)
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    form = OrderFilter(request.GET)
    page = form.page(request.GET.get("cursor", ""))
    return render(request, "dashboard/orders.html", {"form": form, "page": page, "table": OrderTable(page.rows)})
