"""An order as OR11 shows it: amounts by tax mode, the living lines' sums, and the address only once it may be seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from connectors.sandbox.mirakl.answers import number, stamp
from connectors.sandbox.mirakl.lifecycle import can_cancel, can_refund, can_ship
from connectors.sandbox.mirakl.models import CENT, REFUSED, STAGING, WAITING_ACCEPTANCE, ZERO, Json, Line, Order, Refund
from connectors.sandbox.mirakl.settings import Settings

INCLUDED, EXCLUDED = "TAX_INCLUDED", "TAX_EXCLUDED"
ADDRESSES = ("billing_address", "shipping_address")
UNDECIDED = (STAGING, WAITING_ACCEPTANCE, REFUSED)


def tax_of(amount: Decimal, rate: Decimal, *, rates: Decimal, mode: str) -> Decimal:
    """One tax on an amount that holds all taxes (included) or none (excluded)."""
    base = amount * 100 / (100 + rates) if mode == INCLUDED else amount
    return (base * rate / 100).quantize(CENT)


def taxes_of(amount: Decimal, line: Line, *, mode: str) -> list[tuple[str, Decimal, Decimal]]:
    """(code, rate, tax) of an amount on this line; none on nothing."""
    rates = sum((rate for _, rate in line.taxes), ZERO)
    return [(code, rate, tax_of(amount, rate, rates=rates, mode=mode)) for code, rate in line.taxes] if amount else []


def in_mode(amount: Decimal, line: Line, *, own: str, asked: str) -> Decimal:
    """An amount as the asked tax mode expresses it."""
    if own == asked:
        return amount
    taxes = sum((tax for _, _, tax in taxes_of(amount, line, mode=own)), ZERO)
    return amount - taxes if asked == EXCLUDED else amount + taxes


def tax_rows(amount: Decimal, line: Line, *, mode: str) -> list[Json]:
    return [
        {"code": code, "amount": number(tax), "rate": number(rate), "tax_calculation_rule": "PROPORTIONAL_TO_AMOUNT"}
        for code, rate, tax in taxes_of(amount, line, mode=mode)
    ]


def line_view(order: Order, line: Line, *, mode: str) -> Json:
    price = in_mode(line.price, line, own=order.tax_mode, asked=mode)
    shipping = in_mode(line.shipping_price, line, own=order.tax_mode, asked=mode)
    unit = price / line.quantity
    fee, fee_tax, rate = line.commission_fee, line.commission_tax, line.commission_tax_rate
    code, label = line.reason or (None, None)
    return {
        "order_line_id": line.id,
        "order_line_index": line.index,
        "order_line_state": line.state,
        "order_line_state_reason_code": code,
        "order_line_state_reason_label": label,
        "offer_id": line.offer_id,
        "offer_sku": line.sku,
        "offer_state_code": "11",
        "product_sku": line.product_sku,
        "product_shop_sku": line.sku,
        "product_title": line.title,
        "product_medias": [],
        "category_code": line.category[0],
        "category_label": line.category[1],
        "description": None,
        "price_additional_info": None,
        "quantity": line.quantity,
        "price_unit": number(unit),
        "origin_unit_price": number(unit),
        "price": number(price),
        "shipping_price": number(shipping),
        "total_price": number(price + shipping),
        "taxes": tax_rows(line.price, line, mode=order.tax_mode),
        "shipping_taxes": tax_rows(line.shipping_price, line, mode=order.tax_mode),
        "commission_fee": number(fee),
        "commission_taxes": [{"code": "TAXDEFAULT", "amount": number(fee_tax), "rate": number(rate)}],
        "commission_vat": number(fee_tax),
        "commission_rate_vat": number(rate),
        "total_commission": number(fee + fee_tax),
        "fees": [],
        "can_refund": can_refund(order, line),
        "cancelations": line.cancelations,
        "refunds": [refund_view(each, line) for each in line.refunds],
        "promotions": [],
        "created_date": stamp(line.created_at),
        "last_updated_date": stamp(line.updated_at),
        "debited_date": stamp(line.debited_at),
        "shipped_date": stamp(line.shipped_at),
        "received_date": stamp(line.received_at),
        "shipping_from": {"address": {"country_iso_code": "GBR"}, "warehouse": None} | (line.origin or {}),
        "order_line_additional_fields": line.fields,
    }


def refund_view(refund: Refund, line: Line) -> Json:
    return {
        "id": refund.id,
        "order_refund_id": refund.group_id,
        "created_date": stamp(refund.created_at),
        "quantity": refund.quantity,
        "amount": number(refund.amount),
        "shipping_amount": number(refund.shipping_amount),
        "reason_code": refund.reason_code,
        "refund_state": refund.state,
        "state": refund.state,
        "taxes": refund.taxes,
        "shipping_taxes": refund.shipping_taxes,
        "fees": [],
        "commission_amount": number(refund.commission),
        "commission_taxes": [{"code": "TAXDEFAULT", "amount": number(refund.commission_tax), "rate": number(line.commission_tax_rate)}],
        "commission_total_amount": number(refund.commission + refund.commission_tax),
        "transaction_date": stamp(refund.paid_at),
        "transaction_number": refund.number,
    }


def address_known(order: Order, settings: Settings) -> bool:
    if order.no_address:
        return False
    if settings.address_available_at == "created":
        return True
    return order.shipping_at is not None if settings.address_available_at == "shipping" else order.state not in UNDECIDED


def customer_view(order: Order, settings: Settings) -> Json:
    """The customer, with the addresses in the form in which this operator hides them."""
    if address_known(order, settings):
        return order.customer
    rest = {name: value for name, value in order.customer.items() if name not in ADDRESSES}
    if settings.hidden_address == "missing":
        return rest
    if settings.hidden_address == "null":
        return rest | dict.fromkeys(ADDRESSES)
    return rest | {name: dict.fromkeys(order.customer[name]) for name in ADDRESSES}


def order_view(order: Order, settings: Settings, *, mode: str | None = None) -> Json:
    asked = mode or settings.order_tax_mode
    return (
        identity(order)
        | money(order, mode=asked)
        | flags(order, settings)
        | people(order, settings)
        | delivery(order, settings)
        | {
            "order_lines": [line_view(order, line, mode=asked) for line in order.lines],
        }
    )


def identity(order: Order) -> Json:
    code, label = order.reason or (None, None)
    return {
        "order_id": order.id,
        "commercial_id": order.commercial_id,
        "order_state": order.state,
        "order_state_reason_code": code,
        "order_state_reason_label": label,
        "created_date": stamp(order.created_at),
        "last_updated_date": stamp(order.updated_at),
        "acceptance_decision_date": stamp(order.decided_at),
        "channel": {"code": order.channel, "label": f"{order.channel} web shop"} if order.channel else None,
        "fulfillment": {"center": {"code": order.center}},
        "references": {"order_reference_for_customer": order.customer_reference, "order_reference_for_seller": order.seller_reference},
    }


def money(order: Order, *, mode: str) -> Json:
    """The sums leave refused and canceled lines out."""
    price = sum((in_mode(line.price, line, own=order.tax_mode, asked=mode) for line in order.live_lines), ZERO)
    shipping = sum((in_mode(line.shipping_price, line, own=order.tax_mode, asked=mode) for line in order.live_lines), ZERO)
    commission = sum((line.commission_fee + line.commission_tax for line in order.live_lines), ZERO)
    return {
        "currency_iso_code": order.currency,
        "order_tax_mode": mode,
        "payment_workflow": order.workflow,
        "payment_type": "CARD",
        "paymentType": "CARD",
        "payment_duration": None,
        "customer_debited_date": stamp(order.debited_at),
        "transaction_date": stamp(order.debited_at),
        "transaction_number": f"TR-{order.commercial_id}" if order.debited_at else None,
        "price": number(price),
        "shipping_price": number(shipping),
        "total_price": number(price + shipping),
        "total_commission": number(commission),
    }


def flags(order: Order, settings: Settings) -> Json:
    live = order.live_lines
    return {
        "can_cancel": can_cancel(order),
        "can_shop_ship": can_ship(order, settings.shipping_type(order.shipping_type)),
        "fully_refunded": bool(live) and all(line.state == "REFUNDED" for line in live),
        "has_incident": order.has_incident,
        "has_invoice": order.has_invoice,
        "has_customer_message": order.has_message,
        "customer_directly_pays_seller": False,
        "leadtime_to_ship": 2,
        "quote_id": None,
    }


def people(order: Order, settings: Settings) -> Json:
    email = {"customer_notification_email": order.email} if order.email else {}
    return {"customer": customer_view(order, settings), **email}


def delivery(order: Order, settings: Settings) -> Json:
    kind, carrier = settings.shipping_type(order.shipping_type), order.carrier
    return {
        "shipping_deadline": stamp(order.deadline),
        "delivery_date": delivery_date(order.deadline),
        "shipping_type_code": order.shipping_type,
        "shipping_type_label": kind["label"],
        "shipping_type_standard_code": kind.get("standard_code"),
        "shipping_zone_code": f"{settings.channel}1",
        "shipping_zone_label": f"{settings.channel} mainland",
        "shipping_carrier_code": carrier.get("carrier_code"),
        "shipping_carrier_standard_code": carrier.get("carrier_standard_code"),
        "shipping_company": carrier.get("carrier_name"),
        "shipping_tracking": carrier.get("tracking_number"),
        "shipping_tracking_url": carrier.get("tracking_url"),
        "shipping_pudo_id": None,
        "order_additional_fields": order.fields,
        "promotions": {"applied_promotions": [], "total_deduced_amount": 0},
    }


def delivery_date(deadline: datetime | None) -> Json | None:
    if deadline is None:
        return None
    return {"earliest": stamp(deadline + timedelta(days=1)), "latest": stamp(deadline + timedelta(days=4))}
