"""The list: tabs, filters with live numbers, and the case beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from exceptions import counters, search
from exceptions.counters import Cell
from exceptions.kinds import KINDS, MEANINGS, Severity
from exceptions.listing import DEFAULTS, MOST_COUNTED, SHOWS, SORTS, TEAMS, Wanted, cases_of, how_many, own, rows
from exceptions.resolving import CODES
from portal.accounts.gate import require
from portal.accounts.models import User
from portal.accounts.permissions import Action, may_ever
from portal.accounts.roles import Role
from portal.ledger.models import Heartbeat
from portal.ui import words
from portal.ui.paging import Page, page_of

PAGE = 50
SILENT_BEATS = 3
BULK_CODES = [(code.value, code.label) for code in CODES]
TEAM_CHOICES = [(role.value, role.label) for role in TEAMS]


@dataclass(frozen=True)
class Tab:
    """One of the standing lists, or a kept one, with its number."""

    label: str
    query: str
    number: str
    is_current: bool
    key: str = ""
    pk: int = 0


@dataclass(frozen=True)
class Choice:
    """One value of a filter and how many cases it would show."""

    value: str
    label: str
    number: int
    is_chosen: bool


@require(Action.SEE_INBOX)
def inbox(request: HttpRequest) -> HttpResponse:
    by: User = request.user  # type: ignore[assignment]
    wanted = Wanted.from_query(request.GET.dict(), by=by)
    found = search.find(wanted.q) if wanted.q else None
    cases = rows(cases_of(wanted, by=by, pks=found.pks if found else None))
    page = page_of(cases, order=wanted.order, size=PAGE, cursor=request.GET.get("cursor", ""))
    cells, mine = counters.cells(), own(by)
    context = {
        "wanted": wanted, "page": page, "tabs": tabs(wanted, cells, mine.mine, by=by), "views": views(wanted, cells, mine.views, by=by),
        "filters": filters(wanted, cells, by=by), "sorts": [(value, label) for value, (label, _) in SORTS.items()], "at": timezone.now(),
        "total": total(wanted, cells, page, mine=mine.mine, by=by), "more": bool(found and found.more), "this": request.get_full_path(),
        "takes_part": may_ever(by, Action.TAKE_PART).yes and wanted.show != "closed", "codes": BULK_CODES, "teams": TEAM_CHOICES,
    }  # fmt: skip
    if not page.rows and not wanted.narrows:
        context["silent"] = silent_source(at=timezone.now())
    return render(request, "exceptions/inbox.html", context)


def silent_source(*, at: datetime) -> str:
    """Why an empty list may mean nothing: a flow that has not beaten for three of its beats."""
    for beat in Heartbeat.objects.order_by("beat_at")[:20]:
        if at - beat.beat_at > SILENT_BEATS * timedelta(seconds=beat.every_s):
            name = beat.label or beat.flow
            return f"{name} has told us nothing for {words.duration(at - beat.beat_at)}; usually it does every {words.duration(beat.every_s)}."
    return ""


@require(Action.SEE_INBOX)
def numbers(request: HttpRequest) -> HttpResponse:
    """The tabs again, for a page that stays open."""
    by: User = request.user  # type: ignore[assignment]
    wanted = Wanted.from_query(request.GET.dict(), by=by)
    cells, mine = counters.cells(), own(by)
    context = {"wanted": wanted, "tabs": tabs(wanted, cells, mine.mine, by=by), "views": views(wanted, cells, mine.views, by=by)}
    return render(request, "exceptions/tabs.html", context)


def tabs(wanted: Wanted, cells: list[Cell], mine: int, *, by: User) -> list[Tab]:
    found = []
    for name, show in SHOWS.items():
        plain = Wanted(show=name)
        number = counters.total(cells, lambda cell, plain=plain: plain.fits(cell, by=by)) if show.states else mine  # type: ignore[misc]
        if name != "teams" or by.roles & {cell.owner for cell in cells} or wanted.show == "teams":
            found.append(Tab(show.label, plain.query(), said(number, capped=not show.states), wanted.show == name, show.key))
    return found


def views(wanted: Wanted, cells: list[Cell], kept: list[dict[str, Any]], *, by: User) -> list[Tab]:
    """The team's ready-made lists and the kept ones, each with its number."""
    ready = [{"name": name, "query": query, "pk": 0, "is_mine": False} for role in sorted(by.roles) for name, query in DEFAULTS.get(Role(role), ())]
    asked = [Wanted.from_query(QueryDict(one["query"]).dict(), by=by) for one in (*ready, *kept)]
    uncounted = [one for one in asked if not one.is_counted]
    numbers = dict(zip(uncounted, how_many(uncounted, by=by), strict=True))
    return [
        Tab(one["name"], this.query(), _number(this, cells, numbers, by=by), wanted.query() == this.query(), pk=one["pk"] if one["is_mine"] else 0)
        for one, this in zip((*ready, *kept), asked, strict=True)
    ]


def _number(asked: Wanted, cells: list[Cell], numbers: dict[Wanted, int], *, by: User) -> str:
    if asked in numbers:
        return said(numbers[asked], capped=True)
    return said(counters.total(cells, lambda cell: asked.fits(cell, by=by)))


def filters(wanted: Wanted, cells: list[Cell], *, by: User) -> list[tuple[str, str, list[Choice]]]:
    """Name, label and choices of each filter, numbered as if only the others were set."""
    dimensions = (
        ("kind", "kind", "Kind"),
        ("owner", "owner", "Team"),
        ("severity", "severity", "How bad"),
        ("connection", "connection_id", "Connection"),
    )
    return [(name, label, _choices(name, column, wanted, cells, by=by)) for name, column, label in dimensions]


def _choices(name: str, column: str, wanted: Wanted, cells: list[Cell], *, by: User) -> list[Choice]:
    counted = counters.by(cells, column, lambda cell: wanted.fits(cell, by=by, without=column))
    names = {str(cell.connection_id): cell.connection for cell in cells if cell.connection}
    chosen = getattr(wanted, name)
    values = sorted({str(value) for value in counted if value} | ({chosen} if chosen else set()), key=lambda value: (len(value), value))
    numbers_of = {str(value): number for value, number in counted.items()}
    return [Choice(value, _label(name, value, names), numbers_of.get(value, 0), value == chosen) for value in values]


def _label(name: str, value: str, connections: dict[str, str]) -> str:
    if name == "kind":
        return f"{value} {KINDS[value].name}" if value in KINDS else value
    if name == "owner":
        return str(Role(value).label)
    if name == "severity":
        level = Severity(int(value))
        return f"{level.label}, {MEANINGS[level]}"
    return connections.get(value, f"connection {value}")


def total(wanted: Wanted, cells: list[Cell], page: Page[Any], *, mine: int, by: User) -> str:
    """How many the whole list has, where that is known without counting it."""
    if wanted.q or wanted.incident or wanted.sort == "value":
        return "" if page.older or page.newer else said(len(page))
    if wanted.show == "mine":
        return said(mine, capped=True) if not wanted.narrows else ""
    return said(counters.total(cells, lambda cell: wanted.fits(cell, by=by)))


def said(number: int, *, capped: bool = False) -> str:
    return f"{number - 1:,}+" if capped and number >= MOST_COUNTED else f"{number:,}"
