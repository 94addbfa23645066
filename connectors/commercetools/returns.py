"""Returns of an order, read from its returnInfo (https://docs.commercetools.com/api/projects/orders#returninfo)."""

from __future__ import annotations

from datetime import datetime

from connectors.canonical import ReturnLine, ReturnOrder, ReturnState
from connectors.commercetools.values import Body, exact, mapping, objects
from connectors.reading import moment_or_none, need, text, whole

STATES = {  # a return item's shipmentState → ours
    "Advised": ReturnState.AUTHORISED,
    "Returned": ReturnState.RECEIVED,
    "BackInStock": ReturnState.ASSESSED,
    "Unusable": ReturnState.ASSESSED,
}
PROGRESS = (ReturnState.UNKNOWN, ReturnState.AUTHORISED, ReturnState.RECEIVED, ReturnState.ASSESSED)
ARRIVED = frozenset({"Returned", "BackInStock", "Unusable"})
ASSESSED = frozenset({"BackInStock", "Unusable"})


def parse_returns(order: Body, *, number: str, changed_at: datetime) -> tuple[ReturnOrder, ...]:
    """Every returnInfo with items. It has no id of its own, so the return is named after its first item."""
    infos = [info for info in objects(order.get("returnInfo")) if objects(info.get("items"))]
    return tuple(parse_return(info, order=order, number=number, changed_at=changed_at) for info in infos)


def parse_return(info: Body, *, order: Body, number: str, changed_at: datetime) -> ReturnOrder:
    items = objects(info.get("items"))
    skus = {text(line.get("id")): exact(mapping(line.get("variant")).get("sku")) for line in objects(order.get("lineItems"))}
    times = [moment_or_none(item.get("lastModifiedAt"), what="lastModifiedAt of a return item") for item in items]
    tracking = text(info.get("returnTrackingId"))
    return ReturnOrder(
        reference=text(need(items[0], "id", what="return item")),
        order_reference=text(order.get("id")),
        order_number=number,
        version=text(order.get("version")),
        state=return_state(items),
        lines=tuple(parse_item(item, skus) for item in items),
        changed_at=max((at for at in times if at), default=changed_at),
        tracking_numbers=(tracking,) if tracking else (),
        rma=text(items[0].get("key")),
        vendor_state=", ".join(dict.fromkeys(f"{text(item.get('shipmentState'))}/{text(item.get('paymentState'))}" for item in items)),
    )


def return_state(items: list[Body]) -> ReturnState:
    """As far as the slowest item has come; refunded when every item is."""
    if all(item.get("paymentState") == "Refunded" for item in items):
        return ReturnState.REFUNDED
    return min((STATES.get(text(item.get("shipmentState")), ReturnState.UNKNOWN) for item in items), key=PROGRESS.index)


def parse_item(item: Body, skus: dict[str, str]) -> ReturnLine:
    line = text(item.get("lineItemId")) or text(item.get("customLineItemId"))
    quantity = whole(item.get("quantity"), what="quantity of a return item")
    state = text(item.get("shipmentState"))
    return ReturnLine(
        reference=text(need(item, "id", what="return item")),
        sku=skus.get(line, ""),
        quantity=quantity,
        order_line=line,
        received=quantity if state in ARRIVED else 0,
        sellable=(quantity if state == "BackInStock" else 0) if state in ASSESSED else None,
        damaged=(quantity if state == "Unusable" else 0) if state in ASSESSED else None,
        reason=text(item.get("comment")),
    )
