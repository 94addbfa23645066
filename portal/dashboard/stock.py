"""SKUs that need a look: oversold, shown wrongly, late, or stranded; and a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Min, Q, QuerySet
from django.urls import reverse

from exceptions.models import ExceptionCase
from portal.connections.models import Integration
from portal.ledger.models import StockLevel, StockPublication
from portal.ui.paging import Page, page_of

OVERSOLD, DIFFERS, LATE, STRANDED = "oversold", "differs", "late", "stranded"
COUNT_TO = 1000  # beyond it the exact number helps nobody
DEFAULT_WINDOW = timedelta(minutes=30)


@dataclass(frozen=True)
class Tab:
    """One reason to look. `order`: the oldest trouble first."""

    name: str
    label: str
    meaning: str
    order: tuple[str, str]
    rows: Callable[[datetime], QuerySet[StockPublication]]


def _present() -> QuerySet[StockPublication]:
    return StockPublication.objects.select_related("connection", "integration")


def window() -> timedelta:
    """How long a channel may take to show a level: the strictest integration's word."""
    least = Integration.objects.running().aggregate(least=Min("stock_window_min"))["least"]
    return timedelta(minutes=least) if least else DEFAULT_WINDOW


def differs(at: datetime) -> QuerySet[StockPublication]:
    return _present().filter(differs_since__isnull=False)


def late(at: datetime) -> QuerySet[StockPublication]:
    return _present().filter(~Q(confirmed=F("wanted")), truth_changed_at__lt=at - window(), unknown_since=None)


def stranded(at: datetime) -> QuerySet[StockPublication]:
    return _present().filter(unknown_since__isnull=False, wanted__gt=0)


TABS = (
    Tab(DIFFERS, "Shown wrongly", "The channel was seen to show something else than it should.", ("differs_since", "id"), differs),
    Tab(LATE, "Late", "The channel has not confirmed the newest level in the time it may take.", ("truth_changed_at", "id"), late),
    Tab(STRANDED, "Not sellable", "The channel does not know the SKU, so its units cannot be sold there.", ("unknown_since", "id"), stranded),
)


@dataclass(frozen=True)
class Oversold:
    """A SKU of which more was sold than there is: an open case."""

    case: ExceptionCase

    @property
    def sku(self) -> str:
        return str(self.case.evidence.get("sku") or self.case.fingerprint.rpartition(":")[2])

    @property
    def url(self) -> str:
        return reverse("dashboard:stock_item", args=[self.sku])


def oversold() -> list[Oversold]:
    """All that are open: each is a customer who may get nothing."""
    return [Oversold(case) for case in ExceptionCase.objects.filter(is_open=True, kind="E23").order_by("due_at", "pk")[:COUNT_TO]]


@dataclass(frozen=True)
class Count:
    """How many, exact up to COUNT_TO."""

    number: int

    def __str__(self) -> str:
        return f"{COUNT_TO:,}+" if self.number > COUNT_TO else f"{self.number:,}"


def counts(at: datetime) -> dict[str, Count]:
    return {tab.name: Count(tab.rows(at).order_by().values("pk")[: COUNT_TO + 1].count()) for tab in TABS}


def page(tab: Tab, at: datetime, *, cursor: str) -> Page[StockPublication]:
    found: Page[StockPublication] = page_of(tab.rows(at), order=tab.order, cursor=cursor)
    return found


def since(tab: Tab, row: StockPublication) -> datetime:
    """Since when this row is in trouble."""
    moment: datetime = getattr(row, tab.order[0])
    return moment


@dataclass(frozen=True)
class Known:
    """A SKU the search found, with what its hubs hold."""

    sku: str
    available: int
    places: int


def known(skus: list[str]) -> list[Known]:
    """The levels of the searched SKUs, in the hubs."""
    totals = {sku: Known(sku, 0, 0) for sku in skus}
    for level in StockLevel.objects.filter(sku__in=skus, connection__hub_integrations__isnull=False).distinct():
        before = totals[level.sku]
        totals[level.sku] = Known(level.sku, before.available + level.available, before.places + 1)
    return list(totals.values())
