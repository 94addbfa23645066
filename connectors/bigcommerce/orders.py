"""An order with its products, addresses and shipments, in our vocabulary (https://developer.bigcommerce.com/docs/rest-management/orders)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from connectors.bigcommerce.regions import region_code
from connectors.bigcommerce.settings import Settings
from connectors.bigcommerce.values import Body, amount, exact, mapping, objects, when, when_or_none
from connectors.canonical import Address, OrderLine, OrderState, Parcel, Payment, PaymentState, SalesOrder, Shipment, ShipmentLine
from connectors.errors import ContractError
from connectors.reading import need, text, whole

NAMES = {  # labels can be changed by the shop, numbers cannot
    0: "Incomplete",
    1: "Pending",
    2: "Shipped",
    3: "Partially Shipped",
    4: "Refunded",
    5: "Cancelled",
    6: "Declined",
    7: "Awaiting Payment",
    8: "Awaiting Pickup",
    9: "Awaiting Shipment",
    10: "Completed",
    11: "Awaiting Fulfillment",
    12: "Manual Verification Required",
    13: "Disputed",
    14: "Partially Refunded",
}
STATES = {
    1: OrderState.WAITING_PAYMENT,
    2: OrderState.SHIPPED,
    3: OrderState.OPEN,
    4: OrderState.CANCELLED,
    5: OrderState.CANCELLED,
    6: OrderState.CANCELLED,
    7: OrderState.WAITING_PAYMENT,
    8: OrderState.OPEN,
    9: OrderState.OPEN,
    10: OrderState.COMPLETE,
    11: OrderState.OPEN,
    12: OrderState.WAITING_PAYMENT,
    13: OrderState.UNKNOWN,
    14: OrderState.UNKNOWN,
}
INCOMPLETE, PART_SHIPPED = 0, 3
PAYMENT_STATES = {
    "authorized": PaymentState.AUTHORISED,
    "captured": PaymentState.PAID,
    "capture pending": PaymentState.AUTHORISED,
    "declined": PaymentState.FAILED,
    "held for review": PaymentState.PENDING,
    "paid": PaymentState.PAID,
    "partially refunded": PaymentState.PAID,
    "pending": PaymentState.PENDING,
    "refunded": PaymentState.REFUNDED,
    "void": PaymentState.FAILED,
    "void pending": PaymentState.PENDING,
}


def parse_order(body: Body, settings: Settings) -> tuple[SalesOrder, ...]:
    """From an orders item: the order with what its links led to. () for an incomplete one, which is a basket and no order."""
    status = whole(need(body, "status_id", what="order"), what="status_id")
    if status == INCOMPLETE:
        return ()
    places, products = objects(body.get("shipping_addresses")), objects(body.get("products"))
    changed = changed_at(body)
    place = places[0] if places else {}
    total = amount(body.get("total_inc_tax"), what="total of the order")
    return (
        SalesOrder(
            reference=text(need(body, "id", what="order")),
            number=text(need(body, "id", what="order")),
            version=changed.isoformat(timespec="microseconds"),
            state=order_state(body, status, settings),
            currency=text(body.get("currency_code")) or text(body.get("default_currency_code")) or unknown("currency_code"),
            lines=parse_lines(products, shipped_away=status in (2, 10)),
            placed_at=when_or_none(body.get("date_created"), what="date_created of the order") or changed,
            changed_at=changed,
            payment_state=payment_state(body),
            vendor_state=f"{status} {text(body.get('status')) or NAMES.get(status, '')}".strip()[:80],
            total=total,
            shipping_price=amount(body.get("shipping_cost_inc_tax"), what="shipping cost"),
            prices_include_tax=any("price_inc_tax" in product or "total_inc_tax" in product for product in products),
            total_tax=total - amount(body["total_ex_tax"], what="net total") if body.get("total_ex_tax") else None,
            store_code=text(body.get("channel_id")) or settings.store,
            ship_service_code=text(place.get("shipping_method")) or settings.text("default_service"),
            ship_service_label=text(place.get("shipping_method")),
            email=text(mapping(body.get("billing_address")).get("email")) or text(place.get("email")),
            customer_reference=text(body.get("customer_id")) if body.get("customer_id") else "",
            shipping_address=parse_address(place) if len(places) < 2 else several(places),
            billing_address=parse_address(body.get("billing_address")),
            payments=parse_payments(body),
            shipments=tuple(parse_shipment(each, products) for each in objects(body.get("shipments"))),
            shipment_state=NAMES.get(status, ""),
            note=text(body.get("customer_message")),
            extra=extra_fields(body, places),
        ),
    )


def unknown(field: str) -> str:
    raise ContractError(f"The order has no {field}.")


def changed_at(body: Body) -> datetime:
    return when(need(body, "date_modified" if body.get("date_modified") else "date_created", what="order"), what="date_modified of the order")


def order_state(body: Body, status: int, settings: Settings) -> OrderState:
    """By the number, never by the label. A status before shipping that this connection does not ship from waits as if unpaid."""
    if body.get("is_deleted") is True and status not in (2, 10):
        return OrderState.CANCELLED
    state = STATES.get(status, OrderState.UNKNOWN)
    held = state is OrderState.OPEN and status != PART_SHIPPED and status not in settings.statuses
    return OrderState.WAITING_PAYMENT if held else state


def payment_state(body: Body) -> PaymentState:
    word = text(body.get("payment_status")).lower()
    return PAYMENT_STATES.get(word, PaymentState.PENDING) if word else PaymentState.NOT_TOLD


def parse_payments(body: Body) -> tuple[Payment, ...]:
    method = text(body.get("payment_method"))
    back = amount(body.get("refunded_amount"), what="refunded amount")
    return (Payment(method, method=method, refunded=back, currency=text(body.get("currency_code"))),) if method else ()


def parse_address(body: object) -> Address | None:
    """The address; None where there is none. `state` is a full name."""
    told = mapping(body)
    if not any(told.get(name) for name in ("street_1", "last_name", "city", "zip", "country_iso2")):
        return None
    return Address(
        first_name=text(told.get("first_name")),
        last_name=text(told.get("last_name")),
        company=text(told.get("company")),
        line1=text(told.get("street_1")),
        line2=text(told.get("street_2")),
        city=text(told.get("city")),
        region=region_code(text(told.get("state")), text(told.get("country_iso2")).upper()),
        postcode=text(told.get("zip")),
        country=text(told.get("country_iso2")).upper(),
        phone=text(told.get("phone")),
        email=text(told.get("email")),
    )


def several(places: list[dict[str, object]]) -> Address | None:
    """An order to several addresses has no one address: where they are the same it has, else a person must split it."""
    found = {parse_address(place) for place in places}
    return found.pop() if len(found) == 1 else None


def parse_lines(products: list[dict[str, object]], *, shipped_away: bool) -> tuple[OrderLine, ...]:
    """Every product of the order; of those only the physical ones ship."""
    return tuple(parse_line(product, shipped_away=shipped_away) for product in products)


def parse_line(product: Body, *, shipped_away: bool) -> OrderLine:
    """One product. Units refunded before they shipped are not wanted any more."""
    quantity = whole(need(product, "quantity", what="product of the order"), what="quantity of a product")
    gone = whole(product.get("quantity_refunded") or 0, what="quantity_refunded")
    sent = quantity if shipped_away else whole(product.get("quantity_shipped") or 0, what="quantity_shipped")
    with_tax = product.get("price_inc_tax") not in (None, "") or product.get("total_inc_tax") not in (None, "")
    side = "inc_tax" if with_tax else "ex_tax"
    unit = amount(product.get(f"price_{side}"), what="price of a product")
    stated = product.get(f"total_{side}")
    total = amount(stated, what="total of a product") if stated not in (None, "") else unit * quantity
    kind = text(product.get("type"))
    return OrderLine(
        reference=text(need(product, "id", what="product of the order")),
        sku=exact(product.get("sku")).strip(),
        quantity=quantity,
        total=total - sum((amount(each.get("amount"), what="discount") for each in objects(product.get("applied_discounts"))), Decimal(0)),
        title=text(product.get("name")),
        tax_rate=tax_rate(product),
        list_price=unit,
        product_reference=text(product.get("variant_id")) or text(product.get("product_id")),
        cancelled=max(0, quantity - max(quantity - gone, sent)),
        is_extra=kind not in ("", "physical"),  # digital goods and gift certificates
    )


def tax_rate(product: Body) -> Decimal | None:
    """Gross over net, less one; None where either is missing."""
    net, gross = amount(product.get("price_ex_tax"), what="net price"), amount(product.get("price_inc_tax"), what="gross price")
    return (gross / net - 1).quantize(Decimal("0.0001")) if net and gross else None


def extra_fields(body: Body, places: list[dict[str, object]]) -> dict[str, str]:
    names = ("order_source", "external_source", "external_order_id", "staff_notes", "channel_id")
    told = {name: text(body.get(name)) for name in names} | {"addresses": str(len(places)) if len(places) > 1 else ""}
    return {name: value for name, value in told.items() if value}


def parse_shipment(body: Body, products: list[dict[str, object]]) -> Shipment:
    skus = {text(product.get("id")): exact(product.get("sku")).strip() for product in products}
    reference = text(need(body, "id", what="shipment"))
    number = text(body.get("tracking_number"))
    page = text(body.get("tracking_link")) or text(body.get("generated_tracking_link"))
    lines = [(text(item.get("order_product_id")), whole(item.get("quantity"), what="quantity of a shipment")) for item in objects(body.get("items"))]
    return Shipment(
        reference=reference,
        lines=tuple(ShipmentLine(skus.get(line, ""), units, line) for line, units in lines),
        parcels=(Parcel(reference, tracking_number=number, tracking_url=page),) if number else (),
        carrier_code=text(body.get("shipping_provider")) or text(body.get("tracking_carrier")),
        carrier_label=text(body.get("shipping_provider_display_name")),
        shipped_at=when_or_none(body.get("date_created"), what="date_created of a shipment"),
    )
