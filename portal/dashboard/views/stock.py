"""Stock: the SKUs that need a look first, and one SKU's truth through time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action
from portal.dashboard import stock
from portal.dashboard.search import find_skus
from portal.dashboard.stock_chart import draw
from portal.dashboard.stock_item import DEFAULT_PERIOD, PERIODS, items_of
from portal.dashboard.stock_names import names_of
from portal.dashboard.stock_risk import risk_of
from portal.dashboard.stock_timeline import happened


@require(Action.SEE_INBOX)
@require_safe
def stock_page(request: HttpRequest) -> HttpResponse:
    """Oversold first; then the tab that was chosen, or the first that holds something."""
    words = request.GET.get("q", "").strip()
    skus = find_skus(words, limit=50)
    if skus == [words]:
        return redirect("dashboard:stock_item", sku=words)
    at = timezone.now()
    counts = stock.counts(at)
    busiest = next((tab.name for tab in stock.TABS if counts[tab.name].number), stock.DIFFERS)
    tab = next((tab for tab in stock.TABS if tab.name == request.GET.get("show", busiest)), stock.TABS[0])
    page = stock.page(tab, at, cursor=request.GET.get("cursor", ""))
    context = {
        "words": words,
        "known": stock.known(skus),
        "oversold": stock.oversold(),
        "tabs": [(one, counts[one.name]) for one in stock.TABS],
        "tab": tab,
        "page": page,
        "rows": [(row, stock.since(tab, row)) for row in page.rows],
    }
    return render(request, "dashboard/stock.html", context)


@require(Action.SEE_INBOX)
@require_safe
def item_page(request: HttpRequest, sku: str) -> HttpResponse:
    at = timezone.now()
    period = request.GET.get("days", DEFAULT_PERIOD)
    period = period if period in PERIODS else DEFAULT_PERIOD
    items = items_of(names_of(sku, at=at), since=at - PERIODS[period], at=at)
    shown = [{"item": item, "drawing": draw(item), "happened": happened(item), "risk": risk_of(item)} for item in items]
    return render(request, "dashboard/stock_item.html", {"sku": sku, "shown": shown, "period": period, "periods": list(PERIODS)})
