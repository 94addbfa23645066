"""Daily and weekly checklists of each team, ticked point by point and signed (R27, R97)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from exceptions.clocks import calendar_of
from exceptions.errors import CaseError
from exceptions.models import ChecklistRun
from portal.accounts.models import User
from portal.accounts.permissions import NotAllowedError
from portal.accounts.roles import Role
from portal.audit import trail


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True)
class Checklist:
    """`points` in the order in which they are gone through; `link` leads where the point is looked at."""

    code: str
    name: str
    team: Role
    every: Every
    points: tuple[tuple[str, str], ...]  # what to check, the list of the inbox that shows it (query), or nothing


CHECKLISTS: dict[str, Checklist] = {
    checklist.code: checklist
    for checklist in (
        Checklist("stock-ops", "Daily stock check, Operations", Role.OPS, Every.DAY, (
            ("No stock update is refused or late.", "show=all&kind=E22"), ("Refused stock updates are understood.", "show=all&kind=E21"),
            ("Nothing is oversold.", "show=all&kind=E23"), ("Every connection answers.", "show=all&kind=E32"),
            ("Every dispatch of yesterday is shown by its channel.", "show=all&kind=E18"),
        )),
        Checklist("stock-mer", "Daily stock check, Merchandising", Role.MER, Every.DAY, (
            ("New SKUs are known on both sides.", "show=all&kind=E13"), ("No stock lies where it cannot be sold.", "show=all&kind=E14"),
            ("No order waits for a SKU.", "show=all&kind=E11"), ("Buffers of fast sellers are still right.", ""),
        )),
        Checklist("orders-cx", "Daily order check, CX", Role.CX, Every.DAY, (
            ("No order lacks an address.", "show=all&kind=E03"), ("Customers of oversold orders are told.", "show=all&kind=E23"),
            ("Goods that came back are refunded.", "show=all&kind=E26"), ("Changes after packing are answered.", "show=all&kind=E09"),
        )),
        Checklist("links-adm", "Daily connection check, Admin", Role.ADM, Every.DAY, (
            ("Every connection was read in the last hour.", "show=all&kind=E32"), ("No store or warehouse waits for a mapping.", "show=all&kind=E24"),
            ("No credential ends this week.", ""),
        )),
        Checklist("week-fin", "Weekly reconciliation, Finance", Role.FIN, Every.WEEK, (
            ("Payouts agree with the sales.", "show=all&kind=E30"), ("Everything shipped is paid.", "show=all&kind=E28"),
            ("Everything paid is shipped or refunded.", "show=all&kind=E29"), ("Refunds have their goods.", "show=all&kind=E27"),
            ("Fees and penalties have a cause.", "show=all&kind=E31"), ("Held payments are decided.", "show=all&kind=E08"),
        )),
    )
}  # fmt: skip


def period_of(checklist: Checklist, *, at: datetime | None = None) -> date:
    """The day by the team's own clock, or the Monday of its week."""
    day = timezone.localdate(at or timezone.now(), calendar_of(checklist.team).zone)
    return day if checklist.every is Every.DAY else day - timedelta(days=day.weekday())


def may_work(by: User, checklist: Checklist) -> bool:
    return checklist.team in by.roles


def tick(code: str, point: int, *, by: User, done: bool = True, at: datetime | None = None) -> ChecklistRun:
    """A point was looked at, or was not after all."""
    checklist = _of_team(code, by)
    if not 0 <= point < len(checklist.points):
        raise CaseError("This checklist has no such point.")
    with transaction.atomic():
        run = _locked(checklist, at=at)
        before = str(point) in run.ticks
        ticks = {number: kept for number, kept in run.ticks.items() if number != str(point)}
        if done:
            ticks[str(point)] = {"by": by.called, "at": (at or timezone.now()).isoformat()}
        run.ticks = ticks
        run.save(update_fields=["ticks"])
        trail.record("checklist.ticked", run, by=by, old={"done": before}, new={"done": done, "point": checklist.points[point][0]})
    return run


def sign(code: str, note: str, *, by: User, at: datetime | None = None) -> ChecklistRun:
    """Signed: nothing of it changes any more. What was not ticked needs a word."""
    checklist = _of_team(code, by)
    with transaction.atomic():
        run = _locked(checklist, at=at)
        left = [text for number, (text, _) in enumerate(checklist.points) if str(number) not in run.ticks]
        if left and not note.strip():
            raise CaseError(f"Not ticked: {' '.join(left)} Tick it, or write why it is left.")
        run.signed_by, run.signed_at, run.note = by, at or timezone.now(), note.strip()
        run.save(update_fields=["signed_by", "signed_at", "note"])
        trail.record("checklist.signed", run, by=by, new={"ticked": len(run.ticks), "of": len(checklist.points)}, reason=note.strip())
    return run


def _of_team(code: str, by: User) -> Checklist:
    checklist = CHECKLISTS.get(code)
    if checklist is None:
        raise CaseError("There is no such checklist.")
    if not may_work(by, checklist):
        raise NotAllowedError(f"This checklist is for {checklist.team.label}.")
    return checklist


def _locked(checklist: Checklist, *, at: datetime | None) -> ChecklistRun:
    run, _ = ChecklistRun.objects.get_or_create(checklist=checklist.code, period_date=period_of(checklist, at=at))
    run = ChecklistRun.objects.select_for_update(of=("self",)).select_related("signed_by").get(pk=run.pk)
    if run.signed_by is not None:
        raise CaseError(f"{run.signed_by.called} has signed it. Nothing of it changes any more.")
    return run


@dataclass(frozen=True)
class Point:
    number: int
    text: str
    query: str
    tick: dict[str, str] | None


@dataclass(frozen=True)
class Sheet:
    """A checklist as it stands now."""

    checklist: Checklist
    period_date: date
    run: ChecklistRun | None
    may_work: bool

    @property
    def points(self) -> Iterator[Point]:
        ticks = self.run.ticks if self.run else {}
        return (Point(number, text, query, ticks.get(str(number))) for number, (text, query) in enumerate(self.checklist.points))

    @property
    def is_signed(self) -> bool:
        return self.run is not None and self.run.signed_at is not None


def sheets(by: User, *, at: datetime | None = None) -> list[Sheet]:
    """Every team's, the own ones first."""
    wanted = {code: period_of(checklist, at=at) for code, checklist in CHECKLISTS.items()}
    runs = ChecklistRun.objects.filter(checklist__in=wanted, period_date__in=set(wanted.values())).select_related("signed_by")
    found = {(run.checklist, run.period_date): run for run in runs}
    all_sheets = [Sheet(CHECKLISTS[code], day, found.get((code, day)), may_work(by, CHECKLISTS[code])) for code, day in wanted.items()]
    return sorted(all_sheets, key=lambda sheet: not sheet.may_work)
