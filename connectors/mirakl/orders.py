"""Reads one order as OR11 tells it, and the refunds inside it. https://developer.mirakl.com"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.canonical import OrderState, Parcel, Payment, PaymentState, Refund, SalesOrder, Shipment, ShipmentLine
from connectors.mirakl.addresses import order_address
from connectors.mirakl.client import Row, listed, part
from connectors.mirakl.lines import ZERO, first_number, live, parse_lines, tax_rate, tax_sum, wanted_units
from connectors.mirakl.options import Settings
from connectors.mirakl.refunds import parse_refunds
from connectors.reading import moment, moment_or_none, need, text

STATES = {  # STAGING is the operator's fraud check: such an order is not ours to see yet
    "WAITING_ACCEPTANCE": OrderState.WAITING_ACCEPTANCE,
    "WAITING_DEBIT": OrderState.WAITING_PAYMENT,
    "WAITING_DEBIT_PAYMENT": OrderState.WAITING_PAYMENT,
    "SHIPPING": OrderState.OPEN,
    "SHIPPED": OrderState.SHIPPED,
    "TO_COLLECT": OrderState.SHIPPED,
    "RECEIVED": OrderState.COMPLETE,
    "CLOSED": OrderState.COMPLETE,
    "REFUSED": OrderState.REFUSED,
    "CANCELED": OrderState.CANCELLED,
}
HIDDEN = "STAGING"
SENT = frozenset({"SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"})
UNPAID = frozenset({"WAITING_ACCEPTANCE", "WAITING_DEBIT", "WAITING_DEBIT_PAYMENT"})
ENDED = frozenset({"REFUSED", "CANCELED"})
PAID_LATER = frozenset({"PAY_ON_DELIVERY", "PAY_ON_DUE_DATE", "PAY_ON_SHIPMENT", "NO_CUSTOMER_PAYMENT_CONFIRMATION"})
PLAIN_EXTRA = (
    "commercial_id",
    "order_state_reason_code",
    "order_state_reason_label",
    "acceptance_decision_date",
    "payment_workflow",
    "payment_type",
    "order_tax_mode",
    "total_commission",
    "shipping_zone_code",
    "shipping_pudo_id",
    "quote_id",
)
FLAGS = ("can_cancel", "can_shop_ship", "has_incident", "has_invoice", "has_customer_message", "fully_refunded")
LINE_EXTRA = ("commission_fee", "total_commission", "category_code", "offer_id")


def read_order(body: Row, settings: Settings) -> tuple[SalesOrder | Refund, ...]:
    """The order and its refunds; nothing while the operator still checks it."""
    order = unwrapped(body)
    if text(order.get("order_state")) == HIDDEN:
        return ()
    return (parse_order(order, settings), *parse_refunds(order))


def unwrapped(body: Row) -> Row:
    """The order itself, also out of a list of one."""
    inside = listed(body, "orders")
    return inside[0] if len(inside) == 1 and "order_id" not in body else body


def parse_order(order: Row, settings: Settings) -> SalesOrder:
    reference = text(need(order, "order_id", what="order"))
    changed_at = changed(order)
    included = text(order.get("order_tax_mode")) != "TAX_EXCLUDED"
    tax = total_tax(order)
    shown = first_number(order.get("total_price")) or ZERO
    email = customer_email(order, settings)
    return SalesOrder(
        reference=reference,
        number=reference,
        version=version_of(changed_at),
        state=STATES.get(text(order.get("order_state")), OrderState.UNKNOWN),
        currency=text(need(order, "currency_iso_code", what=f"order {reference}")).upper(),
        lines=parse_lines(order, included=included),
        placed_at=moment_or_none(order.get("created_date"), what="created_date of the order") or changed_at,
        changed_at=changed_at,
        payment_state=payment_state(order),
        vendor_state=text(order.get("order_state")),
        total=shown if included else shown + (tax or ZERO),
        shipping_price=first_number(order.get("shipping_price")) or ZERO,
        shipping_tax_rate=shipping_tax_rate(order, included=included),
        prices_include_tax=included,
        total_tax=tax,
        store_code=text(part(order, "channel").get("code")),
        ship_service_code=text(order.get("shipping_type_code")),
        ship_service_label=text(order.get("shipping_type_label")),
        carrier_code=text(order.get("shipping_carrier_code")),
        email=email,
        customer_reference=text(part(order, "customer").get("customer_id")),
        shipping_address=order_address(order, "shipping_address", settings, email=email),
        billing_address=order_address(order, "billing_address", settings),
        payments=payments(order),
        shipments=shipments(order, reference),
        shipment_state=text(order.get("order_state")) if text(order.get("order_state")) in SENT else "",
        note=note(order, settings),
        extra=extra(order),
        ship_by=moment_or_none(order.get("shipping_deadline"), what="shipping_deadline of the order"),
    )


def changed(order: Row) -> datetime:
    written = order.get("last_updated_date") or need(order, "created_date", what="order")
    return moment(written, what="last_updated_date of the order")


def version_of(at: datetime) -> str:
    """Of equal form whether Mirakl wrote milliseconds or left them out, so that it sorts as time does."""
    return at.isoformat(timespec="microseconds")


def total_tax(order: Row) -> Decimal | None:
    """Taxes of the living lines and of the order as a whole; None where none are told."""
    taxes = [tax for line in listed(order, "order_lines") if live(line) for name in ("taxes", "shipping_taxes") for tax in listed(line, name)]
    taxes += listed(order, "order_taxes")
    return tax_sum(taxes) if taxes else None


def shipping_tax_rate(order: Row, *, included: bool) -> Decimal | None:
    """The rate all shipping is taxed at; where lines differ, what comes out over all of them."""
    lines = [line for line in listed(order, "order_lines") if live(line) and listed(line, "shipping_taxes")]
    rates = {tax_rate(listed(line, "shipping_taxes"), first_number(line.get("shipping_price")) or ZERO, included=included) for line in lines}
    if len(rates) == 1:
        return rates.pop()
    amounts = [{"amount": tax_sum(listed(line, "shipping_taxes"))} for line in lines]
    price = sum((first_number(line.get("shipping_price")) or ZERO for line in lines), ZERO)
    return tax_rate(amounts, price, included=included)


def payment_state(order: Row) -> PaymentState:
    """Accepted is not paid. Where the customer pays on acceptance, SHIPPING says that the money is there."""
    state = text(order.get("order_state"))
    if order.get("fully_refunded") is True:
        return PaymentState.REFUNDED
    if order.get("customer_debited_date"):
        return PaymentState.PAID
    if state in UNPAID:
        return PaymentState.PENDING
    if state in ENDED or state not in STATES:
        return PaymentState.NOT_TOLD
    return PaymentState.AUTHORISED if text(order.get("payment_workflow")) in PAID_LATER else PaymentState.PAID


def payments(order: Row) -> tuple[Payment, ...]:
    """The customer's payment to the operator, as far as the order tells of one."""
    if not order.get("customer_debited_date") and not text(order.get("transaction_number")):
        return ()
    included = text(order.get("order_tax_mode")) != "TAX_EXCLUDED"
    amount = (first_number(order.get("total_price")) or ZERO) + (ZERO if included else total_tax(order) or ZERO)
    payment = Payment(
        text(order.get("transaction_number")) or text(order.get("order_id")),
        authorised=amount,
        refunded=sum((refund.amount for refund in parse_refunds(order)), ZERO),
        method=text(order.get("payment_type")) or text(order.get("paymentType")),
        currency=text(order.get("currency_iso_code")).upper(),
    )
    return (replace(payment, captured=amount if order.get("customer_debited_date") else ZERO),)


def customer_email(order: Row, settings: Settings) -> str:
    """The real address where an operator keeps it in a custom field; else the anonymised one, unless the connection wants none."""
    own = field_value(order, settings.text("email_field"))
    if own or settings.text("customer_email") == "none":
        return own
    return text(order.get("customer_notification_email"))


def note(order: Row, settings: Settings) -> str:
    return field_value(order, settings.text("note_field")) or text(part(part(order, "customer"), "shipping_address").get("additional_info"))


def field_value(order: Row, code: str) -> str:
    return next((field_text(each) for each in listed(order, "order_additional_fields") if code and text(each.get("code")) == code), "")


def field_text(field: Mapping[str, Any]) -> str:
    """A custom field's value: always text, except for a list of several values."""
    value = field.get("value")
    return ", ".join(text(each) for each in value) if isinstance(value, list) else text(value)


def shipments(order: Row, reference: str) -> tuple[Shipment, ...]:
    """What the order as a whole shows as sent (one tracking): named after the order, for it has no id of its own."""
    if text(order.get("order_state")) not in SENT:
        return ()
    skus = {text(line.get("order_line_id")): text(line.get("offer_sku")) for line in listed(order, "order_lines")}
    lines = tuple(ShipmentLine(skus[line], units, line) for line, units in wanted_units(order).items())
    number = text(order.get("shipping_tracking"))
    dates = [moment_or_none(line.get("shipped_date"), what="shipped_date of an order line") for line in listed(order, "order_lines")]
    return (
        Shipment(
            reference,
            lines,
            parcels=(Parcel(number, number, text(order.get("shipping_tracking_url"))),) if number else (),
            carrier_code=text(order.get("shipping_carrier_code")),
            carrier_label=text(order.get("shipping_company")),
            service_code=text(order.get("shipping_type_code")),
            shipped_at=max((date for date in dates if date is not None), default=None),
        ),
    )


def extra(order: Row) -> dict[str, str]:
    """What a filter, a report or a case may ask about. `auto_refused`: the operator's clock ran out, nobody decided."""
    found = {name: text(order.get(name)) for name in PLAIN_EXTRA}
    found |= {name: str(order[name]).lower() for name in FLAGS if isinstance(order.get(name), bool)}
    found |= {f"delivery_{name}": text(part(order, "delivery_date").get(name)) for name in ("earliest", "latest")}
    found |= {name: text(value) for name, value in part(order, "references").items()}
    found["channel_label"] = text(part(order, "channel").get("label"))
    found["fulfillment_center"] = text(part(part(order, "fulfillment"), "center").get("code"))
    if text(order.get("order_state")) == "REFUSED" and not order.get("acceptance_decision_date"):
        found["auto_refused"] = "true"
    for field in listed(order, "order_additional_fields"):
        found[f"field.{text(field.get('code'))}"] = field_text(field)
    for line in listed(order, "order_lines"):
        found |= {f"line.{text(line.get('order_line_id'))}.{name}": text(line.get(name)) for name in LINE_EXTRA}
    return {name: value for name, value in found.items() if value}
