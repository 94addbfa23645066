"""Returns as an order carries them. Veeqo never tells them to a sales channel, and they can only be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.canonical import HubOrder, ReturnLine, ReturnOrder, ReturnState
from connectors.errors import ContractError
from connectors.reading import moment, text, whole
from connectors.veeqo.dates import stamp
from connectors.veeqo.shipments import rows_of, sku_of

STATES = {  # the spellings seen; Veeqo's pages show more, whose spelling nobody has published
    "returning": ReturnState.IN_TRANSIT,
    "returned": ReturnState.RECEIVED,
    "refunded": ReturnState.REFUNDED,
}
SHIPPED_ITEMS = "ShippedItemsReturn"  # the other types give back money for goods that never left


def parse_returns(body: Mapping[str, Any], *, order: HubOrder) -> tuple[ReturnOrder, ...]:
    return tuple(parse_return(row, order=order) for row in rows_of(body, "returns") if text(row.get("id")))


def parse_return(body: Mapping[str, Any], *, order: HubOrder) -> ReturnOrder:
    """A return has no time of change of its own, and receiving may or may not move the order's: its version names what was received."""
    status, kind = text(body.get("status")), text(body.get("type"))
    lines = tuple(parse_line(line, reason=text(body.get("reason")), number=text(body.get("number"))) for line in rows_of(body, "line_items"))
    changed_at = changed(body, order=order)
    return ReturnOrder(
        reference=text(body.get("id")),
        order_reference=order.reference,
        order_number=order.number,
        version=f"{stamp(changed_at)}~{status}/{sum(line.received for line in lines)}"[:80],
        state=STATES.get(status.lower(), ReturnState.UNKNOWN),
        lines=lines,
        changed_at=changed_at,
        rma=text(body.get("number")),
        vendor_state=status if kind in ("", SHIPPED_ITEMS) else f"{status} ({kind})",
    )


def changed(body: Mapping[str, Any], *, order: HubOrder) -> Any:
    try:
        return max(order.changed_at, moment(body.get("updated_at") or body.get("created_at"), what="time of the return"))
    except ContractError:
        return order.changed_at


def parse_line(line: Mapping[str, Any], *, reason: str, number: str) -> ReturnLine:
    what = f"return {number}"
    return ReturnLine(
        reference=text(line.get("id")),
        sku=sku_of(line),
        quantity=whole(line.get("quantity") or 0, what=f"quantity in {what}"),
        received=whole(line.get("received_quantity") or 0, what=f"received quantity in {what}"),
        reason=reason,
    )
