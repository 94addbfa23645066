"""What happened to a shop, counted as nobody can ask the vendor for free."""

from __future__ import annotations

from collections import Counter

from connectors.sandbox.mirakl.answers import number
from connectors.sandbox.mirakl.models import Json, Order
from connectors.sandbox.mirakl.store import Shop

NO_CARRIER = "(none)"
SENT = ("SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED")


def summary(mine: Shop) -> Json:
    orders = list(mine.orders.values())
    return {
        "orders": len(orders),
        "by_state": {name: len(ids) for name, ids in mine.by_state.items() if len(ids)},
        "auto_refused": sorted(order.id for order in orders if order.state == "REFUSED" and order.decided_at is None),
        "accepted_twice": sorted(order.id for order in orders if order.decided_at is not None and order.accepted > 1),
        "shipped_twice": sorted(order.id for order in orders if order.ship_calls > 1),
        "carriers": carriers(mine, orders),
        "refunds": refunds(orders),
        "refunded_twice": refunded_too_much(orders),
        "returns": Counter(each["state"] for each in mine.returns.values()),
        "shipments": Counter(each.status for each in mine.shipments.values()),
        "offers": len(mine.offers),
        "imports": len(mine.imports) + len(mine.stock_imports),
        "import_errors": sum(len(job.failures) for job in (*mine.imports.values(), *mine.stock_imports.values())),
        "balances": {name: number(amount) for name, amount in mine.balances.items()},
    }


def carriers(mine: Shop, orders: list[Order]) -> dict[str, int]:
    """Parcels by the carrier they left with: its code, or the name of an unregistered one."""
    found: Counter[str] = Counter()
    for order in orders:
        for id in order.shipment_ids:
            if mine.shipments[id].status in SENT:
                found[word(mine.shipments[id].carrier)] += 1
        if order.state in SENT and not order.shipment_ids:
            found[word(order.carrier)] += 1
    return dict(found)


def word(carrier: Json) -> str:
    return str(carrier.get("carrier_code") or carrier.get("carrier_name") or NO_CARRIER)


def refunds(orders: list[Order]) -> dict[str, Json]:
    """By order line: how many, and how much in all."""
    lines = [line for order in orders for line in order.lines if line.refunds]
    return {
        line.id: {"count": len(line.refunds), "amount": number(sum(each.amount + each.shipping_amount for each in line.refunds))} for line in lines
    }


def refunded_too_much(orders: list[Order]) -> list[str]:
    """Lines with several refunds that together exceed the line's units: a refund was paid twice."""
    return sorted(line.id for order in orders for line in order.lines if sum(each.quantity for each in line.refunds) > line.quantity)


def published(mine: Shop) -> dict[str, int]:
    return {sku: offer.quantity for sku, offer in mine.by_sku.items()}
