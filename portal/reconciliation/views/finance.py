"""Finance: the accounts with their periods, one period, and every figure down to its entries."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Abs
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.gate import require
from portal.accounts.permissions import Action, allowed, check
from portal.accounts.roles import Role
from portal.ledger.models import PayoutLine
from portal.reconciliation.finance import periods, statement
from portal.reconciliation.finance.files import CSV, XLSX, as_file
from portal.reconciliation.finance.listings import of_period
from portal.reconciliation.finance.models import Discrepancy, Entry, MatchTotal, Period, PeriodClose
from portal.reconciliation.finance.words import Basis, Match, Part, Source
from portal.sync.models import InboundMessage
from portal.ui.paging import page_of

SHOWN, LATE_SHOWN = 60, 20


@require(Action.SEE_INBOX)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every account: how much agrees, and its periods, newest first."""
    basis = Basis.CYCLE if request.GET.get("basis") == Basis.CYCLE else Basis.MONTH
    found = Period.objects.filter(basis=basis).select_related("connection", "prepared_by")
    totals = MatchTotal.objects.select_related("connection").order_by("connection__name", "side", "currency", "state")
    worst = Discrepancy.objects.filter(state=Match.UNEXPLAINED).order_by("currency").values("currency")
    context = {
        "basis": basis, "bases": Basis, "page": page_of(found, order=("-ends_at", "-id"), size=SHOWN, cursor=request.GET.get("cursor", "")),
        "totals": totals, "unexplained": worst.annotate(number=Count("id"), value=Sum(Abs("difference"))), "here": "finance",
    }  # fmt: skip
    return render(request, "reconciliation/finance/overview.html", context)


@require(Action.SEE_INBOX)
@require_safe
def period_page(request: HttpRequest, pk: int) -> HttpResponse:
    period = get_object_or_404(Period.objects.select_related("connection", "prepared_by"), pk=pk)
    closes = list(PeriodClose.objects.filter(period=period).select_related("prepared_by", "reviewed_by", "reopened_by", "reopen_approved_by"))
    differing = list(periods.unexplained(period).order_by("pk")[:LATE_SHOWN])
    may = {"close": allowed(request.user, Action.CLOSE_PERIOD), "reopen": allowed(request.user, Action.REOPEN_PERIOD)}
    context = {
        "period": period, "lines": statement.statement(period), "chart": statement.payout_waterfall(period), "closes": closes,
        "obstacles": periods.obstacles(period, at=timezone.now()), "stays_closed": periods.stays_closed(period),
        "differing": with_cases(differing), "late_in": late_in(period)[:LATE_SHOWN], "late_for": late_for(period)[:LATE_SHOWN],
        "may_close": may["close"].yes, "may_reopen": may["reopen"].needs_approval,
        "may_review": may["close"].yes and period.prepared_by_id not in (None, request.user.pk),
        "may_export": allowed(request.user, Action.EXPORT, owner=Role.FIN).yes, "here": "finance",
    }  # fmt: skip
    return render(request, "reconciliation/finance/period.html", context)


def with_cases(rows: list[Discrepancy]) -> list[tuple[Discrepancy, int | None]]:
    cases = statement.case_of(rows)
    return [(row, cases.get(row.pk)) for row in rows]


def late_in(period: Period) -> QuerySet[Entry]:
    """What counts here though it belongs before: its own period was closed when it came."""
    return entries_of(period).filter(at__lt=period.starts_at).select_related("order").order_by("-id")


def late_for(period: Period) -> QuerySet[Entry]:
    """What came after this period was closed, and counts in a later one."""
    if period.basis != Basis.MONTH or not period.closes.exists():
        return Entry.objects.none()
    mine = Entry.objects.filter(connection=period.connection_id, currency=period.currency, at__gte=period.starts_at, at__lt=period.ends_at)
    return mine.exclude(month=period).select_related("order", "month").order_by("-id")


def entries_of(period: Period, part: str = "") -> QuerySet[Entry]:
    if period.basis == Basis.MONTH:
        return Entry.objects.filter(month=period)
    if part == Part.SETTLED:
        return Entry.objects.filter(settled=period).exclude(kind="payout")
    return Entry.objects.filter(interval=period).exclude(kind="payout")


@require(Action.SEE_INBOX)
@require_safe
def period_entries(request: HttpRequest, pk: int) -> HttpResponse:
    """The entries one figure is the sum of, each with its order and the cases that explain it."""
    period = get_object_or_404(Period.objects.select_related("connection"), pk=pk)
    part, kind = request.GET.get("part", ""), request.GET.get("kind", "")
    found = entries_of(period, part)
    found = (found.filter(kind=kind) if kind else found).select_related("order")
    page = page_of(found, order=("-at", "-id"), size=50, cursor=request.GET.get("cursor", ""))
    cases = statement.cases_of(page.rows)
    rows = [(entry, cases.get(entry.pk, [])) for entry in page.rows]
    figure = period.figures.filter(part=part or Part.ACTIVITY, kind=kind).first()
    context = {
        "period": period,
        "kind": statement.word(kind) if kind else "All entries",
        "page": page,
        "rows": rows,
        "figure": figure,
        "here": "finance",
    }
    return render(request, "reconciliation/finance/entries.html", context)


@require(Action.EXPORT)
@require_safe
def period_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Itemised: every entry behind the figures, and at the foot the figures themselves."""
    check(request.user, Action.EXPORT, owner=Role.FIN)
    if kind not in (CSV, XLSX):
        raise Http404
    period = get_object_or_404(Period.objects.select_related("connection"), pk=pk)
    return as_file(kind, f"lockstep-{period.basis}-{period.key}-{period.currency}"[:80], of_period(period))


@require(Action.SEE_INBOX)
@require_safe
def entry_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with its evidence: the line as the vendor sent it."""
    entry = get_object_or_404(Entry.objects.select_related("connection", "order", "month", "interval", "settled", "cause"), pk=pk)
    line = PayoutLine.objects.filter(pk=entry.source_id).first() if entry.source == Source.PAYOUT else None
    may_see = allowed(request.user, Action.SEE_EVIDENCE, owner=(Role.FIN, Role.OPS)).yes
    context: dict[str, Any] = {"entry": entry, "line": line, "cases": statement.cases_of([entry]).get(pk, []), "may_see": may_see, "here": "finance"}
    context["kind"] = statement.word(entry.kind)
    if line is not None and may_see:
        context["messages_seen"] = seen_of(line)
    return render(request, "reconciliation/finance/entry.html", context)


def seen_of(line: PayoutLine) -> list[tuple[InboundMessage, str]]:
    """Every time the vendor told it, as received."""
    found = InboundMessage.objects.filter(connection=line.connection_id, topic="payouts", subject=line.reference).order_by("-received_at")[:5]
    return [(message, bytes(message.body).decode(errors="replace")[:4000]) for message in found]
