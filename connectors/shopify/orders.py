"""An order as Shopify tells it, over GraphQL or in a webhook, in our vocabulary.

https://shopify.dev/docs/api/admin-graphql/latest/objects/Order
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from connectors.canonical import Address, OrderLine, OrderState, Parcel, PaymentState, SalesOrder, Shipment, ShipmentLine
from connectors.canonical import Payment as Paid
from connectors.errors import ContractError
from connectors.reading import decimal, moment, moment_or_none, need, text, whole
from connectors.shopify.rest import as_node
from connectors.shopify.settings import Settings
from connectors.shopify.values import Body, currency, exact, mapping, money, nodes, objects, tail, utc_text

PAYMENT_STATES = {  # displayFinancialStatus → ours
    "PENDING": PaymentState.PENDING,
    "AUTHORIZED": PaymentState.AUTHORISED,
    "PAID": PaymentState.PAID,
    "PARTIALLY_PAID": PaymentState.PENDING,
    "PARTIALLY_REFUNDED": PaymentState.PAID,
    "REFUNDED": PaymentState.REFUNDED,
    "VOIDED": PaymentState.FAILED,
    "EXPIRED": PaymentState.FAILED,
}
STATES = {  # displayFulfillmentStatus → ours; cancelledAt goes before it
    "UNFULFILLED": OrderState.OPEN,
    "PARTIALLY_FULFILLED": OrderState.OPEN,
    "FULFILLED": OrderState.SHIPPED,
    "IN_PROGRESS": OrderState.OPEN,
    "ON_HOLD": OrderState.OPEN,
    "SCHEDULED": OrderState.OPEN,
    "OPEN": OrderState.OPEN,
    "PENDING_FULFILLMENT": OrderState.OPEN,
    "REQUEST_DECLINED": OrderState.OPEN,
    "RESTOCKED": OrderState.CANCELLED,
    "": OrderState.OPEN,
}
UNDONE = frozenset({"CANCELLED", "ERROR", "FAILURE"})  # fulfillments that did not happen, or were taken back


def parse_order(body: Body, settings: Settings) -> SalesOrder:
    order = as_node(body)
    reference = text(order.get("legacyResourceId")) or tail(need(order, "id", what="order"))
    changed = need(order, "updatedAt", what="order")
    total = order.get("currentTotalPriceSet")
    shipped = text(order.get("displayFulfillmentStatus")).upper()
    shipping = mapping(order.get("shippingLine"))
    tax = money(order.get("currentTotalTaxSet"))
    return SalesOrder(
        reference=reference,
        number=text(order.get("name")) or reference,
        version=utc_text(changed, what="updatedAt of the order"),
        state=OrderState.CANCELLED if order.get("cancelledAt") else STATES.get(shipped, OrderState.UNKNOWN),
        currency=text(order.get("currencyCode")) or currency(total) or unknown("currencyCode"),
        lines=parse_lines(order),
        placed_at=moment(order.get("createdAt") or changed, what="createdAt of the order"),
        changed_at=moment(changed, what="updatedAt of the order"),
        payment_state=payment_state(order),
        vendor_state=" / ".join(filter(None, (text(order.get("displayFinancialStatus")), shipped)))[:80],
        total=money(total) or Decimal(0),
        shipping_price=money(order.get("totalShippingPriceSet")) or Decimal(0),
        prices_include_tax=order.get("taxesIncluded") is True,
        total_tax=tax,
        store_code=text(order.get("sourceName")) if settings.text("store_as") == "source" else settings.shop_code,
        ship_service_code=text(shipping.get("code")) or text(shipping.get("title")) or settings.text("default_service"),
        ship_service_label=text(shipping.get("title")),
        shipment_state=shipped,
        email=text(order.get("email")),
        shipping_address=parse_address(order.get("shippingAddress"), email=text(order.get("email"))),
        billing_address=parse_address(order.get("billingAddress"), email=text(order.get("email"))),
        payments=payments(order),
        shipments=parse_shipments(order),
        note=text(order.get("note")),
        tags=parse_tags(order.get("tags")),
        extra=extra_fields(order),
    )


def unknown(field: str) -> str:
    raise ContractError(f"The order has no {field}.")


def payment_state(order: Body) -> PaymentState:
    """A word we do not know counts as pending: it holds the order for a person instead of releasing it."""
    word = text(order.get("displayFinancialStatus")).upper()
    return PAYMENT_STATES.get(word, PaymentState.PENDING) if word else PaymentState.NOT_TOLD


def payments(order: Body) -> tuple[Paid, ...]:
    """The gateways' names are all that an order says of how it was paid."""
    names = order.get("paymentGatewayNames")
    return tuple(Paid(text(name), method=text(name)) for name in names if text(name)) if isinstance(names, list) else ()


def parse_address(body: object, *, email: str) -> Address | None:
    """The address; None where there is none."""
    told = mapping(body)
    if not told:
        return None
    return Address(
        first_name=text(told.get("firstName")),
        last_name=text(told.get("lastName")),
        company=text(told.get("company")),
        line1=text(told.get("address1")),
        line2=text(told.get("address2")),
        city=text(told.get("city")),
        region=text(told.get("provinceCode")) or text(told.get("province")),
        postcode=text(told.get("zip")),
        country=text(told.get("countryCodeV2")).upper(),
        phone=text(told.get("phone")),
        email=email,
    )


def parse_lines(order: Body) -> tuple[OrderLine, ...]:
    sent = units_sent(order)
    return tuple(parse_line(line, sent=sent[tail(line.get("id"))]) for line in nodes(order.get("lineItems")))


def parse_line(line: Body, *, sent: int) -> OrderLine:
    """One line. What was taken off before it shipped is cancelled; units that shipped and came back were wanted all the same."""
    quantity = whole(need(line, "quantity", what="line item"), what="quantity of a line item")
    told = line.get("currentQuantity")
    current = quantity if told is None else whole(told, what="currentQuantity of a line item")
    unit = money(line.get("originalUnitPriceSet"))
    variant = mapping(line.get("variant"))
    return OrderLine(
        reference=tail(need(line, "id", what="line item")),
        sku=exact(line.get("sku")).strip(),
        quantity=quantity,
        total=(unit or Decimal(0)) * quantity - discounts(line),
        title=text(line.get("name")),
        tax_rate=tax_rate(line),
        list_price=unit,
        product_reference=tail(variant.get("id")),
        cancelled=max(0, quantity - max(current, sent)),
        is_extra=line.get("requiresShipping") is False,
    )


def discounts(line: Body) -> Decimal:
    """What was taken off this line, its share of discounts on the whole order included."""
    taken = (money(each.get("allocatedAmountSet")) for each in objects(line.get("discountAllocations")))
    return sum((each for each in taken if each is not None), Decimal(0))


def tax_rate(line: Body) -> Decimal | None:
    """Taxes of state, county and city add up; None where none is told."""
    told = line.get("taxLines")
    if not isinstance(told, list):
        return None
    rates = [decimal(each["rate"], what="tax rate") for each in objects(told) if each.get("rate") is not None]
    return sum(rates, Decimal(0))


def parse_tags(tags: object) -> tuple[str, ...]:
    words = tags if isinstance(tags, list) else text(tags).split(",")
    return tuple(word for word in map(text, words) if word)


def extra_fields(order: Body) -> dict[str, str]:
    told = {
        "source": text(order.get("sourceName")),
        "po_number": text(order.get("poNumber")),
        "return_status": text(order.get("returnStatus")),
        "cancel_reason": text(order.get("cancelReason")),
    }
    told |= {text(each.get("key")): text(each.get("value")) for each in objects(order.get("customAttributes"))}
    return {name: value for name, value in told.items() if name and value}


def happened(fulfillment: Body) -> bool:
    return text(fulfillment.get("status")).upper() not in UNDONE


def units_of(fulfillment: Body) -> Counter[str]:
    units: Counter[str] = Counter()
    for item in nodes(fulfillment.get("fulfillmentLineItems")):
        units[tail(mapping(item.get("lineItem")).get("id"))] += whole(item.get("quantity"), what="quantity of a fulfillment")
    return units


def units_sent(order: Body) -> Counter[str]:
    """Units by line of every fulfillment that happened."""
    return sum((units_of(each) for each in nodes(order.get("fulfillments")) if happened(each)), Counter[str]())


def parse_shipments(order: Body) -> tuple[Shipment, ...]:
    skus = {tail(line.get("id")): exact(line.get("sku")).strip() for line in nodes(order.get("lineItems"))}
    return tuple(parse_fulfillment(each, skus) for each in nodes(order.get("fulfillments")) if each.get("id"))


def parse_fulfillment(body: Body, skus: dict[str, str]) -> Shipment:
    tracking = [each for each in objects(body.get("trackingInfo")) if text(each.get("number"))]
    reference = tail(body.get("id"))
    company = next((text(each.get("company")) for each in objects(body.get("trackingInfo")) if text(each.get("company"))), "")
    return Shipment(
        reference=reference,
        lines=tuple(ShipmentLine(skus.get(line, ""), quantity, line) for line, quantity in units_of(body).items()),
        parcels=tuple(Parcel(f"{reference}-{n}", text(each.get("number")), text(each.get("url"))) for n, each in enumerate(tracking, 1)),
        carrier_code=company,
        carrier_label=company,
        warehouse_code=tail(mapping(body.get("location")).get("id")),
        shipped_at=moment_or_none(body.get("createdAt"), what="createdAt of a fulfillment"),
        cancelled=not happened(body),
    )
