"""Carts, as little of them as it takes to order from one (https://docs.commercetools.com/api/projects/carts)."""

from __future__ import annotations

from connectors.sandbox.commercetools.checkout import rate_in
from connectors.sandbox.commercetools.custom import custom_of
from connectors.sandbox.commercetools.errors import invalid_input, invalid_operation
from connectors.sandbox.commercetools.lines import custom_line, line_of, totals, variants_of
from connectors.sandbox.commercetools.order_imports import (
    CHANNEL_ROLES,
    INVENTORY_MODES,
    ORDER_STATES,
    PAYMENT_STATES,
    SHIPMENT_STATES,
    channel_with_role,
)
from connectors.sandbox.commercetools.resources import Resource
from connectors.sandbox.commercetools.shapes import Doc, address, choose, localized, money, objects, take, without_nones
from connectors.sandbox.commercetools.stock import plan_stock, take_stock
from connectors.sandbox.commercetools.store import Work, check_version

NOT_COPIED = {"id", "version", "createdAt", "lastModifiedAt", "createdBy", "lastModifiedBy", "cartState", "totalLineItemQuantity"}


def create_cart(work: Work, draft: Doc) -> Doc:
    currency, country = take(draft, "currency", "string", required=True), take(draft, "country", "string")
    store = take(draft, "store", "object")
    lines = [cart_line(work, line, currency, country) for line in objects(draft, "lineItems")]
    cart = {
        "cartState": "Active",
        "country": country,
        "customerEmail": take(draft, "customerEmail", "string"),
        "customerId": take(draft, "customerId", "string"),
        "store": work.key_reference(store, "store") if store else None,
        "inventoryMode": choose(draft, "inventoryMode", INVENTORY_MODES, default="None"),
        "lineItems": lines,
        "customLineItems": [cart_custom_line(work, line) for line in objects(draft, "customLineItems")],
        "totalPrice": money({"money": {"currencyCode": currency, "centAmount": 0}}, "money"),
        "shippingAddress": address(draft, "shippingAddress"),
        "billingAddress": address(draft, "billingAddress"),
        "shippingInfo": cart_shipping(work, draft, currency),
        "taxMode": take(draft, "taxMode", "string", default="Platform"),
        "totalLineItemQuantity": sum(line["quantity"] for line in lines) or None,
        "shippingMode": "Single",
        "shipping": [],
        "origin": "Customer",
        "custom": custom_of(work, draft, "order"),
        "discountCodes": [],
        "directDiscounts": [],
        "refusedGifts": [],
    }
    cart = without_nones(cart)
    return work.create("carts", cart | totals(cart))


def cart_line(work: Work, draft: Doc, currency: str, country: str | None) -> Doc:
    quantity = take(draft, "quantity", "int", default=1)
    line = line_of(work, sku=sku_of(work, draft), quantity=quantity, currency=currency, country=country or "GB")
    for member, role in CHANNEL_ROLES.items():
        if draft.get(member) is not None:
            line[member] = channel_with_role(work, draft[member], role)
    custom = custom_of(work, draft, "line-item")
    return line | ({"custom": custom} if custom else {})


def sku_of(work: Work, draft: Doc) -> str:
    sku = take(draft, "sku", "string")
    if sku is not None:
        return str(sku)
    product_id = take(draft, "productId", "string", required=True)
    product = work.load("product", work.find({"typeId": "product", "id": product_id}, "product"))
    number = take(draft, "variantId", "int", default=1)
    for variant in variants_of(product["masterData"]["current"]):
        if variant["id"] == number and "sku" in variant:
            return str(variant["sku"])
    raise invalid_input(f"The variant {number} of product '{product_id}' was not found.")


def cart_custom_line(work: Work, draft: Doc) -> Doc:
    amount, name = money(draft, "money", required=True) or {}, localized(draft, "name", required=True) or {}
    slug, quantity = take(draft, "slug", "string", required=True), take(draft, "quantity", "int", default=1)
    return custom_line(work, slug=slug, name="", amount=amount, quantity=quantity) | {"name": name}


def cart_shipping(work: Work, draft: Doc, currency: str) -> Doc | None:
    given = take(draft, "shippingMethod", "object")
    if given is None:
        return None
    reference = work.reference(given, "shipping-method")
    method = work.load("shipping-method", reference["id"])
    price = rate_in(method, currency)
    return {
        "shippingMethodName": method["name"],
        "shippingMethod": reference,
        "price": price,
        "shippingRate": {"price": price, "tiers": []},
        "shippingMethodState": "MatchesCart",
        "deliveries": [],
    }


def order_from_cart(work: Work, draft: Doc) -> Doc:
    """`POST /orders`: the cart becomes an order, and accepts no more changes."""
    given = take(draft, "cart", "object") or {"typeId": "cart", "id": take(draft, "id", "string", required=True)}
    cart = work.load("cart", work.find(given, "cart"))
    check_version(cart, take(draft, "version", "int", required=True))
    if cart["cartState"] != "Active":
        raise invalid_operation(f"The cart is in state '{cart['cartState']}' and cannot be ordered.")
    if "shippingAddress" not in cart:
        raise invalid_operation("The shipping address of the cart is not set.")
    if not cart["lineItems"] and not cart["customLineItems"]:
        raise invalid_operation("The cart is empty.")
    state = take(draft, "state", "object")
    order = {name: value for name, value in cart.items() if name not in NOT_COPIED} | {
        "orderNumber": take(draft, "orderNumber", "string"),
        "purchaseOrderNumber": take(draft, "purchaseOrderNumber", "string"),
        "orderState": choose(draft, "orderState", ORDER_STATES, default="Open"),
        "paymentState": choose(draft, "paymentState", PAYMENT_STATES),
        "shipmentState": choose(draft, "shipmentState", SHIPMENT_STATES),
        "state": work.reference(state, "state") if state else None,
        "custom": custom_of(work, draft, "order") or cart.get("custom"),
        "syncInfo": [],
        "returnInfo": [],
        "cart": {"typeId": "cart", "id": cart["id"]},
    }
    moves = plan_stock(work, order)
    stored = work.create("orders", without_nones(order))
    work.replace("carts", cart | {"cartState": "Ordered"})
    take_stock(work, moves)
    work.tell("orders", stored, "OrderCreated", {}, embed="order")
    return stored


CARTS = Resource(path="carts", view=("view_orders",), manage=("manage_orders",), create=create_cart, in_store=True)
