"""Reads one order as the orders endpoint returns it (https://docs.commercetools.com/api/projects/orders#order)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.canonical import Address, OrderLine, OrderState, Refund, ReturnOrder, SalesOrder, round_money
from connectors.commercetools.addresses import parse_address
from connectors.commercetools.custom import extra_fields, field_text
from connectors.commercetools.deliveries import Shipping, parse_shipments, shippings
from connectors.commercetools.lines import Reading, Tax, parse_lines, parse_tax, spread_discount
from connectors.commercetools.payments import parse_payments, parse_refunds, payment_state
from connectors.commercetools.returns import parse_returns
from connectors.commercetools.settings import Settings
from connectors.commercetools.values import Body, amount, amount_or_none, currency, mapping, objects, reference_id, reference_key
from connectors.errors import ContractError
from connectors.reading import moment, need, text

ORDER_STATES = {  # orderState → ours; shipmentState refines the open ones
    "Open": OrderState.OPEN,
    "Confirmed": OrderState.OPEN,
    "Complete": OrderState.COMPLETE,
    "Cancelled": OrderState.CANCELLED,
}
GONE = frozenset({"Shipped", "Delivered"})
ZERO = Decimal(0)


def read_order(body: Body, settings: Settings) -> tuple[SalesOrder | ReturnOrder | Refund, ...]:
    """The order, and the returns and refunds that its body tells of."""
    order = unwrapped(body)
    sales_order = parse_order(order, settings)
    returns = parse_returns(order, number=sales_order.number, changed_at=sales_order.changed_at)
    return (sales_order, *returns, *parse_refunds(order, fallback_at=sales_order.changed_at))


def unwrapped(body: Body) -> Body:
    """The order itself, also from a message that carries one (`order`) or was expanded (`resource.obj`)."""
    if "lineItems" in body or "orderState" in body:
        return body
    carried = mapping(body.get("order")) or mapping(mapping(body.get("resource")).get("obj"))
    return carried or body


def parse_order(order: Body, settings: Settings) -> SalesOrder:
    reference = text(need(order, "id", what="order"))
    money_code = currency(need(order, "totalPrice", what="order")) or missing("currency")
    locales = (*settings.words("locales"), *([text(order.get("locale"))] if order.get("locale") else []))
    reading = Reading(locales, frozenset(settings.words("cancelled_line_states")))
    lines = parse_lines(order, reading=reading)
    ships = shippings(order)
    included = prices_include_tax(order, lines)
    payments = parse_payments(order, locales=locales)
    taxed = mapping(order.get("taxedPrice"))
    gross = amount_or_none(taxed.get("totalGross"), what="gross total")
    total = gross if gross is not None else amount(order.get("totalPrice"), what="total of the order")
    changed_at = moment(need(order, "lastModifiedAt", what="order"), what="lastModifiedAt of the order")
    return SalesOrder(
        reference=reference,
        number=text(order.get("orderNumber")) or reference,
        version=text(need(order, "version", what="order")),
        state=order_state(order),
        currency=money_code,
        lines=tell_tax(paid_lines(order, lines, ships), included=included),
        placed_at=placed_at(order, changed_at),
        changed_at=changed_at,
        payment_state=payment_state(order, payments, due=total, due_currency=money_code),
        vendor_state=text(order.get("orderState")),
        total=total,
        shipping_price=shipping_price(ships, included=included, money_code=money_code),
        shipping_tax_rate=shipping_tax(ships).rate,
        prices_include_tax=included,
        total_tax=total_tax(taxed),
        store_code=reference_key(order.get("store")),
        ship_service_code=ship_service(ships, settings.text("ship_service")),
        ship_service_label=", ".join(dict.fromkeys(name for name in map(method_name, ships) if name)),
        shipping_address=shipping_address(order, ships, settings),
        billing_address=parse_address(mapping(order.get("billingAddress")), house_number=settings.text("house_number")),
        payments=payments,
        shipments=parse_shipments(order),
        shipment_state=text(order.get("shipmentState")),
        email=text(order.get("customerEmail")) or text(mapping(order.get("shippingAddress")).get("email")),
        customer_reference=text(order.get("customerId")),
        note=field_text(mapping(mapping(order.get("custom")).get("fields")).get(settings.text("note_field")), locales=locales),
        extra=extra_fields(order, locales=locales),
    )


def missing(field: str) -> Any:
    raise ContractError(f"The order has no {field}.")


def order_state(order: Body) -> OrderState:
    """From orderState; an open order that shows as shipped is SHIPPED. Whether it is paid is told apart (payment_state)."""
    state = ORDER_STATES.get(text(order.get("orderState")), OrderState.UNKNOWN)
    return OrderState.SHIPPED if state is OrderState.OPEN and order.get("shipmentState") in GONE else state


def placed_at(order: Body, changed_at: datetime) -> datetime:
    """completedAt keeps the date of an imported order; createdAt is then only when it was imported."""
    written = order.get("completedAt") or order.get("createdAt")
    return moment(written, what="createdAt of the order") if written else changed_at


def total_tax(taxed: Body) -> Decimal | None:
    told = amount_or_none(taxed.get("totalTax"), what="total tax")
    if told is not None:
        return told
    net, gross = amount_or_none(taxed.get("totalNet"), what="net total"), amount_or_none(taxed.get("totalGross"), what="gross total")
    return gross - net if net is not None and gross is not None else None


def prices_include_tax(order: Body, lines: Sequence[OrderLine]) -> bool:
    """As the first line with a tax rate says; without one, whether the total is the gross total."""
    told = [line.tax_included for line in lines if line.tax_included is not None]
    if told:
        return told[0]
    gross = amount_or_none(mapping(order.get("taxedPrice")).get("totalGross"), what="gross total")
    return gross is not None and gross == amount_or_none(order.get("totalPrice"), what="total of the order")


def tell_tax(lines: Sequence[OrderLine], *, included: bool) -> tuple[OrderLine, ...]:
    """Leave `tax_included` only where a line differs from its order."""
    return tuple(replace(line, tax_included=None) if line.tax_included == included else line for line in lines)


def paid_lines(order: Body, lines: Sequence[OrderLine], ships: Sequence[Shipping]) -> Sequence[OrderLine]:
    """The lines with a discount on the order's total spread over them, as far as the total is lower than its parts."""
    discount = amount_or_none(mapping(order.get("discountOnTotalPrice")).get("discountedAmount"), what="discount on the total")
    if not discount:
        return lines
    parts = sum((line.total for line in lines), ZERO) + sum(map(stated_price, ships), ZERO)
    surplus = parts - amount(order.get("totalPrice"), what="total of the order")
    return spread_discount(lines, discount=min(discount, surplus), currency=currency(order.get("totalPrice")))


def stated_price(shipping: Shipping) -> Decimal:
    """What is paid for a shipping after its discount, taxed or not as its tax rate says."""
    discounted = mapping(shipping.info.get("discountedPrice"))
    for money in (discounted.get("value"), discounted, shipping.info.get("price")):
        found = amount_or_none(money, what="shipping price")
        if found is not None:
            return found
    return ZERO


def shipping_tax(ships: Sequence[Shipping]) -> Tax:
    """The tax of the shippings; None where they differ or do not tell."""
    taxes = {parse_tax(shipping.info) for shipping in ships}
    return taxes.pop() if len(taxes) == 1 else Tax()


def shipping_price(ships: Sequence[Shipping], *, included: bool, money_code: str) -> Decimal:
    """What is paid for shipping, on the same footing (with or without tax) as the lines."""
    return sum((price_on_footing(shipping, included=included, money_code=money_code) for shipping in ships), ZERO)


def price_on_footing(shipping: Shipping, *, included: bool, money_code: str) -> Decimal:
    price, tax = stated_price(shipping), parse_tax(shipping.info)
    if tax.included is None or tax.included == included:
        return price
    told = amount_or_none(mapping(shipping.info.get("taxedPrice")).get("totalGross" if included else "totalNet"), what="taxed shipping price")
    if told is not None:
        return told
    factor = 1 + (tax.rate or ZERO)
    return round_money(price * factor if included else price / factor, money_code)


def method_name(shipping: Shipping) -> str:
    return text(shipping.info.get("shippingMethodName"))


def ship_service(ships: Sequence[Shipping], by: str) -> str:
    """The code of the first shipping's method: its key, name or id as the connection says, else its name (custom methods have no more)."""
    if not ships:
        return ""
    method = ships[0].info.get("shippingMethod")
    told = {"key": reference_key(method), "id": reference_id(method)}.get(by, "")
    return told or method_name(ships[0])


def shipping_address(order: Body, ships: Sequence[Shipping], settings: Settings) -> Address | None:
    """The order's address; with Multiple shipping the first that is told."""
    bodies = (mapping(order.get("shippingAddress")), *(shipping.address for shipping in ships), *objects(order.get("itemShippingAddresses")))
    return parse_address(next((body for body in bodies if body), {}), house_number=settings.text("house_number"))
