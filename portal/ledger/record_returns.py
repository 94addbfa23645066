"""Writes returns, refunds and statement lines into the ledger."""

from __future__ import annotations

from datetime import datetime

from connectors import canonical
from portal.connections.models import Connection
from portal.ledger.models import PayoutLine, Refund, ReturnLine, ReturnOrder, SalesOrder
from portal.ledger.versions import is_older


def order_of(connection: Connection, *, reference: str, number: str = "") -> SalesOrder | None:
    """The sales order a return or refund names: by the channel's id, else by a number that only one order has."""
    found = SalesOrder.objects.filter(connection=connection, reference=reference).first() if reference else None
    if found is None and number:
        candidates = list(SalesOrder.objects.filter(number_key=number.upper())[:2])
        found = candidates[0] if len(candidates) == 1 else None
    return found


def record_return(seen: canonical.ReturnOrder, *, connection: Connection, order: SalesOrder | None, at: datetime) -> tuple[ReturnOrder, bool]:
    """The stored return, and whether it is new or changed. Must run in a transaction."""
    values = {
        "order": order,
        "order_reference": seen.order_reference[:120],
        "order_number": seen.order_number[:120],
        "version": seen.version[:80],
        "state": seen.state.value,
        "vendor_state": seen.vendor_state[:80],
        "rma": seen.rma[:120],
        "tracking_numbers": list(seen.tracking_numbers),
        "changed_at": seen.changed_at,
        "seen_at": at,
    }
    row, created = ReturnOrder.objects.select_for_update().get_or_create(connection=connection, reference=seen.reference[:120], defaults=values)
    if not created:
        if is_older(seen.version, seen.changed_at, known_version=row.version, known_changed_at=row.changed_at):
            return row, False
        values["order"] = order or row.order
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    for line in seen.lines:
        ReturnLine.objects.update_or_create(return_order=row, reference=line.reference[:120], defaults=_line_values(line))
    return row, True


def _line_values(line: canonical.ReturnLine) -> dict[str, object]:
    return {
        "order_line": line.order_line[:120],
        "sku": line.sku[:120],
        "quantity": line.quantity,
        "received": line.received,
        "sellable": line.sellable,
        "damaged": line.damaged,
        "missing": line.missing,
        "reason": line.reason[:200],
    }


def record_refund(seen: canonical.Refund, *, connection: Connection, order: SalesOrder | None) -> tuple[Refund, bool]:
    """The stored refund, and whether it is new."""
    values = {
        "order": order,
        "order_reference": seen.order_reference[:120],
        "order_line": seen.order_line[:120],
        "amount": seen.amount,
        "currency": seen.currency[:3],
        "quantity": seen.quantity,
        "reason": seen.reason[:200],
        "state": seen.state[:40],
        "at": seen.at,
    }
    return Refund.objects.update_or_create(connection=connection, reference=seen.reference[:120], defaults=values)


def record_payout_line(seen: canonical.PayoutLine, *, connection: Connection, order: SalesOrder | None) -> bool:
    """Keep one statement line; True when it is new. A line seen before is never changed, but for its state."""
    values = {
        "order": order,
        "kind": seen.kind[:20],
        "vendor_kind": seen.vendor_kind[:80],
        "amount": seen.amount,
        "currency": seen.currency[:3],
        "at": seen.at,
        "order_reference": seen.order_reference[:120],
        "order_line": seen.order_line[:120],
        "cycle": seen.cycle[:120],
        "state": seen.state[:40],
        "note": seen.note[:300],
    }
    row, created = PayoutLine.objects.get_or_create(connection=connection, reference=seen.reference[:120], defaults=values)
    if not created and (row.state, row.cycle) != (seen.state[:40], seen.cycle[:120]):
        PayoutLine.objects.filter(pk=row.pk).update(state=seen.state[:40], cycle=seen.cycle[:120])
    return created
