"""What a run is about: orders to export or shipments to tell, by date, order number or keyword, or picked one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from connectors.canonical import OrderState
from portal.connections.models import Integration
from portal.ledger.models import SalesOrder, Shipment, Stage
from portal.sync.plan_orders import reason_to_ignore
from portal.sync.profiles import dispatches_of
from portal.sync.run_models import Process

PENDING = (Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED)
SENDABLE = (*PENDING, Stage.IGNORED)
OVER = (OrderState.SHIPPED, OrderState.COMPLETE, OrderState.CANCELLED, OrderState.REFUSED)
JUDGED = 2000  # orders a dry run looks at one by one; beyond it only their number is told
SAMPLE = 10


@dataclass(frozen=True)
class Criteria:
    """What a person asked for. Days are days in the integration's zone, both included."""

    start: date | None = None
    end: date | None = None
    search: str = ""
    picked: tuple[int, ...] = ()
    read: bool = False

    def stored(self) -> dict[str, Any]:
        return {
            "from": self.start.isoformat() if self.start else "",
            "to": self.end.isoformat() if self.end else "",
            "search": self.search,
            "picked": list(self.picked),
            "read": self.read,
        }

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Criteria:
        start, end = (date.fromisoformat(stored[name]) if stored.get(name) else None for name in ("from", "to"))
        return cls(start, end, stored.get("search", ""), tuple(stored.get("picked", ())), bool(stored.get("read")))

    def spoken(self) -> str:
        """“placed 1 Mar 2026 to 3 Mar 2026, “1001”” for the log."""
        days = [f"{word} {day.day} {day:%b %Y}" for word, day in (("from", self.start), ("to", self.end)) if day]
        words = [" ".join(days)] if days else []
        words += [f"“{self.search}”"] if self.search else []
        words += [f"{len(self.picked)} picked"] if self.picked else []
        return ", ".join(words)


@dataclass
class DryRun:
    """What would happen: how many fit, how many would go, and why the others would not."""

    fits: int = 0
    goes: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    sample: list[str] = field(default_factory=list)
    judged_all: bool = True

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why orders are left out, the commonest first."""
        return self.left_out.most_common()


def days(criteria: Criteria, integration: Integration, column: str) -> Q:
    zone, wanted = ZoneInfo(integration.time_zone), Q()
    if criteria.start:
        wanted &= Q(**{f"{column}__gte": datetime.combine(criteria.start, time(0), tzinfo=zone)})
    if criteria.end:
        wanted &= Q(**{f"{column}__lt": datetime.combine(criteria.end + timedelta(days=1), time(0), tzinfo=zone)})
    return wanted


def words(search: str, prefix: str = "") -> Q:
    """An order number (its beginning or its end), a SKU, a store, a delivery method, or the customer's e-mail or reference."""
    text = search.strip()
    if not text:
        return Q()
    key = text.upper()
    asked = {
        "number_key__startswith": key,
        "number_reversed__startswith": key[::-1],
        **dict.fromkeys(("reference", "email__iexact", "customer_reference__iexact", "store_code", "ship_service_code", "lines__sku"), text),
    }
    return Q(*((f"{prefix}{name}", value) for name, value in asked.items()), _connector=Q.OR)


def orders(integration: Integration, criteria: Criteria) -> QuerySet[SalesOrder]:
    """Orders that are not in the warehouse yet and could go there; those the channel has ended are never among them."""
    ours = SalesOrder.objects.filter(Q(integration=integration) | Q(integration=None), connection=integration.channel_id, stage__in=SENDABLE)
    if integration.store_codes:
        ours = ours.filter(store_code__in=integration.store_codes)
    if criteria.picked:
        ours = ours.filter(pk__in=criteria.picked)
    chosen = ours.filter(days(criteria, integration, "placed_at"), words(criteria.search)).exclude(state__in=OVER)
    return SalesOrder.objects.filter(pk__in=chosen.values("pk")).order_by("placed_at", "pk")


def shipments(integration: Integration, criteria: Criteria) -> QuerySet[Shipment]:
    """Dispatches the channel does not show yet."""
    ours = Shipment.objects.filter(dispatches_of(integration), cancelled_at=None, shown_at=None)
    if criteria.picked:
        ours = ours.filter(pk__in=criteria.picked)
    chosen = ours.filter(days(criteria, integration, "shipped_at"), words(criteria.search, "order__"))
    return Shipment.objects.filter(pk__in=chosen.values("pk")).order_by("shipped_at", "pk")


def subjects(integration: Integration, process: str, criteria: Criteria) -> Iterable[str]:
    if process == Process.EXPORT:
        return (f"order:{pk}" for pk in orders(integration, criteria).values_list("pk", flat=True).iterator())
    return (f"shipment:{pk}" for pk in shipments(integration, criteria).values_list("pk", flat=True).iterator())


def dry_run(integration: Integration, process: str, criteria: Criteria) -> DryRun:
    """Look, and change nothing."""
    if process == Process.FETCH:
        found = shipments(integration, criteria).select_related("order")
        number = found.count()
        return DryRun(number, number, sample=[f"{one.order} ({one.reference})" for one in found[:SAMPLE]])
    chosen = orders(integration, criteria)
    told = DryRun(fits=chosen.count())
    told.judged_all = told.fits <= JUDGED
    for order in chosen.prefetch_related("lines")[:JUDGED]:
        why = reason_to_ignore(order, integration, by_hand=True)
        told.left_out.update([why] if why else [])
        told.goes += not why
        if not why and len(told.sample) < SAMPLE:
            told.sample.append(order.number)
    if not told.judged_all:
        told.goes += told.fits - JUDGED
    return told
