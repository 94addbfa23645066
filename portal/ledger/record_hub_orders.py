"""Writes a hub's view of an order, and its shipments, into the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors import canonical
from portal.connections.models import Connection
from portal.ledger.models import HubOrder, Parcel, SalesOrder, Shipment, ShipmentLine
from portal.ledger.versions import is_older


@dataclass(frozen=True)
class HubRecorded:
    """What recording did: shipments that are new or changed, and those taken back."""

    hub_order: HubOrder
    created: bool = False
    older: bool = False
    changed: bool = False
    shipments: tuple[Shipment, ...] = field(default=())
    taken_back: tuple[Shipment, ...] = field(default=())


def record_hub_order(seen: canonical.HubOrder, *, connection: Connection, order: SalesOrder | None, at: datetime) -> HubRecorded:
    """Create or update the hub's order and its shipments. Must run in a transaction."""
    defaults = {"order": order, "seen_at": at, **_values(seen)}
    row, created = HubOrder.objects.select_for_update().get_or_create(connection=connection, reference=seen.reference[:120], defaults=defaults)
    if not created and is_older(seen.version, seen.changed_at, known_version=row.version, known_changed_at=row.changed_at):
        return HubRecorded(row, older=True)
    changed = created or row.version != seen.version or (order is not None and row.order_id != order.pk)
    if changed and not created:
        locked_before = row.locked_at if seen.locked and seen.locked_at is None else None  # a hub that does not say since when
        for name, value in _values(seen).items():
            setattr(row, name, value)
        row.locked_at = locked_before or row.locked_at
        row.order = order or row.order
        row.save()
    elif not created:
        HubOrder.objects.filter(pk=row.pk).update(seen_at=at)
    shipments = tuple(shipment for one in seen.shipments if (shipment := _record_shipment(one, row, at)) is not None)
    return HubRecorded(row, created=created, changed=changed, shipments=shipments, taken_back=_taken_back(row, seen, at))


def _values(seen: canonical.HubOrder) -> dict[str, object]:
    return {
        "number": seen.number[:120],
        "version": seen.version[:120],
        "state": seen.state.value,
        "vendor_state": seen.vendor_state[:80],
        "store_code": seen.store_code[:120],
        "lines": [[line.sku, line.quantity] for line in seen.lines],
        "locked_at": (seen.locked_at or seen.changed_at) if seen.locked else None,
        "merged_into": seen.merged_into[:120],
        "cancel_reason": seen.cancel_reason[:300],
        "link": seen.link[:500],
        "changed_at": seen.changed_at,
    }


def _record_shipment(seen: canonical.Shipment, hub_order: HubOrder, at: datetime) -> Shipment | None:
    """The shipment when it is new or different, else None."""
    if seen.cancelled:
        return None
    values = {
        "hub_order": hub_order,
        "order": hub_order.order,
        "carrier_code": seen.carrier_code[:120],
        "carrier_label": seen.carrier_label[:200],
        "service_code": seen.service_code[:200],
        "warehouse_code": seen.warehouse_code[:120],
        "shipped_at": seen.shipped_at or at,
    }
    row, created = Shipment.objects.get_or_create(connection=hub_order.connection, reference=seen.reference[:120], defaults=values)
    if created:
        _write_contents(row, seen)
        return row
    watched = ("carrier_code", "carrier_label", "service_code", "warehouse_code")
    differs = any(getattr(row, name) != values[name] for name in watched) or contents(row) != seen_contents(seen)
    linked = hub_order.order_id is not None and row.order_id != hub_order.order_id
    if not differs and not linked and row.cancelled_at is None:
        return None
    for name, value in values.items():
        setattr(row, name, value)
    row.cancelled_at, row.shown_at, row.version = None, None, row.version + 1
    row.save()
    _write_contents(row, seen)
    return row


Contents = tuple[list[tuple[str, int]], list[tuple[str, str, list[list[str | int]]]]]


def contents(row: Shipment) -> Contents:
    """Units and parcels of a stored shipment, in comparable form."""
    return (
        sorted((line.sku, line.quantity) for line in row.lines.all()),
        sorted((parcel.reference, parcel.tracking_number, parcel.lines) for parcel in row.parcels.all()),
    )


def seen_contents(seen: canonical.Shipment) -> Contents:
    return (
        sorted((line.sku[:120], line.quantity) for line in seen.lines),
        sorted((p.reference[:120], p.tracking_number[:120], [[line.sku, line.quantity] for line in p.lines]) for p in seen.parcels),
    )


def _write_contents(row: Shipment, seen: canonical.Shipment) -> None:
    row.lines.all().delete()
    ShipmentLine.objects.bulk_create(ShipmentLine(shipment=row, sku=line.sku[:120], quantity=line.quantity) for line in seen.lines)
    row.parcels.all().delete()
    for parcel in seen.parcels:
        Parcel.objects.create(
            shipment=row,
            reference=parcel.reference[:120],
            tracking_number=parcel.tracking_number[:120],
            tracking_url=parcel.tracking_url[:500],
            lines=[[line.sku, line.quantity] for line in parcel.lines],
        )


def _taken_back(hub_order: HubOrder, seen: canonical.HubOrder, at: datetime) -> tuple[Shipment, ...]:
    """Shipments the hub showed before and shows no more (unshipped). A hub may also simply not tell for a moment."""
    if not seen.shipments_told:
        return ()
    there = {shipment.reference[:120] for shipment in seen.shipments if not shipment.cancelled}
    gone = [row for row in hub_order.shipments.filter(cancelled_at=None) if row.reference not in there]
    Shipment.objects.filter(pk__in=[row.pk for row in gone]).update(cancelled_at=at)
    return tuple(gone)
