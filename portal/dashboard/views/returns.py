"""Returns: the list, one return's triangle with what may be decided, and finance's report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.approvals import ApprovalError
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, allowed, check
from portal.accounts.roles import Role
from portal.dashboard.csv_lines import csv_lines
from portal.dashboard.orders import STILL_OPEN_WORDS
from portal.dashboard.returns import ACTORS, TONES, ReturnFilter, ReturnTable, corners, owners, totals
from portal.ledger.models import ReturnFlow
from portal.sync.models import OutboundMessage
from portal.sync.returns import acts

TEAMS = frozenset({Role.CX, Role.FIN, Role.OPS})
COLUMNS = (
    "order", "channel", "sku", "rma", "state", "authorised", "came_back", "sellable", "damaged", "missing", "owed", "money_back", "still_owed",
    "currency", "since", "goods_at", "money_at", "on_the_channel",
)  # fmt: skip


class AssessForm(forms.Form):
    sellable = forms.IntegerField(label="Sellable", min_value=0, max_value=99999)
    damaged = forms.IntegerField(label="Damaged", min_value=0, max_value=99999)
    missing = forms.IntegerField(label="Missing from the parcel", min_value=0, max_value=99999, initial=0)


class ReleaseForm(forms.Form):
    amount = forms.DecimalField(label="Amount to give back", min_value=0, max_digits=18, decimal_places=2)
    reason = forms.CharField(label="Why, before the goods are here", max_length=300)


@require(Action.SEE_INBOX)
@require_safe
def return_list(request: HttpRequest) -> HttpResponse:
    form = ReturnFilter(request.GET)
    page = form.page(request.GET.get("cursor", ""))
    may_export = allowed(request.user, Action.EXPORT, owner=TEAMS).yes
    context = {"form": form, "page": page, "table": ReturnTable(page.rows), "owners": owners(), "may_export": may_export}
    return render(request, "dashboard/returns.html", context)


@require(Action.SEE_INBOX)
@require_safe
def return_page(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, flow_or_404(pk))


def flow_or_404(pk: int) -> ReturnFlow:
    return get_object_or_404(ReturnFlow.objects.select_related("order", "order__connection", "connection", "integration__hub"), pk=pk)


def show(request: HttpRequest, flow: ReturnFlow, *, assess: forms.Form | None = None, release: forms.Form | None = None) -> HttpResponse:
    subject = f"flow:{flow.pk}"
    told = flow.order.return_orders.select_related("connection") if flow.order else []
    may_release = allowed(request.user, Action.RELEASE_REFUND).needs_approval and flow.order is not None and max(flow.refunded, flow.owed) < flow.paid
    may_assess = allowed(request.user, Action.RESOLVE_BY_HAND, owner=acts.ASSESSORS).yes and flow.unassessed > 0 and flow.order is not None
    context = {
        "flow": flow,
        "corners": corners(flow),
        "tone": TONES[flow.state],
        "actor": ACTORS[flow.state],
        "owners": owners(),
        "cases": ExceptionCase.objects.filter(items__subject=subject).distinct().order_by("-pk")[:10],
        "messages_sent": OutboundMessage.objects.filter(subject=subject).select_related("connection").order_by("-pk")[:10],
        "told": told,
        "refunds": flow.order.refunds.order_by("at") if flow.order else [],
        "assess": (assess or AssessForm(initial={"sellable": flow.received, "damaged": 0})) if may_assess else None,
        "release": (release or ReleaseForm(initial={"amount": f"{flow.paid - flow.refunded:.2f}"})) if may_release else None,
        "still_open": STILL_OPEN_WORDS if flow.order is not None and flow.order.is_still_open else "",
    }
    return render(request, "dashboard/return.html", context)


@require(Action.SEE_INBOX)
@require_POST
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found when the goods were looked at."""
    check(request.user, Action.RESOLVE_BY_HAND, owner=acts.ASSESSORS)
    flow, form = flow_or_404(pk), AssessForm(request.POST)
    if form.is_valid():
        try:
            messages.success(request, acts.assess(flow, by=cast(User, request.user), **form.cleaned_data))
            return redirect("dashboard:return", pk=pk)
        except CaseError as error:
            form.add_error(None, str(error))
    return show(request, flow, assess=form)


@require(Action.SEE_INBOX)
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a second person for money before goods."""
    check(request.user, Action.RELEASE_REFUND)
    flow, form = flow_or_404(pk), ReleaseForm(request.POST)
    if form.is_valid():
        try:
            wish: dict[str, Any] = form.cleaned_data
            messages.success(request, acts.release_early(flow, amount=wish["amount"], by=cast(User, request.user), reason=wish["reason"]))
            return redirect("dashboard:return", pk=pk)
        except (CaseError, ApprovalError) as error:
            form.add_error(None, str(error))
    return show(request, flow, release=form)


@require(Action.EXPORT)
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Sums by channel, state and currency."""
    check(request.user, Action.EXPORT, owner=TEAMS)
    form = ReturnFilter(request.GET)
    return render(request, "dashboard/returns_report.html", {"form": form, "totals": totals(form)})


@require(Action.EXPORT)
@require_safe
def return_file(request: HttpRequest) -> StreamingHttpResponse:
    """Every line that fits the filters, and the totals below them; what is shipped and still open on the channel is marked (R71)."""
    check(request.user, Action.EXPORT, owner=TEAMS)
    answer = StreamingHttpResponse(csv_lines(COLUMNS, rows(ReturnFilter(request.GET))), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="lockstep-returns-{timezone.now():%Y-%m-%d-%H%M}.csv"'
    return answer


def rows(form: ReturnFilter) -> Iterator[list[object]]:
    for flow in form.every():
        mark = (
            STILL_OPEN_WORDS if flow.order is not None and flow.order.is_still_open else flow.order.get_state_display() if flow.order else "not known"
        )
        units = (flow.authorised, flow.received, flow.sellable, flow.damaged, flow.missing)
        money = (flow.owed, flow.refunded, flow.left_to_refund, flow.currency)
        times = (at.isoformat() if at else "" for at in (flow.began_at, flow.received_at, flow.refunded_at))
        yield [flow.number, str(flow.connection), flow.sku, flow.rma, flow.get_state_display(), *units, *money, *times, mark]
    for total in totals(form):
        empty = ("", "", "", "")
        sums = (total.owed, total.refunded, total.open_sum, total.currency)
        yield ["total", total.channel, "", "", total.state, "", total.units, *empty[:3], *sums, *empty]
