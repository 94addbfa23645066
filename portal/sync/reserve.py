"""Whether there is stock for a marketplace order before we promise it: free units less what was promised before (D2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q, Sum

from connectors.canonical import OrderState
from portal.connections.models import Integration
from portal.ledger.models import OrderLine, SalesOrder, StockLevel
from portal.sync.codes import skus_to_channel, skus_to_hub
from portal.sync.models import OutboundMessage, State
from portal.sync.stock import NOT_IN_HUB, Truth, unsent_units

PROMISED = (State.SENT, State.CONFIRMED)


def short_of(order: SalesOrder, integration: Integration, *, at: datetime) -> str:
    """Which SKU there is too little of, as a sentence; "" when all are there, or when the warehouse never told of them.

    An order the warehouse has holds its units there already.
    """
    if order.sent_snapshot is not None:
        return ""
    wanted = wanted_units(order, integration, at=at)
    truths = truths_of(integration, wanted)
    sold = unsent_units(integration.hub, list(truths), {(sku, ""): truth for sku, truth in truths.items()}, at=at)
    scarce = [sku for sku, truth in truths.items() if not truth.infinite and truth.available < sold.get(sku, 0)]
    undecided = undecided_units(integration, scarce, besides=order, at=at) if scarce else {}  # where all that was sold is there, nobody is short
    for sku in scarce:
        free = truths[sku].available - (sold.get(sku, 0) - undecided.get(sku, 0) - wanted[sku])
        if free < wanted[sku]:
            return f"There are {max(0, free)} of {sku} free and the order wants {wanted[sku]}."
    return ""


def wanted_units(order: SalesOrder, integration: Integration, *, at: datetime) -> dict[str, int]:
    """Hub SKU → units of the order."""
    lines = [(str(order.corrections.get(f"line.{line.reference}.sku") or line.sku), line.wanted) for line in order.lines.all() if not line.is_extra]
    known = skus_to_hub([sku for sku, _ in lines], integration, at)
    found: dict[str, int] = defaultdict(int)
    for sku, units in lines:
        if sku in known:
            found[known[sku].value] += units
    return dict(found)


def truths_of(integration: Integration, skus: Iterable[str]) -> dict[str, Truth]:
    """What the hub has free of each SKU in the warehouses that take part; SKUs it never told of are left out."""
    levels = StockLevel.objects.filter(connection=integration.hub, sku__in=list(skus))
    if integration.warehouse_codes:
        levels = levels.filter(warehouse_code__in=integration.warehouse_codes)
    truths: dict[str, Truth] = defaultdict(Truth)
    for level in levels:
        truths[level.sku].add(level)
    return dict(truths)


def undecided_units(integration: Integration, skus: list[str], *, besides: SalesOrder, at: datetime) -> dict[str, int]:
    """Units of other orders that nobody has promised yet. Of those being decided at this moment, the older ones count as promised."""
    mine = OutboundMessage.objects.filter(kind="decide_order", subject=f"order:{besides.pk}").values_list("pk", flat=True).first()
    promised = Q(state__in=PROMISED) | Q(state=State.IN_FLIGHT, pk__lt=mine or 2**62)
    waiting = {"kind": "decide_order", "order__state": OrderState.WAITING_ACCEPTANCE, "order__integration__hub": integration.hub}
    left_out = {besides.pk, *OutboundMessage.objects.filter(promised, **waiting).values_list("order_id", flat=True)}
    found: dict[str, int] = defaultdict(int)
    for one in Integration.objects.present().select_related("channel", "hub").filter(hub=integration.hub):
        names = {name.value: sku for sku, name in skus_to_channel(skus, one, at).items()}
        lines = OrderLine.objects.filter(order__integration=one, sku__in=names, is_extra=False, order__stage__in=NOT_IN_HUB)
        undecided = lines.filter(order__state=OrderState.WAITING_ACCEPTANCE).exclude(order__in=left_out)
        for row in undecided.values("sku").annotate(units=Sum(F("quantity") - F("cancelled"))):
            found[names[row["sku"]]] += max(0, row["units"])
    return dict(found)
