"""Veeqo's order → the hub order. Its status follows the least advanced allocation; the allocations tell the truth.

https://developers.veeqo.com
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.canonical import HubOrder, HubState, ReturnOrder, Shipment, ShipmentLine
from connectors.errors import ContractError
from connectors.reading import moment, need, text
from connectors.veeqo.dates import stamp
from connectors.veeqo.returns import parse_returns
from connectors.veeqo.shipments import has_shipped, parse_shipments, part, rows_of, sku_of, units

STATES = {  # Veeqo's status -> ours; the seven documented ones, anything else is UNKNOWN
    "awaiting_payment": HubState.RECEIVED,
    "awaiting_stock": HubState.AWAITING_STOCK,
    "awaiting_fulfillment": HubState.READY,
    "shipped": HubState.SHIPPED,
    "on_hold": HubState.ON_HOLD,
    "cancelled": HubState.CANCELLED,
    "refunded": HubState.UNKNOWN,
}
MOVING = frozenset({HubState.RECEIVED, HubState.AWAITING_STOCK, HubState.READY})
LOCKED = frozenset({HubState.PICKING, HubState.PACKED, HubState.PART_SHIPPED, HubState.SHIPPED, HubState.CANCELLED})
NOT_PICKED = frozenset({"", "unpicked", "not_picked"})
DEFAULT_APP = "https://app.veeqo.com"


def parse_order(body: Mapping[str, Any], *, app_url: str = DEFAULT_APP) -> HubOrder:
    """Read one order as the orders endpoints return it (or as we stored it)."""
    reference = text(need(body, "id", what="Veeqo order"))
    what = f"Veeqo order {text(body.get('number')) or reference}"
    shipments = parse_shipments(body)
    lines = tuple(ShipmentLine(sku_of(line), units(line, what=what), text(line.get("id"))) for line in rows_of(body, "line_items"))
    state = parse_state(body, lines=lines, shipments=shipments)
    changed_at = moment(body.get("updated_at") or need(body, "created_at", what=what), what=f"time of change of {what}")
    order = HubOrder(
        reference=reference,
        number=text(body.get("number")),
        version="",
        state=state,
        lines=lines,
        changed_at=changed_at,
        shipments=shipments,
        shipments_told=bool(rows_of(body, "allocations")),  # an empty list may be a moment between two allocations
        vendor_state=text(body.get("status")),
        locked=state in LOCKED,
        store_code=text(part(body, "channel").get("id")) or text(body.get("channel_id")),
        merged_into=text(body.get("merged_to_id")),
        cancel_reason=text(body.get("cancel_reason")),
        link=order_link(reference, app_url=app_url),
    )
    return replace(order, version=f"{stamp(changed_at)}~{digest(order)}")


def parse_body(body: Mapping[str, Any], *, app_url: str = DEFAULT_APP) -> tuple[HubOrder | ReturnOrder, ...]:
    """The order and the returns it carries."""
    order = parse_order(body, app_url=app_url)
    return (order, *parse_returns(body, order=order))


def order_link(reference: str, *, app_url: str) -> str:
    return f"{app_url.rstrip('/')}/orders/{reference}"


def digest(*parsed: HubOrder | ReturnOrder) -> str:
    """A fingerprint of everything read. Whether shipping, unshipping or a return moves `updated_at` is not documented."""
    plain = [repr(replace(each, version="")) for each in parsed]
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()[:16]


def event_id(body: Mapping[str, Any]) -> str:
    """`<id>@<updated_at>~<digest>`: the same for the same observation. A body we cannot read is known by its bytes."""
    try:
        parsed = parse_body(body)
    except ContractError:
        return f"{text(body.get('id'))}@~{hashlib.sha256(repr(body).encode()).hexdigest()[:16]}"
    order = parsed[0]
    return f"{order.reference}@{stamp(order.changed_at)}~{digest(*parsed)}"


def parse_state(body: Mapping[str, Any], *, lines: tuple[ShipmentLine, ...], shipments: tuple[Shipment, ...]) -> HubState:
    status = text(body.get("status"))
    state = HubState.CANCELLED if body.get("cancelled_at") else STATES.get(status, HubState.UNKNOWN)
    if state is not HubState.CANCELLED and all_shipped(lines, shipments):
        return HubState.SHIPPED
    if state in MOVING and shipments:
        return HubState.PART_SHIPPED
    if state is HubState.READY:
        return work_state(body)
    return state


def all_shipped(lines: tuple[ShipmentLine, ...], shipments: tuple[Shipment, ...]) -> bool:
    """Per SKU, since allocations refer to the item and not to the order's line."""
    wanted, shipped = Counter[str](), Counter[str]()
    for line in lines:
        wanted[line.sku] += line.quantity
    for shipment in shipments:
        for line in shipment.lines:
            shipped[line.sku] += line.quantity
    return bool(shipments and wanted) and all(shipped[sku] >= quantity for sku, quantity in wanted.items())


def work_state(body: Mapping[str, Any]) -> HubState:
    """How far the packers are with an order that is ready."""
    waiting = [row for row in rows_of(body, "allocations") if not has_shipped(row)]
    if waiting and all(row.get("packed_completely") is True for row in waiting):
        return HubState.PACKED
    picked = any(line.get("picked_quantity") for row in waiting for line in rows_of(row, "line_items"))
    begun = text(body.get("picked_status")).lower() not in NOT_PICKED or body.get("picked_completely") is True
    return HubState.PICKING if picked or begun else HubState.READY


def newest(body: Mapping[str, Any]) -> datetime | None:
    """When the row says it changed; None when it does not say it readably."""
    try:
        return moment(body.get("updated_at") or body.get("created_at"), what="time of change")
    except ContractError:
        return None
