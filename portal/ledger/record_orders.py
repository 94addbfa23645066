"""Writes a channel's order into the ledger: first as it came, whatever may be wrong with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects

from connectors import canonical
from portal.connections.models import Connection
from portal.ledger.models import OrderLine, Payment, SalesOrder
from portal.ledger.versions import is_older

PLAIN_FIELDS = (
    "number", "version", "vendor_state", "shipment_state", "total", "total_tax", "shipping_price", "shipping_tax_rate",
    "prices_include_tax", "store_code", "ship_service_code", "ship_service_label", "carrier_code", "email", "customer_reference", "note",
    "placed_at", "changed_at", "accept_by", "ship_by",
)  # fmt: skip
WIDTHS = {
    "number": 120,
    "vendor_state": 80,
    "shipment_state": 40,
    "store_code": 120,
    "ship_service_code": 200,
    "ship_service_label": 200,
    "email": 320,
}


@dataclass(frozen=True)
class Recorded:
    """What recording did. `older`: we knew a newer version, nothing changed."""

    order: SalesOrder
    created: bool = False
    older: bool = False
    changed: frozenset[str] = field(default=frozenset())


def record_order(seen: canonical.SalesOrder, *, connection: Connection, at: datetime) -> Recorded:
    """Create or update the order. Must run in a transaction; the row stays locked until its end."""
    defaults = {"seen_at": at, **plain_values(seen)}
    order, created = SalesOrder.objects.select_for_update().get_or_create(connection=connection, reference=seen.reference[:120], defaults=defaults)
    recorded = _fill(order, seen) if created else _update(order, seen)
    if not recorded.older:
        prefetch_related_objects([order], "lines", "payments")  # whoever plans from the order reads them again and again
    return recorded


def _fill(order: SalesOrder, seen: canonical.SalesOrder) -> Recorded:
    _replace_lines(order, seen, known={})
    _replace_payments(order, seen, known={})
    return Recorded(order, created=True, changed=frozenset({"order"}))


def plain_values(seen: canonical.SalesOrder) -> dict[str, Any]:
    values = {name: getattr(seen, name) for name in PLAIN_FIELDS}
    for name, width in WIDTHS.items():
        values[name] = values[name][:width]
    values |= {
        "state": seen.state.value,
        "payment_state": seen.payment_state.value,
        "currency": seen.currency[:3],
        "shipping_address": asdict(seen.shipping_address) if seen.shipping_address else None,
        "billing_address": asdict(seen.billing_address) if seen.billing_address else None,
        "extra": dict(seen.extra),
        "tags": [tag[:120] for tag in seen.tags],
    }
    return values


def _update(order: SalesOrder, seen: canonical.SalesOrder) -> Recorded:
    if is_older(seen.version, seen.changed_at, known_version=order.version, known_changed_at=order.changed_at):
        return Recorded(order, older=True)
    values = plain_values(seen)
    changed = {name for name, value in values.items() if getattr(order, name) != value}
    for name in changed:
        setattr(order, name, values[name])
    if changed:
        order.save()
    if _replace_lines(order, seen, known={line.reference: line for line in order.lines.all()}):
        changed.add("lines")
    if _replace_payments(order, seen, known={payment.reference: payment for payment in order.payments.all()}):
        changed.add("payments")
    return Recorded(order, changed=frozenset(changed))


def line_values(line: canonical.OrderLine, position: int, *, default_included: bool) -> dict[str, Any]:
    return {
        "position": position,
        "sku": line.sku[:120],
        "title": line.title[:300],
        "quantity": line.quantity,
        "cancelled": line.cancelled,
        "total": line.total,
        "list_price": line.list_price,
        "tax_rate": line.tax_rate,
        "tax_included": default_included if line.tax_included is None else line.tax_included,
        "product_reference": line.product_reference[:120],
        "warehouse_code": line.warehouse_code[:120],
        "is_extra": line.is_extra,
        "vendor_state": line.state[:80],
    }


def _replace_lines(order: SalesOrder, seen: canonical.SalesOrder, *, known: dict[str, OrderLine]) -> bool:
    """Make the lines those of the observation; True when any differed."""
    wanted = {
        line.reference[:120]: line_values(line, position, default_included=seen.prices_include_tax) for position, line in enumerate(seen.lines, 1)
    }
    gone = known.keys() - wanted.keys()
    if gone:
        order.lines.filter(reference__in=gone).delete()
    fresh = [OrderLine(order=order, reference=reference, **values) for reference, values in wanted.items() if reference not in known]
    OrderLine.objects.bulk_create(fresh)
    changed = [known[reference] for reference, values in wanted.items() if reference in known and _differs(known[reference], values)]
    if changed:
        OrderLine.objects.bulk_update(changed, list(next(iter(wanted.values()))))
    return bool(gone or fresh or changed)


def _differs(row: Any, values: dict[str, Any]) -> bool:
    """Lay the values over the row; True when any was different."""
    different = [name for name, value in values.items() if getattr(row, name) != value]
    for name in different:
        setattr(row, name, values[name])
    return bool(different)


def _replace_payments(order: SalesOrder, seen: canonical.SalesOrder, *, known: dict[str, Payment]) -> bool:
    changed = False
    for payment in seen.payments:
        values = {
            "method": payment.method[:120],
            "currency": (payment.currency or seen.currency)[:3],
            "authorised": payment.authorised,
            "captured": payment.captured,
            "refunded": payment.refunded,
            "failed": payment.failed,
        }
        row = known.get(payment.reference[:120]) or Payment(order=order, reference=payment.reference[:120])
        if _differs(row, values) or row.pk is None:
            row.save()
            changed = True
    return changed
