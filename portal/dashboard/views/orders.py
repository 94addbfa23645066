"""The list of orders, as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed, check
from portal.accounts.roles import Role
from portal.dashboard.csv_lines import csv_lines
from portal.dashboard.orders import STILL_OPEN_WORDS, OrderFilter, OrderTable

TEAMS = frozenset({Role.CX, Role.FIN, Role.OPS})
COLUMNS = ("order", "channel", "store", "placed_at", "stage", "since", "on_the_channel", "total", "currency")


@require(Action.SEE_INBOX)
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    form = OrderFilter(request.GET)
    page = form.page(request.GET.get("cursor", ""))
    context = {"form": form, "page": page, "table": OrderTable(page.rows), "may_export": allowed(request.user, Action.EXPORT, owner=TEAMS).yes}
    return render(request, "dashboard/orders.html", context)


@require(Action.EXPORT)
@require_safe
def order_file(request: HttpRequest) -> StreamingHttpResponse:
    """Every order that fits the filters; what is shipped and still open on the channel is marked (R71)."""
    check(request.user, Action.EXPORT, owner=TEAMS)
    answer = StreamingHttpResponse(csv_lines(COLUMNS, rows(OrderFilter(request.GET))), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="lockstep-orders-{timezone.now():%Y-%m-%d-%H%M}.csv"'
    return answer


def rows(form: OrderFilter) -> Iterator[list[object]]:
    for order in form.every():
        channel = form.names.get(order.connection_id) or order.connection
        mark = STILL_OPEN_WORDS if order.is_still_open else order.get_state_display()
        times = (order.placed_at.isoformat(), order.get_stage_display(), order.stage_at.isoformat())
        yield [order.number, str(channel), order.store_code, *times, mark, order.total, order.currency]
