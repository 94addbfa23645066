"""Deposco's sales order with its lines and shipments → the hub order. Quantities are packs; ours are units.

https://api.deposco.com, sales orders
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.canonical import HubOrder, HubState, Shipment, ShipmentLine
from connectors.deposco.dates import changed_at, stamp
from connectors.deposco.legacy_shapes import as_rest
from connectors.deposco.settings import COMPANY, TRADING_PARTNER, WAVED, Settings
from connectors.deposco.shapes import Row, id_of, key, part, rows, sku_of
from connectors.deposco.shipments import OrderLines, parse_shipments
from connectors.errors import ContractError
from connectors.reading import text, whole

STATES = {  # Deposco's status -> ours; anything else is UNKNOWN
    "Draft": HubState.RECEIVED,
    "New": HubState.RECEIVED,
    "Hold": HubState.ON_HOLD,
    "Ready for Fulfillment": HubState.READY,
    "Wave Built": HubState.READY,
    "Back Ordered": HubState.AWAITING_STOCK,
    "Partially Released": HubState.PICKING,
    "Released": HubState.PICKING,
    "Picking": HubState.PICKING,
    "Pick Complete": HubState.PICKING,
    "Partially Staged": HubState.PACKED,
    "Staged": HubState.PACKED,
    "Partially Loaded": HubState.PACKED,
    "Loaded": HubState.PACKED,
    "Partially Shipped": HubState.PART_SHIPPED,
    "Ship Complete": HubState.SHIPPED,
    "Canceled": HubState.CANCELLED,
}
LEGACY_STATES = {  # words of the legacy API that the new one does not have
    "Accepted": HubState.RECEIVED,
    "Open": HubState.READY,
    "Planned": HubState.READY,
    "Ready": HubState.READY,
    "Suspended": HubState.ON_HOLD,
    "Packing": HubState.PICKING,
    "Packed": HubState.PACKED,
    "Complete": HubState.SHIPPED,
}
OPEN = frozenset({"Draft", "New", "Hold", "Ready for Fulfillment", "Wave Built", "Back Ordered", "Accepted", "Open", "Planned", "Ready", "Suspended"})
SENT = frozenset({HubState.PART_SHIPPED, HubState.SHIPPED})
ON_WAVE = frozenset({"Wave Built"})
BEFORE_SHIPPING = frozenset(
    {HubState.RECEIVED, HubState.ON_HOLD, HubState.AWAITING_STOCK, HubState.READY, HubState.PICKING, HubState.PACKED, HubState.PART_SHIPPED}
)


def parse_order(body: Mapping[str, Any], *, settings: Settings) -> HubOrder:
    """Read what `gathering` put together: the order, all its lines, all its shipments."""
    body = as_rest(body)
    order, reference = part(body, "order"), id_of(part(body, "order"))
    if not reference:
        raise ContractError("The Deposco order has no id.")
    what = f"Deposco order {text(order.get('number')) or reference}"
    lines = OrderLines(reference, rows(body.get("lines")), what=what)
    shipments = parse_shipments(rows(body.get("shipments")), lines=lines)
    changes = [at for row in (order, *rows(body.get("shipments"))) if (at := changed_at(row)) is not None]
    if not changes:
        raise ContractError(f"The {what} does not say when it changed.")
    status = text(order.get("orderStatus"))
    wanted = tuple(parse_line(row, what=what) for row in rows(body.get("lines")))
    state = parse_state(status, lines=wanted, shipments=shipments)
    parsed = HubOrder(
        reference=reference,
        number=text(order.get("number")),
        version="",
        state=state,
        lines=tuple(line for line in wanted if line.quantity),
        changed_at=max(changes),
        shipments=shipments,
        shipments_told=body.get("told") is not False,
        vendor_state=status,
        locked=state in SENT or is_locked(order, status, settings=settings),
        store_code=store_of(order, settings=settings),
    )
    return replace(parsed, version=f"{stamp(parsed.changed_at)}~{digest(parsed)}")


def parse_line(row: Row, *, what: str) -> ShipmentLine:
    """What is still to ship of a line, in units."""
    packs = count(row, "orderPackQuantity", what=what) - count(row, "canceledPackQuantity", what=what)
    return ShipmentLine(sku_of(row), max(0, packs) * pack_size(row, what=what), text(row.get("lineNumber")))


def count(row: Mapping[str, Any], name: str, *, what: str) -> int:
    return whole(row.get(name) or 0, what=f"{name} of {sku_of(row) or 'a line'} in {what}")


def pack_size(row: Mapping[str, Any], *, what: str) -> int:
    """Units in a pack of the line; a pack that does not tell is a single one."""
    told = key(row.get("pack"), "quantity")
    return whole(told, what=f"pack quantity of {sku_of(row) or 'a line'} in {what}") if told else 1


def parse_state(status: str, *, lines: tuple[ShipmentLine, ...], shipments: tuple[Shipment, ...]) -> HubState:
    """The status, unless shipments show that the order is further than it says."""
    state = STATES.get(status) or LEGACY_STATES.get(status, HubState.UNKNOWN)
    sent = sum(line.quantity for shipment in shipments if not shipment.cancelled for line in shipment.lines)
    if state not in BEFORE_SHIPPING or not sent:
        return state
    return HubState.SHIPPED if sent >= sum(line.quantity for line in lines) else HubState.PART_SHIPPED


def is_locked(order: Mapping[str, Any], status: str, *, settings: Settings) -> bool:
    """From release on (or, if so chosen, from the wave on) Deposco takes no more changes; a status nobody knows locks once there is a wave."""
    waved = bool(order.get("pickWave")) or status in ON_WAVE
    if settings.text("lock_from") == WAVED and waved:
        return True
    known = status in STATES or status in LEGACY_STATES
    return status not in OPEN if known else waved


def store_of(order: Mapping[str, Any], *, settings: Settings) -> str:
    if settings.text("store_as") == COMPANY:
        return key(order.get("businessUnit"), "code")
    return text(order.get("tradingPartner" if settings.text("store_as") == TRADING_PARTNER else "orderSource"))


def digest(parsed: HubOrder) -> str:
    """A fingerprint of everything read: what moves an order's time of change is not documented."""
    return hashlib.sha256(repr(replace(parsed, version="")).encode()).hexdigest()[:16]


def event_id(body: Mapping[str, Any], *, settings: Settings) -> str:
    """`<id>@<time>~<digest>`: the same for the same observation. A body we cannot read is known by its bytes."""
    try:
        parsed = parse_order(body, settings=settings)
    except ContractError:
        return f"{id_of(part(as_rest(body), 'order'))}@~{hashlib.sha256(repr(body).encode()).hexdigest()[:16]}"
    return f"{parsed.reference}@{parsed.version}"


def newest(body: Mapping[str, Any]) -> datetime | None:
    return changed_at(part(as_rest(body), "order"))
