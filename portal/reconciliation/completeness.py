"""Every sale has its warehouse order and every warehouse order its sale: checked on the ledger, whatever the corridor believes (R33, R34, R43)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timesince import timesince

from connectors.canonical import HubState
from exceptions.cases import CaseEntry, NewCase, open_cases
from exceptions.ignoring import raised
from exceptions.models import CaseItem
from mappings.models import StoreMapping
from portal.connections.models import Connection, Integration
from portal.ledger.models import HubOrder, SalesOrder, Stage
from portal.reconciliation.running import Finding, Pair
from portal.sync import complaints
from portal.sync.confirm import order_with_number
from portal.sync.models import Cursor
from portal.sync.subjects import hub_order_subject, order_subject

UNACKNOWLEDGED, VANISHED, ORPHAN = "not in the warehouse", "gone from the warehouse", "without a sale"
BEFORE_HUB = (Stage.RECEIVED, Stage.QUEUED)  # held and blocked orders wait for a reason that has a case of its own
AT_HUB = (Stage.WITH_HUB, Stage.PART_SHIPPED)
WAITING = (*BEFORE_HUB, Stage.HELD, Stage.BLOCKED)
MOST = 500  # cases a run opens; the rest follows when these are worked off


def without_hub_order(orders: QuerySet[SalesOrder]) -> QuerySet[SalesOrder]:
    there = HubOrder.objects.filter(order=OuterRef("pk")).exclude(state=HubState.CANCELLED)
    return orders.filter(~Exists(there))


def unacknowledged(integration: Integration | None = None) -> QuerySet[SalesOrder]:
    """The delta: placed, and the warehouse has not acknowledged it (R34)."""
    orders = SalesOrder.objects.filter(stage__in=WAITING, integration__isnull=False)
    return without_hub_order(orders if integration is None else orders.filter(integration=integration))


def find_missing(pair: Pair, finding: Finding, at: datetime) -> None:
    """Orders older than the limit that the warehouse's own list does not show."""
    integration = pair.integration
    assert integration is not None
    limit = at - timedelta(minutes=integration.transfer_limit_min)
    mine = SalesOrder.objects.filter(integration=integration)
    finding.compared = mine.filter(stage__in=(*WAITING, *AT_HUB)).count()
    late = without_hub_order(mine.filter(stage__in=BEFORE_HUB, stage_at__lt=limit))
    finding.count(UNACKNOWLEDGED, late.count())
    open_cases([missing_case(order, integration, at=at) for order in unraised(late)])
    read_at = hub_read_at(integration.hub)
    if read_at is not None:
        vanished = without_hub_order(mine.filter(stage__in=AT_HUB, stage_at__lt=min(limit, read_at)))
        finding.count(VANISHED, vanished.count())
        open_cases(raised([vanished_case(order, integration, at=at) for order in unraised(vanished)]))
    finding.note = delta_sentence(integration, at=at)


def unraised(orders: QuerySet[SalesOrder]) -> list[SalesOrder]:
    """Those that nobody has on the desk yet."""
    found = list(orders.select_related("connection", "integration").order_by("placed_at")[:MOST])
    subjects = [order_subject(order) for order in found]
    raised = CaseItem.objects.filter(subject__in=subjects, cleared_at=None, case__is_open=True).values_list("subject", flat=True)
    there = set(raised)
    return [order for order in found if order_subject(order) not in there]


def hub_read_at(hub: Connection) -> datetime | None:
    """When the warehouse's own list of orders was last read."""
    feeds = [feed.name for feed in hub.vendor.feeds if feed.topic == "orders" and not feed.full]
    return Cursor.objects.filter(connection=hub, feed__in=feeds, done_at__isnull=False).order_by("-done_at").values_list("done_at", flat=True).first()


def delta_sentence(integration: Integration, *, at: datetime) -> str:
    waiting = unacknowledged(integration)
    oldest = waiting.order_by("placed_at").first()
    if oldest is None:
        return "Every order placed is acknowledged."
    return f"{waiting.count()} placed and not acknowledged, the oldest ({oldest.number}) for {timesince(oldest.placed_at, at, depth=1)}."


def missing_case(order: SalesOrder, integration: Integration, *, at: datetime) -> NewCase:
    """E05, under the name the expectation gives it: whoever sees it first, it is one case."""
    cause = f"Order {order.number} is not among the orders of {integration.hub}, though it should be there. {order.stage_note}".strip()
    evidence = {"stage": order.get_stage_display(), "since": order.stage_at.isoformat(), "found by": "the hourly comparison"}
    return NewCase("E05", order_subject(order), cause, at, [complaints.entry(order)], integration.hub, integration, evidence)


def vanished_case(order: SalesOrder, integration: Integration, *, at: datetime) -> NewCase:
    """E06: we were told it was there, and the warehouse's list does not have it."""
    cause = f"{integration.hub} took order {order.number}, and its list of orders does not show it. Nobody will ship it."
    return NewCase("E06", order_subject(order), cause, at, [complaints.entry(order)], integration.hub, integration)


def find_orphans(pair: Pair, finding: Finding, at: datetime) -> None:
    """Warehouse orders that carry our prefix, or stand in one of our stores, and belong to no sale."""
    integration = pair.integration
    assert integration is not None
    mine = of_ours(integration)
    finding.compared = mine.count()
    settled_by = at - timedelta(minutes=integration.transfer_limit_min)
    lonely = mine.filter(order=None, merged_into="", seen_at__lt=settled_by).exclude(state=HubState.CANCELLED)
    cases: list[NewCase] = []
    for hub_order in lonely.select_related("connection").order_by("pk").iterator(chunk_size=500):
        if link(hub_order):
            finding.corrected += 1
        else:
            finding.count(ORPHAN)
            cases += [orphan_case(hub_order, integration, at=at)] if len(cases) < MOST else []
    open_cases(raised(cases))


def of_ours(integration: Integration) -> QuerySet[HubOrder]:
    """The hub's orders that this integration could have made: by number where it has a prefix, else by store."""
    orders = HubOrder.objects.filter(connection=integration.hub_id)
    stores = list(StoreMapping.objects.filter(integration=integration).values_list("hub_code", flat=True))
    if integration.number_prefix:
        return orders.filter(Q(number__startswith=integration.number_prefix))
    return orders.filter(store_code__in=stores)


def link(hub_order: HubOrder) -> bool:
    """Tie it to its sale, if that is known by now."""
    order = order_with_number(hub_order.connection, hub_order.number)
    if order is None:
        return False
    HubOrder.objects.filter(pk=hub_order.pk).update(order=order)
    return True


def orphan_case(hub_order: HubOrder, integration: Integration, *, at: datetime) -> NewCase:
    where = integration.hub
    cause = f"{where} has order {hub_order.number}, and {integration.channel} knows no such sale. It may be shipped to nobody."
    units = sum(int(units) for _, units in hub_order.lines)
    entry = CaseEntry(hub_order_subject(hub_order), hub_order.number, hub_order.changed_at, units=units, keys=(hub_order.reference,))
    evidence = {"state there": hub_order.vendor_state or hub_order.state, "id there": hub_order.reference, "store": hub_order.store_code}
    return NewCase("E06", hub_order_subject(hub_order), cause, at, [entry], where, integration, evidence)
