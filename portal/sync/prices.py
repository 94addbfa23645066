"""Whether the prices on an order are those the warehouse expects, looked at before anything is sent (R46)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from connectors.canonical import WarehouseOrder
from connectors.errors import Rejected
from exceptions.cases import open_case
from exceptions.models import ExceptionCase
from exceptions.proof import Proof, register
from portal.connections.models import Connection, Integration
from portal.ledger.models import CatalogueItem, OrderLine, SalesOrder
from portal.sync import complaints
from portal.sync.case_actions.held_up import order_ids
from portal.sync.codes import skus_to_hub
from portal.sync.models import OutboundMessage, State
from portal.sync.net_prices import net
from portal.sync.release import release
from portal.sync.subjects import order_subject

UNSENT = (State.PARKED, State.QUEUED, State.IN_FLIGHT)
HALF_A_CENT = Decimal("0.005")  # what rounding a net price may cost
CENT = Decimal("0.01")


@dataclass(frozen=True)
class PriceGap:
    """One SKU whose price on the order is not the one the warehouse has for its item; net, for one unit."""

    sku: str
    hub_sku: str
    ordered: Decimal
    expected: Decimal
    currency: str

    def sentence(self, integration: Integration) -> str:
        prices = f"{self.ordered.quantize(CENT)} {self.currency} in {integration.channel}, {self.expected.quantize(CENT)} in {integration.hub}"
        return f"{self.sku} costs {prices}."

    def as_evidence(self) -> dict[str, str]:
        return {"SKU": self.sku, "item": self.hub_sku, "on the order": f"{self.ordered:f}", "in the warehouse": f"{self.expected:f}"}


@dataclass
class PricesDiffer(Rejected):
    """The warehouse would refuse the order when it is picked and packed, so nothing was sent."""

    gaps: tuple[PriceGap, ...] = ()


def price_key(integration: Integration, hub_sku: str) -> str:
    """What an order waits for: another price of this item."""
    return f"price:{integration.pk}:{hub_sku}"


def check_prices(order: SalesOrder, sent: WarehouseOrder, *, integration: Integration) -> None:
    """PricesDiffer where a line's price is further from the item's than the integration allows."""
    found = gaps(order, {line.channel_line: line.sku for line in sent.lines}, integration=integration)
    if found:
        sentence = f"{found[0].sentence(integration)} {integration.hub} would refuse the order at packing, so it was not sent."
        raise PricesDiffer(sentence, code="price", fields=tuple(gap.sku for gap in found), gaps=found)


def gaps(order: SalesOrder, items: Mapping[str, str], *, integration: Integration) -> tuple[PriceGap, ...]:
    """`items`: order line → the hub's item. None where prices are not compared, or the hub tells none in the order's currency."""
    if integration.price_tolerance is None:
        return ()
    told = prices_at(integration.hub, set(items.values()), currency=order.currency)
    known = [(line, items[line.reference]) for line in order.lines.all() if items.get(line.reference) in told]
    every = [PriceGap(line.sku, item, unit_price(line), told[item], order.currency) for line, item in known]
    return tuple(gap for gap in every if abs(gap.ordered - gap.expected) > gap.expected * integration.price_tolerance / 100 + HALF_A_CENT)


def prices_at(hub: Connection, skus: Iterable[str], *, currency: str) -> dict[str, Decimal]:
    items = CatalogueItem.objects.filter(connection=hub, gone_at=None, sku__in=list(skus), price__isnull=False, currency__in=("", currency))
    return {item.sku: item.price for item in items if item.price is not None}


def unit_price(line: OrderLine) -> Decimal:
    """Net, before discounts: a discount is no wrong price."""
    each = line.list_price if line.list_price is not None else line.total / (line.quantity or 1)
    return net(each, line.tax_rate, included=line.tax_included)


def differing_now(order: SalesOrder, *, at: datetime) -> tuple[PriceGap, ...]:
    """The gaps as both catalogues stand."""
    if order.integration is None:
        return ()
    lines = [line for line in order.lines.all() if line.wanted and not line.is_extra]
    asked = {line.reference: str(order.corrections.get(f"line.{line.reference}.sku") or line.sku) for line in lines}
    known = skus_to_hub(asked.values(), order.integration, at)
    return gaps(order, {reference: known[sku].value for reference, sku in asked.items() if sku in known}, integration=order.integration)


def complain(message: OutboundMessage, error: PricesDiffer, *, at: datetime) -> ExceptionCase:
    """E10: one case for one item and price, however many orders wait behind it."""
    first, integration = error.gaps[0], message.integration
    assert integration is not None and message.order is not None
    return open_case(
        "E10",
        fingerprint=f"{price_key(integration, first.hub_sku)}:{first.ordered:f}",
        cause=error.sentence,
        items=[complaints.entry(message.order)],
        connection=integration.hub,
        integration=integration,
        evidence={"prices": [gap.as_evidence() for gap in error.gaps]},
        waiting_for=price_key(integration, first.hub_sku),
        at=at,
    )


@register("E10")
def prices_agree(case: ExceptionCase) -> Proof | None:
    """No price of the order differs any more, or nothing of it is left to send."""
    orders = (
        SalesOrder.objects.select_related("connection", "integration", "integration__hub").prefetch_related("lines").filter(pk__in=order_ids(case))
    )
    unsent = OutboundMessage.objects.filter(order__in=orders, kind="create_order", state__in=UNSENT)
    waiting = set(unsent.values_list("order_id", flat=True))
    done = [order_subject(order) for order in orders if order.pk not in waiting or not differing_now(order, at=timezone.now())]
    return Proof({"prices": "agree, or nothing is left to send"}, tuple(done)) if done else None


def price_seen(item: CatalogueItem, integrations: Iterable[Integration], *, at: datetime) -> None:
    """The warehouse's catalogue says something new of an item: what waited for its price is looked at again."""
    release([price_key(one, item.sku) for one in integrations if one.hub_id == item.connection_id], at=at)


def tolerance_changed(integration: Integration, *, at: datetime) -> None:
    """Other prices may pass now."""
    waiting = OutboundMessage.objects.filter(integration=integration, state=State.PARKED, waiting_for__startswith=price_key(integration, ""))
    release(set(waiting.values_list("waiting_for", flat=True)), at=at)
