"""A period as its page shows it: the lines from opening to ending balance, and the waterfall whose bars open what is behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from exceptions.models import CaseItem, ExceptionCase
from portal.reconciliation.finance.cases import item_of
from portal.reconciliation.finance.models import Discrepancy, Entry, Figure, Period
from portal.reconciliation.finance.words import KINDS, Basis, Part, Side
from portal.ui.charts import Chart, Mark, waterfall

ORDERED = {kind: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Line:
    """One figure; `url` opens the entries it is the sum of."""

    label: str
    amount: Decimal
    entries: int | None = None
    url: str = ""
    tone: str = "accent"


def word(kind: str) -> str:
    return KINDS.get(kind, kind.capitalize())


def lines_of(period: Period, part: Part) -> list[Line]:
    """The figures of one part, in the order of the waterfall."""
    figures = sorted(Figure.objects.filter(period=period, part=part), key=lambda one: (ORDERED.get(one.kind, len(ORDERED)), one.kind))
    address = reverse("reconciliation:period_entries", args=[period.pk])
    return [
        Line(word(one.kind), one.amount, one.entries, f"{address}?part={part}&kind={one.kind}", "good" if one.amount >= 0 else "bad")
        for one in figures
    ]


def statement(period: Period) -> list[Line]:
    """Opening balance, activity, what was settled (of a cycle), ending balance."""
    opening, ending = Line("Opening balance", period.opening, tone="total"), Line("Ending balance, not settled yet", period.ending, tone="total")
    settled = [Line(f"Settled: {one.label}", -one.amount, one.entries, one.url) for one in lines_of(period, Part.SETTLED)]
    return [opening, *lines_of(period, Part.ACTIVITY), *settled, ending]


def payout_waterfall(period: Period) -> Chart:
    """Of a cycle: from sales to what the statement pays. Of a month: from its opening to its ending balance."""
    if period.basis == Basis.MONTH:
        activity = lines_of(period, Part.ACTIVITY)
        marks = [mark(Line("Opening", period.opening, tone="total")), *map(mark, activity), mark(Line("Ending", period.ending, tone="total"))]
        return waterfall(f"{period.name}, {period.currency}: from opening to ending balance", marks, columns=("Step", period.currency))
    settled = lines_of(period, Part.SETTLED)
    comes_to = sum((one.amount for one in settled), Decimal(0))
    marks = [*map(mark, settled), mark(Line("Lines come to", comes_to, tone="total"))]
    if period.transferred is not None:
        marks.append(mark(Line("Statement pays", period.transferred, tone="total")))
    return waterfall(f"Payout of the {period.name}, {period.currency}", marks, columns=("Step", period.currency))


def mark(line: Line) -> Mark:
    return Mark(line.label, float(line.amount), f"{line.amount:,.2f}".replace("-", "−"), line.url, line.tone)


def cases_of(entries: Iterable[Entry]) -> dict[int, list[ExceptionCase]]:
    """The open cases that explain each entry: of its order, of the charge itself, of the difference it is part of."""
    wanted: dict[str, list[int]] = {}
    for entry in entries:
        for subject in subjects_of(entry):
            wanted.setdefault(subject, []).append(entry.pk)
    found: dict[int, dict[int, ExceptionCase]] = {}
    for item in CaseItem.objects.filter(subject__in=wanted, cleared_at=None, case__is_open=True).select_related("case"):
        for pk in wanted[item.subject]:
            found.setdefault(pk, {})[item.case_id] = item.case
    return {pk: list(cases.values()) for pk, cases in found.items()}


def subjects_of(entry: Entry) -> list[str]:
    own = [entry.subject, f"variance:{entry.connection_id}:{Side.UNTIED}:{entry.currency}:{entry.subject}"]
    if entry.order_id is None:
        return own
    order = f"order:{entry.order_id}"
    sides = (Side.SALE, Side.REFUND, Side.COMMISSION)
    return [*own, order, *(f"variance:{entry.connection_id}:{side}:{entry.currency}:{order}" for side in sides)]


def case_of(rows: Iterable[Discrepancy]) -> dict[int, int]:
    """Difference → the open case it is in."""
    wanted = {item_of(row): row.pk for row in rows}
    items = CaseItem.objects.filter(subject__in=wanted, cleared_at=None, case__is_open=True)
    return {wanted[subject]: case for subject, case in items.values_list("subject", "case")}
