"""Decides what each channel should show: truth less the buffer less what was sold and the hub does not know yet, applied once (R10-R13, D6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum

from connectors.canonical import CodeKind
from connectors.ports import Ability
from exceptions.cases import CaseEntry, open_case
from mappings import usage
from mappings.errors import UnmappedCode
from portal.connections.models import Connection, Integration
from portal.ledger.models import OrderLine, ReturnFlow, Stage, StockLevel, StockPublication
from portal.sync.codes import integrations_of, skus_to_channel, to_channel
from portal.sync.stock_buffers import BufferBook
from portal.sync.stock_publishing import Wanted, publish_all, want_all

NOT_IN_HUB = (Stage.RECEIVED, Stage.HELD, Stage.BLOCKED, Stage.QUEUED)


@dataclass
class Truth:
    """What one channel place may be told of one SKU: units free at the hub, and since when."""

    available: int = 0
    infinite: bool = False
    changed_at: datetime | None = None
    seen_at: datetime | None = None

    def add(self, level: StockLevel) -> None:
        self.available += level.available
        self.infinite = self.infinite or level.infinite
        self.changed_at = max(filter(None, (self.changed_at, level.changed_at)))
        self.seen_at = min(filter(None, (self.seen_at, level.seen_at)))


INFINITE_UNITS = 9999


def replan_stock(hub: Connection, skus: Iterable[str], *, at: datetime, moved_at: datetime | None = None) -> int:
    """Recompute what every channel of this hub should show for these hub SKUs; how many publications changed.

    `moved_at`: when something else than the hub's own level moved it (a sale, a buffer, a mapping); the delay counts from then (R25).
    """
    wanted = sorted(set(skus))
    running = [one for one in integrations_of(hub, running=True) if one.hub_id == hub.pk]
    return sum(replan_for(one, wanted, at=at, moved_at=moved_at) for one in running if Ability.PUBLISH_STOCK in one.channel.vendor.abilities)


def replan_for(integration: Integration, skus: list[str], *, at: datetime, moved_at: datetime | None = None) -> int:
    names = skus_to_channel(skus, integration, at)
    truths = truths_by_place(integration, [sku for sku in skus if sku in names], at=at)
    sold = unsent_units(integration.hub, [sku for sku, _ in truths], truths, at=at)
    free = free_units(truths, added(sold, unassessed_units(integration.hub, [sku for sku, _ in truths])))
    book = BufferBook.of(integration, at)
    wanted = [
        Wanted(
            names[sku].value,
            place,
            *level_of(truth, free[sku, place], book.units(sku)),
            truth_at=moved_at or truth.changed_at or at,
            buffer=book.row_for(sku),
        )
        for (sku, place), truth in truths.items()
    ]
    for sku in {sku for sku, _ in truths}:
        total = Truth(available=sum(truth.available for (one, _), truth in truths.items() if one == sku))
        if total.available < sold.get(sku, 0) and not any(truth.infinite for (one, _), truth in truths.items() if one == sku):
            complain_oversold(integration, sku, total, sold.get(sku, 0), at=at)
    return want_all(integration, wanted, at=at)


def level_of(truth: Truth, free: int, buffer: int) -> tuple[int, int]:
    """What to show, and what of it the buffer keeps back."""
    if truth.infinite:
        return INFINITE_UNITS, 0
    return max(0, free - buffer), max(0, min(buffer, free))


def free_units(truths: dict[tuple[str, str], Truth], sold: dict[str, int]) -> dict[tuple[str, str], int]:
    """Units free at each place: what was sold is taken off once, from the places that have it."""
    left = dict(sold)
    found = {}
    for (sku, place), truth in truths.items():
        taken = min(max(0, truth.available), left.get(sku, 0))
        left[sku] = left.get(sku, 0) - taken
        found[sku, place] = truth.available - taken
    return found


def truths_by_place(integration: Integration, skus: list[str], *, at: datetime) -> dict[tuple[str, str], Truth]:
    """(hub SKU, channel place) → truth; an unmapped warehouse is a case and never summed silently (R19, R20)."""
    levels = StockLevel.objects.filter(connection=integration.hub, sku__in=skus)
    if integration.warehouse_codes:
        levels = levels.filter(warehouse_code__in=integration.warehouse_codes)
    places: dict[str, str | None] = {}
    truths: dict[tuple[str, str], Truth] = defaultdict(Truth)
    for level in levels.order_by("sku", "warehouse_code"):
        if level.warehouse_code not in places:
            places[level.warehouse_code] = place_of(integration, level.warehouse_code, at=at)
        place = places[level.warehouse_code]
        if place is not None:
            truths[level.sku, place].add(level)
    return dict(truths)


def place_of(integration: Integration, warehouse_code: str, *, at: datetime) -> str | None:
    """The channel's place for a hub warehouse; None (and E24) when it is not mapped."""
    try:
        return to_channel(CodeKind.WAREHOUSE, warehouse_code, integration=integration, at=at).value
    except UnmappedCode as error:
        usage.seen(error, at=at)
        open_case(
            "E24",
            fingerprint=error.key,
            cause=f"{error} Until then its stock is not published.",
            items=[CaseEntry(subject=f"warehouse:{integration.pk}:{warehouse_code}", label=warehouse_code or "(no code)", at=at)],
            connection=integration.hub,
            integration=integration,
            evidence={"kind": "warehouse", "value": warehouse_code, "label": error.label, "direction": error.direction},
            waiting_for=error.key,
            at=at,
        )
        return None


def unsent_units(hub: Connection, skus: list[str], truths: dict[tuple[str, str], Truth], *, at: datetime) -> dict[str, int]:
    """Hub SKU → units sold on any channel of the hub that its level, as we last saw it, does not know of yet (R13)."""
    sold: dict[str, int] = defaultdict(int)
    seen = {sku: truth.seen_at for (sku, _), truth in truths.items()}
    for integration in integrations_of(hub, running=False):
        if integration.hub_id != hub.pk:
            continue
        channel_skus = {name.value: sku for sku, name in skus_to_channel(skus, integration, at).items()}
        lines = OrderLine.objects.filter(order__integration=integration, sku__in=channel_skus, is_extra=False)
        for row in lines.filter(order__stage__in=NOT_IN_HUB).values("sku").annotate(units=Sum(F("quantity") - F("cancelled"))):
            sold[channel_skus[row["sku"]]] += max(0, row["units"])
        fresh = lines.filter(order__stage=Stage.WITH_HUB, order__stage_at__gt=min(filter(None, seen.values()), default=at))
        for line in fresh.select_related("order").only("sku", "quantity", "cancelled", "order__stage_at"):
            sku = channel_skus[line.sku]
            observed = seen.get(sku)
            if observed is not None and line.order.stage_at > observed:
                sold[sku] += line.wanted
    return sold


def unassessed_units(hub: Connection, skus: list[str]) -> dict[str, int]:
    """Units that came back and that nobody has looked at: not for sale yet, though the warehouse may count them (R91)."""
    flows = ReturnFlow.objects.filter(Q(integration__hub=hub) | Q(connection=hub), hub_sku__in=skus, unassessed__gt=0).order_by()
    return {row["hub_sku"]: row["units"] for row in flows.values("hub_sku").annotate(units=Sum("unassessed"))}


def added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {sku: one.get(sku, 0) + other.get(sku, 0) for sku in {*one, *other}}


def publish(row: StockPublication, integration: Integration, *, at: datetime) -> None:
    """Queue the publication of one row's wanted level; a newer one overtakes it."""
    publish_all(integration, [row], at=at)


def complain_oversold(integration: Integration, sku: str, truth: Truth, sold: int, *, at: datetime) -> None:
    """E23: more was sold than there is; the orders that may not be fulfilled are its items."""
    lines = OrderLine.objects.filter(sku=sku, order__stage__in=NOT_IN_HUB, order__connection=integration.channel).select_related("order")
    newest = lines.order_by("-order__placed_at")[:50]
    items = [
        CaseEntry(subject=f"order:{line.order_id}", label=line.order.number, value=line.total, currency=line.order.currency, at=line.order.placed_at)
        for line in newest
    ] or [CaseEntry(subject=f"sku:{integration.hub_id}:{sku}", label=sku, at=at)]
    short = sold - truth.available
    open_case(
        "E23",
        fingerprint=f"oversold:{integration.hub_id}:{sku}",
        cause=f"{sku} is oversold by {short}: {integration.hub} has {truth.available} free, and {sold} are on orders it does not have yet.",
        items=items,
        connection=integration.hub,
        integration=integration,
        evidence={"sku": sku, "available": truth.available, "sold and not yet with the warehouse": sold},
        at=at,
    )
