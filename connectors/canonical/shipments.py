"""What the warehouse did: the hub's order, its shipments and their parcels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class ShipmentLine:
    """Units of one SKU. `order_line` is the line's reference in the same system, where it has one."""

    sku: str
    quantity: int
    order_line: str = ""


@dataclass(frozen=True)
class Parcel:
    """A parcel; `tracking_number` is empty while the label is not made. No lines: the shipment's own."""

    reference: str
    tracking_number: str = ""
    tracking_url: str = ""
    lines: tuple[ShipmentLine, ...] = ()
    weight_g: int | None = None


@dataclass(frozen=True)
class Shipment:
    """A dispatch of some units from one warehouse. `cancelled`: it was taken back."""

    reference: str
    lines: tuple[ShipmentLine, ...]
    parcels: tuple[Parcel, ...] = ()
    carrier_code: str = ""
    carrier_label: str = ""
    service_code: str = ""
    warehouse_code: str = ""
    shipped_at: datetime | None = None
    cancelled: bool = False


class HubState(StrEnum):
    """Where the warehouse is with an order."""

    RECEIVED = "received"
    ON_HOLD = "on_hold"
    AWAITING_STOCK = "awaiting_stock"
    READY = "ready"
    PICKING = "picking"
    PACKED = "packed"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class HubOrder:
    """An order as the warehouse hub holds it. `lines` are what it will ship, `locked` that it takes no more changes.

    `shipments_told`: `shipments` is the whole list; when False, one missing from it is not known to be taken back.
    """

    reference: str
    number: str
    version: str
    state: HubState
    lines: tuple[ShipmentLine, ...]
    changed_at: datetime
    shipments: tuple[Shipment, ...] = ()
    vendor_state: str = ""
    locked: bool = False
    locked_at: datetime | None = None
    store_code: str = ""
    shipments_told: bool = True
    merged_into: str = ""
    cancel_reason: str = ""
    link: str = ""
