"""Refunds and returns of an order (https://shopify.dev/docs/api/admin-graphql/latest/objects/Refund and …/Return)."""

from __future__ import annotations

from decimal import Decimal

from connectors.canonical import Refund, ReturnLine, ReturnOrder, ReturnState
from connectors.errors import ContractError
from connectors.reading import decimal, moment, need, text, whole
from connectors.shopify.values import Body, currency, exact, mapping, money, nodes, objects, tail, utc_text

RETURN_STATES = {
    "REQUESTED": ReturnState.UNKNOWN,  # the customer asks; the shop has not said yes
    "OPEN": ReturnState.AUTHORISED,
    "CLOSED": ReturnState.ASSESSED,
    "DECLINED": ReturnState.REFUSED,
    "CANCELED": ReturnState.CANCELLED,
    "CANCELLED": ReturnState.CANCELLED,
}


def parse_refunds(body: Body) -> tuple[Refund, ...]:
    """From a refunds item {"order", "refund"}, or from a webhook's refund."""
    if "order_id" in body:
        return (parse_posted(body),)
    order, refund = mapping(body.get("order")), mapping(body.get("refund"))
    if not refund:
        raise ContractError("The refund has no refund in it.")
    return (parse_refund(refund, order),)


def parse_refund(refund: Body, order: Body) -> Refund:
    """One refund, of one line where it is of one; money that is not told is the sum of its lines."""
    items = nodes(refund.get("refundLineItems"))
    told = money(refund.get("totalRefundedSet"))
    parts = [money(item.get("subtotalSet")) for item in items]
    single = items[0] if len(items) == 1 else {}
    return Refund(
        reference=tail(need(refund, "id", what="refund")),
        order_reference=tail(need(order, "id", what="refund's order")),
        amount=told if told is not None else sum((part for part in parts if part is not None), Decimal(0)),
        currency=currency(refund.get("totalRefundedSet")) or text(order.get("currencyCode")),
        at=moment(need(refund, "createdAt", what="refund"), what="createdAt of the refund"),
        order_line=tail(mapping(single.get("lineItem")).get("id")),
        quantity=sum(units(item) for item in items),
        reason=text(refund.get("note")),
        state=", ".join(dict.fromkeys(text(item.get("restockType")).lower() for item in items if item.get("restockType"))),
    )


def units(item: Body) -> int:
    return whole(item.get("quantity", 0), what="quantity of a refund")


def parse_posted(refund: Body) -> Refund:
    """The REST shape: money is what its transactions gave back."""
    items = objects(refund.get("refund_line_items"))
    back = [each for each in objects(refund.get("transactions")) if text(each.get("kind")) == "refund" and text(each.get("status")) != "failure"]
    single = items[0] if len(items) == 1 else {}
    return Refund(
        reference=text(need(refund, "id", what="refund")),
        order_reference=text(need(refund, "order_id", what="refund")),
        amount=sum((decimal(each.get("amount"), what="amount of a refund") for each in back), Decimal(0)),
        currency=next((text(each.get("currency")) for each in back if each.get("currency")), ""),
        at=moment(need(refund, "created_at", what="refund"), what="created_at of the refund"),
        order_line=text(single.get("line_item_id")),
        quantity=sum(units(item) for item in items),
        reason=text(refund.get("note")),
        state=", ".join(dict.fromkeys(text(item.get("restock_type")) for item in items if item.get("restock_type"))),
    )


def parse_return(body: Body) -> ReturnOrder:
    """From a returns item {"order", "return"}."""
    order, told = mapping(body.get("order")), mapping(body.get("return"))
    state = text(told.get("status")).upper()
    changed = need(order, "updatedAt", what="return's order")
    return ReturnOrder(
        reference=tail(need(told, "id", what="return")),
        order_reference=tail(need(order, "id", what="return's order")),
        order_number=text(order.get("name")),
        version=utc_text(changed, what="updatedAt of the order"),
        state=RETURN_STATES.get(state, ReturnState.UNKNOWN),
        lines=tuple(parse_line(line) for line in nodes(told.get("returnLineItems"))),
        changed_at=moment(changed, what="updatedAt of the order"),
        rma=text(told.get("name")),
        vendor_state=state,
    )


def parse_line(line: Body) -> ReturnLine:
    sold = mapping(mapping(line.get("fulfillmentLineItem")).get("lineItem"))
    return ReturnLine(
        reference=tail(need(line, "id", what="return line")),
        sku=exact(sold.get("sku")).strip(),
        quantity=whole(line.get("quantity"), what="quantity of a return line"),
        order_line=tail(sold.get("id")),
        reason=text(line.get("returnReason")) or text(line.get("returnReasonNote")),
    )
