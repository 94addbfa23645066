"""What a flow hands in through our API → canonical objects. The bodies are those of the API's own description.

Each is kept as `{"received_at": …, "item": {…}}`: where an item has no time of change, the moment it came says which is newer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from connectors.canonical import (
    Address,
    HubOrder,
    HubState,
    OrderLine,
    OrderState,
    Parcel,
    Payment,
    PaymentState,
    Refund,
    ReturnLine,
    ReturnOrder,
    ReturnState,
    SalesOrder,
    Shipment,
    ShipmentLine,
    StockLevel,
)
from connectors.errors import ContractError
from connectors.ports import Canonical
from connectors.reading import decimal, load, moment, need, text, whole

Row = Mapping[str, Any]
STATES = {  # the status handed in -> where the order is, and whether the money is there
    "pending_payment": (OrderState.WAITING_PAYMENT, PaymentState.PENDING),
    "authorized": (OrderState.OPEN, PaymentState.AUTHORISED),
    "paid": (OrderState.OPEN, PaymentState.PAID),
    "shipped": (OrderState.SHIPPED, PaymentState.PAID),
    "cancelled": (OrderState.CANCELLED, PaymentState.NOT_TOLD),
    "refunded": (OrderState.COMPLETE, PaymentState.REFUNDED),
}


def parse_pushed(topic: str, body: bytes) -> tuple[Canonical, ...]:
    """Read one thing that was handed in. ContractError where a field is not what the description says."""
    kept = load(body, what="item handed in")
    item, came_at = kept.get("item"), text(kept.get("received_at"))
    if not isinstance(item, dict):
        raise ContractError("The item handed in is not one JSON object.")
    reader = READERS.get(topic)
    return (reader(item, came_at),) if reader else ()


def parse_order(item: Row, came_at: str) -> SalesOrder:
    reference = text(need(item, "externalId", what="order handed in"))
    what = f"order {text(item.get('name')) or reference}"
    placed_at = moment(need(item, "createdAt", what=what), what=f"date of {what}")
    changed_at = moment(item.get("updatedAt") or came_at or need(item, "createdAt", what=what), what=f"time of change of {what}")
    lines = tuple(parse_line(line, what=what) for line in item.get("lineItems") or ())
    state, paid = STATES.get(text(item.get("status")) or "paid", (OrderState.UNKNOWN, PaymentState.NOT_TOLD))
    shipping = money(item.get("shippingPrice"), what=f"shipping price of {what}")
    total = money(item.get("totalPrice"), what=f"total of {what}", missing=sum((line.total for line in lines), shipping))
    customer = item.get("customer") or {}
    return SalesOrder(
        reference=reference,
        number=text(item.get("name")) or reference,
        version=changed_at.isoformat(),
        state=state,
        currency=text(need(item, "currency", what=what)),
        lines=lines,
        placed_at=placed_at,
        changed_at=changed_at,
        payment_state=paid,
        vendor_state=text(item.get("status")),
        total=total,
        shipping_price=shipping,
        prices_include_tax=bool(item.get("pricesIncludeTax", True)),
        store_code=text(item.get("source")),
        ship_service_code=text(item.get("shippingMethod")),
        ship_service_label=text(item.get("shippingMethod")),
        email=text(customer.get("email")),
        customer_reference=text(customer.get("id")),
        shipping_address=parse_address(item.get("shippingAddress"), customer),
        billing_address=parse_address(item.get("billingAddress"), customer),
        payments=payments(paid, total, currency=text(item.get("currency")), reference=reference),
        note=text(item.get("note")),
        tags=tuple(text(tag) for tag in item.get("tags") or () if text(tag)),
    )


def parse_line(line: Row, *, what: str) -> OrderLine:
    quantity = whole(need(line, "quantity", what=f"line of {what}"), what=f"quantity of a line of {what}")
    price = money(line.get("unitPrice"), what=f"price of a line of {what}")
    discount = money(line.get("unitDiscount"), what=f"discount of a line of {what}")
    return OrderLine(
        reference=text(need(line, "id", what=f"line of {what}")),
        sku=text(line.get("sku")),
        quantity=quantity,
        total=money(line.get("totalPrice"), what=f"total of a line of {what}", missing=(price - discount) * quantity),
        title=text(line.get("name")),
        list_price=price or None,
        cancelled=whole(line.get("cancelledQuantity") or 0, what=f"cancelled units of {what}"),
    )


def parse_address(told: Row | None, customer: Row) -> Address | None:
    if not told:
        return None
    return Address(
        first_name=text(told.get("firstName")) or text(customer.get("firstName")),
        last_name=text(told.get("lastName")) or text(customer.get("lastName")),
        company=text(told.get("company")),
        line1=text(told.get("address1")),
        line2=text(told.get("address2")),
        city=text(told.get("city")),
        region=text(told.get("stateOrProvince")),
        postcode=text(told.get("zipCodeOrPostalCode")),
        country=text(told.get("country")).upper(),
        phone=text(told.get("phone")),
        email=text(told.get("email")) or text(customer.get("email")),
    )


def payments(state: PaymentState, total: Decimal, *, currency: str, reference: str) -> tuple[Payment, ...]:
    """One payment in the amount of the order, as far as its status tells."""
    if state not in (PaymentState.AUTHORISED, PaymentState.PAID, PaymentState.REFUNDED):
        return ()
    captured = total if state is not PaymentState.AUTHORISED else Decimal(0)
    refunded = total if state is PaymentState.REFUNDED else Decimal(0)
    return (Payment(reference, authorised=total, captured=captured, refunded=refunded, currency=currency),)


def parse_shipment(item: Row, came_at: str) -> HubOrder:
    """A dispatch of an order that some warehouse told the flow of: the hub's side of the order, with this shipment alone."""
    reference = text(need(item, "externalId", what="shipment handed in"))
    what = f"shipment {reference}"
    shipped_at = moment(need(item, "shippedAt", what=what), what=f"date of {what}")
    packages = [package for package in item.get("packages") or () if isinstance(package, dict)]
    parcels = tuple(parse_parcel(package, f"{reference}-{number}", what=what) for number, package in enumerate(packages, 1))
    first = packages[0] if packages else {}
    lines = tuple(line for parcel in parcels for line in parcel.lines)
    sent = Shipment(
        reference=reference,
        lines=lines,
        parcels=parcels,
        carrier_code=text(first.get("carrier")),
        carrier_label=text(first.get("carrier")),
        service_code=text(first.get("service")),
        warehouse_code=text(item.get("location")),
        shipped_at=shipped_at,
    )
    order = text(need(item, "orderExternalId", what=what))
    changed_at = moment(came_at or item["shippedAt"], what=f"time of change of {what}")  # each shipment of an order has a time of its own
    return HubOrder(
        reference=order,
        number=order,
        version=changed_at.isoformat(),
        state=HubState.PART_SHIPPED,  # whether that was all is for the order's own quantities to say
        lines=lines,
        changed_at=changed_at,
        shipments=(sent,),
        shipments_told=False,
        locked=True,
    )


def parse_parcel(package: Row, reference: str, *, what: str) -> Parcel:
    lines = tuple(
        ShipmentLine(text(line.get("sku")), whole(line.get("quantity"), what=f"units in {what}"), text(line.get("id")))
        for line in package.get("lineItems") or ()
    )
    return Parcel(reference, text(package.get("trackingNumber")), text(package.get("trackingUrl")), lines)


def parse_return(item: Row, came_at: str) -> ReturnOrder:
    reference = text(need(item, "externalId", what="return handed in"))
    what = f"return {reference}"
    changed_at = moment(item.get("updatedAt") or came_at, what=f"time of change of {what}")
    order = text(need(item, "orderExternalId", what=what))
    word = text(item.get("status"))
    return ReturnOrder(
        reference=reference,
        order_reference=order,
        order_number="",
        version=changed_at.isoformat(),
        state=ReturnState(word) if word in set(ReturnState) else ReturnState.UNKNOWN,
        lines=tuple(parse_return_line(line, what=what) for line in item.get("lineItems") or ()),
        changed_at=changed_at,
        tracking_numbers=tuple(text(number) for number in item.get("trackingNumbers") or () if text(number)),
        rma=text(item.get("rma")),
        vendor_state=word,
    )


def parse_return_line(line: Row, *, what: str) -> ReturnLine:
    found = {
        name: None if line.get(name) is None else whole(line[name], what=f"{name} units of {what}") for name in ("sellable", "damaged", "missing")
    }
    return ReturnLine(
        reference=text(need(line, "id", what=f"line of {what}")),
        sku=text(need(line, "sku", what=f"line of {what}")),
        quantity=whole(line.get("quantity"), what=f"quantity of a line of {what}"),
        order_line=text(line.get("orderLineId")),
        received=whole(line.get("received") or 0, what=f"received units of {what}"),
        reason=text(line.get("reason")),
        **found,
    )


def parse_refund(item: Row, came_at: str) -> Refund:
    reference = text(need(item, "externalId", what="refund handed in"))
    what = f"refund {reference}"
    return Refund(
        reference=reference,
        order_reference=text(need(item, "orderExternalId", what=what)),
        amount=decimal(need(item, "amount", what=what), what=f"amount of {what}"),
        currency=text(need(item, "currency", what=what)),
        at=moment(item.get("createdAt") or came_at, what=f"date of {what}"),
        order_line=text(item.get("orderLineId")),
        quantity=whole(item.get("quantity") or 0, what=f"units of {what}"),
        reason=text(item.get("reason")),
    )


def parse_level(item: Row, came_at: str) -> StockLevel:
    sku = text(need(item, "sku", what="stock level handed in"))
    what = f"stock level of {sku}"
    on_hand = item.get("onHand")
    return StockLevel(
        sku=sku,
        warehouse_code=text(item.get("location")),
        available=whole(need(item, "available", what=what), what=what),
        on_hand=None if on_hand is None else whole(on_hand, what=what),
        changed_at=moment(item.get("asOf") or came_at, what=f"time of the {what}"),
    )


def money(value: Any, *, what: str, missing: Decimal = Decimal(0)) -> Decimal:
    return missing if value is None or value == "" else decimal(value, what=what)


READERS: dict[str, Callable[[Row, str], Canonical]] = {
    "orders": parse_order,
    "shipments": parse_shipment,
    "returns": parse_return,
    "refunds": parse_refund,
    "stock": parse_level,
}
