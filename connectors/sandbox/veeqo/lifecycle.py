"""The status of an order, which nobody writes: it follows from payment, allocations and shipments."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

from connectors.sandbox.veeqo.models import Order
from connectors.sandbox.veeqo.store import State

CANCELLED = "cancelled"
STATUSES = ("awaiting_payment", "awaiting_stock", "awaiting_fulfillment", "shipped", "on_hold", CANCELLED, "refunded")


def needed(order: Order) -> Counter[int]:
    """Units of each variant that the order still asks for, shipped ones included."""
    wanted: Counter[int] = Counter()
    for line in order.lines:
        wanted[line.sellable_id] += line.needed
    return wanted


def allocated(order: Order, *, shipped_only: bool = False) -> Counter[int]:
    units: Counter[int] = Counter()
    for allocation in order.allocations:
        if shipped_only and allocation.shipment is None:
            continue
        for line in allocation.lines:
            units[line.sellable_id] += line.quantity
    return units


def unallocated(order: Order) -> Counter[int]:
    """Units of each variant without a warehouse; only positive counts."""
    return needed(order) - allocated(order)


def derive(order: Order, *, merged_away: str) -> str:
    """The vendor's status machine: the order reads as its least advanced part."""
    if order.cancelled_at or (order.merged_to_id and merged_away == CANCELLED):
        return CANCELLED
    wanted = needed(order)
    if order.refunded or (order.lines and not +wanted):
        return "refunded"
    if order.on_hold:
        return "on_hold"
    if order.payment is None:
        return "awaiting_payment"
    if not wanted - allocated(order, shipped_only=True):
        return "shipped"
    return "awaiting_stock" if wanted - allocated(order) else "awaiting_fulfillment"


def changed(state: State, order: Order, *, at: datetime, change: str) -> None:
    """Recompute the order's status and put it where the indexes expect it. To be called after every change."""
    status = derive(order, merged_away=state.settings.merged_away)
    if status != order.status:
        state.by_status[order.status].discard(order.id)
        state.by_status[status].add(order.id)
        order.status = status
        order.shipped_at = at if status == "shipped" else order.shipped_at if status == "refunded" else None
    short = unallocated(order) if status != CANCELLED and not order.merged_to_id else Counter()
    for sellable_id in {line.sellable_id for line in order.lines}:
        if short[sellable_id] > 0:
            state.waiting[sellable_id].add(order.id)
        elif sellable_id in state.waiting:
            state.waiting[sellable_id].discard(order.id)
    state.touch_order(order, at=at, change=change)


def totals(order: Order) -> dict[str, Decimal]:
    """Prices are net: subtotal less discounts, plus delivery, plus tax, as the vendor's own sample adds up."""
    zero = Decimal(0)
    order_discount = order.given.get("additional_order_level_taxless_discount", zero)
    net = [line.quantity * (line.price - line.discount) for line in order.lines]
    tax = sum((amount * line.tax_rate for amount, line in zip(net, order.lines, strict=True)), zero)
    discounts = sum((line.quantity * line.discount for line in order.lines), zero) + order_discount
    subtotal = sum(net, zero) - order_discount
    found = {
        "subtotal_price": subtotal,
        "total_discounts": order.given.get("total_discounts", discounts),
        "total_tax": order.given.get("total_tax", tax),
        "delivery_cost": order.given.get("delivery_cost", zero),
        "additional_order_level_taxless_discount": order_discount,
    }
    return found | {"total_price": subtotal + found["delivery_cost"] + found["total_tax"]}
