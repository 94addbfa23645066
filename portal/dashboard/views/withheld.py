"""The report on what buffers keep back, as a page and as a file (R12)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed, check
from portal.accounts.roles import Role
from portal.dashboard import withheld
from portal.dashboard.csv_lines import csv_lines

TEAMS = frozenset({Role.FIN, Role.OPS, Role.MER})
COLUMNS = ("sku", "channel", "integration", "place", "buffer", "shown", "withheld", "price", "currency", "value", "priced_by")


@require(Action.SEE_INBOX)
@require_safe
def withheld_page(request: HttpRequest) -> HttpResponse:
    channels, classes = withheld.totals()
    context = {
        "channels": channels,
        "classes": classes,
        "rows": withheld.largest(),
        "may_export": allowed(request.user, Action.EXPORT, owner=TEAMS).yes,
    }
    return render(request, "dashboard/withheld.html", context)


@require(Action.EXPORT)
@require_safe
def withheld_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every SKU on every channel, as long as it is."""
    check(request.user, Action.EXPORT, owner=TEAMS)
    answer = StreamingHttpResponse(
        csv_lines(COLUMNS, ([row[name] for name in COLUMNS] for row in withheld.every())), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="lockstep-withheld-{timezone.now():%Y-%m-%d-%H%M}.csv"'
    return answer
