"""Seller health: how we stand with each marketplace operator today, and where today's open cases would take us (A18).

Rates are percentages of orders placed in the operator's own period, counted from the ledger. What may still happen is taken from
orders that stand in an open case and whose deadline falls within a day: if nobody acts, they count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, DateTimeField, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from connectors.canonical import OrderState
from connectors.ports import Ability
from exceptions.models import CaseItem, ExceptionCase
from portal.connections.models import Connection
from portal.connections.operators import OperatorProfile, profile_of
from portal.ledger.models import Refund, SalesOrder, Shipment
from portal.sync.subjects import order_subject

AHEAD = timedelta(days=1)
CASES_SHOWN = 8
UNDECIDED = (OrderState.WAITING_ACCEPTANCE, OrderState.UNKNOWN)
DEAD = (OrderState.REFUSED, OrderState.CANCELLED)
# rate → (name, short name, what is counted, of which orders)
RATES = {
    "refusal": ("Refused orders", "refused", "refused by us, or by the operator because nobody answered in time", "answered"),
    "late_acceptance": ("Not answered in time", "not answered", "refused by the operator when its window was over", "answered"),
    "late_shipment": ("Shipped late", "shipped late", "the operator was told of the dispatch after the shipping deadline", "shipped"),
    "unshipped": ("Not shipped yet", "not shipped", "past the shipping deadline, and the operator knows of no dispatch", "accepted"),
    "incident": ("Incidents", "incidents", "the customer has opened an incident", "accepted"),
    "stock_refund": ("Refunded for lack of stock", "no stock", "refunded with a reason that names the stock", "accepted"),
}
AT_STAKE = {"refusal": "waiting", "late_acceptance": "waiting", "unshipped": "to_ship"}  # rate → the orders that would add to it
VERBS = {"waiting": "accepted", "to_ship": "shipped"}


@dataclass(frozen=True)
class Stake:
    """Orders in open cases whose deadline comes: how many, between when and when, and the cases to work on."""

    orders: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    cases: Sequence[ExceptionCase] = ()


@dataclass(frozen=True)
class Rate:
    """One rate of one operator. `projected` is what it becomes if nobody touches the stake."""

    slug: str
    count: int
    of: int
    limit: Decimal | None = None
    stake: Stake = field(default_factory=Stake)

    @property
    def name(self) -> str:
        return RATES[self.slug][0]

    @property
    def short(self) -> str:
        return RATES[self.slug][1]

    @property
    def meaning(self) -> str:
        return f"{RATES[self.slug][2]}, of all orders {RATES[self.slug][3]}"

    @property
    def percent(self) -> Decimal:
        return percent(self.count, self.of)

    @property
    def projected(self) -> Decimal:
        of = self.of if AT_STAKE.get(self.slug) == "to_ship" else self.of + self.stake.orders
        return percent(self.count + self.stake.orders, of)

    @property
    def percent_said(self) -> str:
        return f"{shown(self.percent)} %"

    @property
    def projected_said(self) -> str:
        return f"{shown(self.projected)} %"

    @property
    def limit_said(self) -> str:
        return f"{shown(self.limit)} %" if self.limit is not None else "–"

    @property
    def tone(self) -> str:
        if self.limit is None:
            return "total"
        return "bad" if self.percent > self.limit else "wait" if self.projected > self.limit else "good"

    @property
    def word(self) -> str:
        return {"bad": "over the limit", "wait": "will pass the limit", "good": "within the limit"}.get(self.tone, "no limit entered")

    @property
    def warning(self) -> str:
        """“If these 14 orders are not accepted by 16:00, refused orders will be 2.3 % against the limit of 2 %.”"""
        if not self.stake.orders:
            return ""
        which = "this order is" if self.stake.orders == 1 else f"these {self.stake.orders} orders are"
        limit = f" against the limit of {shown(self.limit)} %" if self.limit is not None else ""
        verb, name = VERBS[AT_STAKE[self.slug]], f"the rate “{self.name.lower()}”"
        return f"If {which} not {verb} {self.by}, {name} will be {shown(self.projected)} %{limit}."

    @property
    def by(self) -> str:
        first, last = clock(self.stake.first_at), clock(self.stake.last_at)
        return f"by {last}" if first == last else f"in time (the first by {first}, the last by {last})"


@dataclass(frozen=True)
class Seller:
    """Our standing with one operator."""

    connection: Connection
    profile: OperatorProfile
    since: datetime
    rates: list[Rate]

    @property
    def orders(self) -> int:
        return max(rate.of for rate in self.rates)

    @property
    def tone(self) -> str:
        tones = {rate.tone for rate in self.rates}
        return next((tone for tone in ("bad", "wait", "good") if tone in tones), "total")

    @property
    def alarms(self) -> list[tuple[Stake, list[Rate]]]:
        """What is at stake, each with the rates it would add to, those that have a limit first."""
        stakes = {AT_STAKE[rate.slug]: rate.stake for rate in self.rates if rate.stake.orders}
        touched = {name: [rate for rate in self.rates if AT_STAKE.get(rate.slug) == name] for name in stakes}
        return [(stake, sorted(touched[name], key=lambda rate: rate.limit is None)) for name, stake in stakes.items()]

    @property
    def has_limits(self) -> bool:
        return bool(self.profile.limits)


def percent(count: int, of: int) -> Decimal:
    """A share in percent, to a hundredth; 0 of nothing is 0."""
    return (Decimal(100) * count / of).quantize(Decimal("0.01")) if of else Decimal(0)


def shown(value: Decimal | None) -> str:
    """2, 2.3 or 2.35: never more digits than it has."""
    return f"{value.normalize():f}" if value is not None else ""


def clock(at: datetime | None) -> str:
    """16:00 today, else with the day, in the reader's zone."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localdate()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%a %H:%M}"


def operators() -> list[Connection]:
    """Accounts at marketplaces that ask for a decision on every order."""
    return [one for one in Connection.objects.present() if Ability.DECIDE_ORDER in one.vendor.abilities]


def sellers(at: datetime) -> list[Seller]:
    """Our standing everywhere, the troubled ones first."""
    order = ("bad", "wait", "good", "total")
    return sorted((standing(one, at=at) for one in operators()), key=lambda one: (order.index(one.tone), one.connection.name))


def standing(connection: Connection, *, at: datetime) -> Seller:
    profile = profile_of(connection)
    since = at - timedelta(days=profile.period_days)
    counts = counted(connection, since=since, at=at)
    stakes = {"waiting": stake(waiting(connection, at=at), by="accept_by"), "to_ship": stake(to_ship(connection, at=at), by="ship_by")}
    rates = [
        Rate(slug, counts[slug], counts[RATES[slug][3]], profile.limits.get(slug), stakes.get(AT_STAKE.get(slug, ""), Stake())) for slug in RATES
    ]
    return Seller(connection, profile, since, rates)


def counted(connection: Connection, *, since: datetime, at: datetime) -> dict[str, int]:
    """All counts of the period, in one query. An order counts as shipped when the operator was told of it."""
    told = Shipment.objects.filter(order=OuterRef("pk"), cancelled_at=None, shown_at__isnull=False).order_by().values("order")
    no_stock = Refund.objects.filter(order=OuterRef("pk"), reason__icontains="stock")
    orders = SalesOrder.objects.filter(connection=connection, placed_at__gte=since, placed_at__lte=at).order_by()
    told_at = Subquery(told.annotate(first=Min("shown_at")).values("first"), output_field=DateTimeField())
    orders = orders.annotate(told_at=told_at, had_no_stock=Exists(no_stock))
    answered, accepted = ~Q(state__in=UNDECIDED), ~Q(state__in=[*UNDECIDED, *DEAD])
    return orders.aggregate(
        answered=Count("pk", filter=answered),
        accepted=Count("pk", filter=accepted),
        shipped=Count("pk", filter=Q(told_at__isnull=False)),
        refusal=Count("pk", filter=Q(state=OrderState.REFUSED)),
        late_acceptance=Count("pk", filter=Q(state=OrderState.REFUSED, extra__auto_refused="true")),
        late_shipment=Count("pk", filter=Q(told_at__gt=F("ship_by"))),
        unshipped=Count("pk", filter=accepted & ~Q(state__in=[OrderState.SHIPPED, OrderState.COMPLETE]) & Q(told_at=None, ship_by__lt=at)),
        incident=Count("pk", filter=accepted & Q(extra__has_incident="true")),
        stock_refund=Count("pk", filter=accepted & Q(had_no_stock=True)),
    )


def waiting(connection: Connection, *, at: datetime) -> QuerySet[SalesOrder]:
    """Orders whose window for acceptance ends within a day."""
    return SalesOrder.objects.filter(
        connection=connection, state=OrderState.WAITING_ACCEPTANCE, accept_by__isnull=False, accept_by__lte=at + AHEAD
    ).order_by("accept_by")


def to_ship(connection: Connection, *, at: datetime) -> QuerySet[SalesOrder]:
    """Accepted orders whose shipping deadline comes within a day, of whose dispatch the operator knows nothing."""
    told = Shipment.objects.filter(order=OuterRef("pk"), cancelled_at=None, shown_at__isnull=False)
    rows = SalesOrder.objects.filter(connection=connection, state=OrderState.OPEN, ship_by__gt=at, ship_by__lte=at + AHEAD)
    return rows.exclude(Exists(told)).order_by("ship_by")


def stake(orders: QuerySet[SalesOrder], *, by: str) -> Stake:
    """Those of the orders that stand in an open case."""
    found = {order_subject(order): getattr(order, by) for order in orders.only("pk", by)}
    items = CaseItem.objects.filter(subject__in=found, cleared_at=None, case__is_open=True).values_list("subject", "case_id")
    held = list(items)
    due = sorted(found[subject] for subject in {subject for subject, _ in held})
    cases = ExceptionCase.objects.filter(pk__in={case for _, case in held}).order_by("due_at", "pk")
    return Stake(len(due), due[0], due[-1], tuple(cases[:CASES_SHOWN])) if due else Stake()
