"""How the shop's own checkout makes an order: lines from the catalogue, prices, tax, shipping, a payment, and its messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.commercetools.lines import as_gift, custom_line, line_of, totals
from connectors.sandbox.commercetools.shapes import Doc, cents, without_nones
from connectors.sandbox.commercetools.stock import plan_stock, take_stock
from connectors.sandbox.commercetools.store import Work

PAID_BY = {  # how a demo payment stands -> (transaction type, transaction state, the order's paymentState)
    "settled": ("Charge", "Success", "Paid"),
    "pending": ("Charge", "Pending", "Pending"),
    "authorized": ("Authorization", "Success", "BalanceDue"),
    "failed": ("Charge", "Failure", "Failed"),
    "label_only": ("Charge", "Pending", "Paid"),
}


@dataclass(frozen=True)
class Basket:
    """One checkout as the shop's customer leaves it."""

    lines: tuple[Doc, ...]  # {sku, quantity, gift?, supply_channel?, no_sku?}
    currency: str = "GBP"
    country: str = "GB"
    store: str | None = None
    shipping_method: str | None = None
    shipping_address: Doc | None = None
    billing_address: Doc | None = None
    email: str | None = "ann@example.com"
    custom_lines: tuple[Doc, ...] = ()  # {slug, name, amount}
    payment: str | None = "settled"
    payment_state: str | None = None
    shipment_state: str | None = "Pending"
    order_state: str = "Open"
    order_number: str | None = None
    inventory_mode: str = "ReserveOnOrder"
    supply_channel: str | None = None
    custom: Doc | None = None
    locale: str = "en-GB"
    extra: Doc = field(default_factory=dict)  # members laid over the finished order, for what no real shop should do


def check_out(work: Work, basket: Basket) -> Doc:
    """Place one order; refused for stock as a real checkout would be."""
    order = without_nones(base_order(work, basket))
    order |= totals(order)
    moves = plan_stock(work, order)
    label = PAID_BY[basket.payment][2] if basket.payment else None
    order["paymentState"] = basket.payment_state or label
    order.update(basket.extra)
    if basket.payment:
        payment = pay(work, order, basket.payment)
        order["paymentInfo"] = {"payments": [{"typeId": "payment", "id": payment["id"]}]}
    stored = work.create("orders", without_nones(order))
    take_stock(work, moves)
    work.tell("orders", stored, "OrderCreated", {}, embed="order")
    return stored


def base_order(work: Work, basket: Basket) -> Doc:
    store = {"typeId": "store", "key": basket.store} if basket.store else None
    return {
        "orderNumber": basket.order_number,
        "customerEmail": basket.email,
        "store": work.key_reference(store, "store") if store else None,
        "orderState": basket.order_state,
        "shipmentState": basket.shipment_state,
        "inventoryMode": basket.inventory_mode,
        "origin": "Customer",
        "country": basket.country,
        "locale": basket.locale,
        "taxMode": "Platform",
        "taxRoundingMode": "HalfEven",
        "taxCalculationMode": "LineItemLevel",
        "lineItems": [basket_line(work, basket, line) for line in basket.lines],
        "customLineItems": [basket_extra(work, basket, line) for line in basket.custom_lines],
        "totalPrice": cents(0, basket.currency),
        "shippingMode": "Single",
        "shipping": [],
        "shippingAddress": basket.shipping_address,
        "billingAddress": basket.billing_address,
        "shippingInfo": shipping(work, basket) if basket.shipping_method else None,
        "returnInfo": [],
        "syncInfo": [],
        "discountCodes": [],
        "directDiscounts": [],
        "refusedGifts": [],
        "cart": {"typeId": "cart", "id": work.state.new_id()},
        "custom": basket.custom,
    }


def basket_line(work: Work, basket: Basket, wanted: Doc) -> Doc:
    line = line_of(work, sku=wanted["sku"], quantity=wanted.get("quantity", 1), currency=basket.currency, country=basket.country)
    channel = wanted.get("supply_channel", basket.supply_channel)
    if channel:
        line["supplyChannel"] = work.reference({"typeId": "channel", "key": channel}, "channel")
    if wanted.get("no_sku"):
        del line["variant"]["sku"]
    return as_gift(line) if wanted.get("gift") else line


def basket_extra(work: Work, basket: Basket, wanted: Doc) -> Doc:
    slug = wanted.get("slug", "gift-wrap")
    amount = cents(wanted.get("amount", 250), basket.currency)
    return custom_line(
        work, slug=slug, name=wanted.get("name", slug.replace("-", " ").capitalize()), amount=amount, quantity=wanted.get("quantity", 1)
    )


def shipping(work: Work, basket: Basket) -> Doc:
    reference = work.reference({"typeId": "shipping-method", "key": basket.shipping_method}, "shipping-method")
    method = work.load("shipping-method", reference["id"])
    price = rate_in(method, basket.currency)
    return {
        "shippingMethodName": method["name"],
        "shippingMethod": reference,
        "price": price,
        "shippingRate": {"price": price, "tiers": []},
        "shippingMethodState": "MatchesCart",
        "deliveries": [],
    }


def rate_in(method: Doc, currency: str) -> Doc:
    rates = [rate["price"] for zone in method["zoneRates"] for rate in zone["shippingRates"]]
    found: Doc = next((price for price in rates if price["currencyCode"] == currency), cents(0, currency))
    return found


def pay(work: Work, order: Doc, how: str) -> Doc:
    kind, state, _ = PAID_BY[how]
    amount = order["totalPrice"]
    transaction = {"id": work.state.new_id(), "type": kind, "amount": amount, "state": state, "timestamp": work.at}
    payment: dict[str, Any] = {
        "interfaceId": f"psp-{work.state.random.getrandbits(48):012x}",
        "amountPlanned": amount,
        "paymentMethodInfo": {"paymentInterface": "demo-psp", "method": "CREDIT_CARD", "name": {"en": "Card"}},
        "paymentStatus": {},
        "transactions": [transaction],
        "interfaceInteractions": [],
    }
    stored = work.create("payments", payment)
    work.tell("payments", stored, "PaymentCreated", {}, embed="payment")
    return stored
