"""What the comparisons list: SKU changes and how far they got, orders placed and not acknowledged."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.ledger.models import CatalogueItem
from portal.reconciliation.completeness import unacknowledged
from portal.reconciliation.sku_changes import changes_of_masters, with_reach
from portal.ui.paging import page_of


@require(Action.SEE_INBOX)
@require_safe
def sku_changes(request: HttpRequest) -> HttpResponse:
    page = page_of(changes_of_masters(), order=("-id",), size=50, cursor=request.GET.get("cursor", ""))
    return render(request, "reconciliation/sku_changes.html", {"page": page, "changes": with_reach(page.rows)})


@require(Action.SEE_INBOX)
@require_safe
def not_acknowledged(request: HttpRequest) -> HttpResponse:
    """The oldest first: those are the ones to ask about."""
    orders = unacknowledged().select_related("connection", "integration", "integration__hub")
    page = page_of(orders, order=("placed_at", "id"), size=50, cursor=request.GET.get("cursor", ""))
    return render(request, "reconciliation/not_acknowledged.html", {"page": page})


@require(Action.SEE_INBOX)
@require_safe
def product(request: HttpRequest, pk: int) -> HttpResponse:
    """A product's own page is that of its stock."""
    item = get_object_or_404(CatalogueItem, pk=pk)
    return redirect("dashboard:stock_item", sku=item.sku or item.reference)
