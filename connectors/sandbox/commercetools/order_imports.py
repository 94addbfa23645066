"""Order import: an order without a cart, taken as given (https://docs.commercetools.com/api/projects/orders-import)."""

from __future__ import annotations

from connectors.sandbox.commercetools.custom import custom_of
from connectors.sandbox.commercetools.deliveries import new_delivery
from connectors.sandbox.commercetools.errors import ApiError, invalid_field, invalid_input
from connectors.sandbox.commercetools.lines import find_variant, initial_split, snapshot
from connectors.sandbox.commercetools.shapes import (
    Doc,
    address,
    cents,
    choose,
    key_of,
    localized,
    money,
    objects,
    refuse_taken_keys,
    take,
    without_nones,
)
from connectors.sandbox.commercetools.stock import plan_stock, take_stock
from connectors.sandbox.commercetools.store import Work

ORDER_STATES = frozenset({"Open", "Confirmed", "Complete", "Cancelled"})
PAYMENT_STATES = frozenset({"BalanceDue", "Failed", "Pending", "CreditOwed", "Paid"})
SHIPMENT_STATES = frozenset({"Shipped", "Delivered", "Ready", "Pending", "Delayed", "Partial", "Backorder", "Canceled"})
INVENTORY_MODES = frozenset({"None", "TrackOnly", "ReserveOnOrder", "ReserveOnCart"})
ORIGINS = frozenset({"Customer", "Merchant", "Quote", "RecurringOrder"})
SHIPPING_STATES = frozenset({"MatchesCart", "DoesNotMatchCart"})
CHANNEL_ROLES = {"supplyChannel": "InventorySupply", "distributionChannel": "ProductDistribution"}


def import_order(work: Work, draft: Doc) -> Doc:
    lines = [import_line(work, line) for line in objects(draft, "lineItems")]
    custom_lines = [import_custom_line(work, line) for line in objects(draft, "customLineItems")]
    if not lines and not custom_lines:
        raise invalid_input("An order must have at least one line item or custom line item.")
    refuse_taken_keys([line.get("key") for line in lines], "key")
    order = without_nones(
        {
            **plain_members(draft),
            **linked_members(work, draft),
            "totalPrice": money(draft, "totalPrice", required=True),
            "taxedPrice": taxed_price(draft),
            "lineItems": lines,
            "customLineItems": custom_lines,
            "taxMode": "External",
            "shippingMode": "Single",
            "shipping": [],
            "syncInfo": [],
            "returnInfo": [],
            "discountCodes": [],
            "directDiscounts": [],
            "refusedGifts": [],
        }
    )
    order["shippingInfo"] = shipping_info(work, draft, order)
    check_store(work, order)
    moves = plan_stock(work, order)
    stored = work.create("orders", without_nones(order))
    take_stock(work, moves)
    work.tell("orders", stored, "OrderImported", {}, embed="order")
    return stored


def plain_members(draft: Doc) -> Doc:
    texts = ("orderNumber", "purchaseOrderNumber", "customerId", "customerEmail", "country", "completedAt")
    return {name: take(draft, name, "string") for name in texts} | {
        "orderState": choose(draft, "orderState", ORDER_STATES, default="Open"),
        "paymentState": choose(draft, "paymentState", PAYMENT_STATES),
        "shipmentState": choose(draft, "shipmentState", SHIPMENT_STATES),
        "inventoryMode": choose(draft, "inventoryMode", INVENTORY_MODES, default="None"),
        "origin": choose(draft, "origin", ORIGINS, default="Customer"),
        "shippingAddress": address(draft, "shippingAddress"),
        "billingAddress": address(draft, "billingAddress"),
        "itemShippingAddresses": draft.get("itemShippingAddresses"),
    }


def linked_members(work: Work, draft: Doc) -> Doc:
    store, state = take(draft, "store", "object"), take(draft, "state", "object")
    payments = objects(take(draft, "paymentInfo", "object", default={}), "payments")
    return {
        "store": work.key_reference(store, "store") if store else None,
        "state": work.reference(state, "state") if state else None,
        "paymentInfo": {"payments": [work.reference(payment, "payment") for payment in payments]} if payments else None,
        "custom": custom_of(work, draft, "order"),
    }


def taxed_price(draft: Doc) -> Doc | None:
    given = take(draft, "taxedPrice", "object")
    if given is None:
        return None
    portions = [portion | {"amount": money(portion, "amount", required=True)} for portion in objects(given, "taxPortions")]
    taxed = {"totalNet": money(given, "totalNet", required=True), "totalGross": money(given, "totalGross", required=True)}
    return without_nones(taxed | {"taxPortions": portions, "totalTax": money(given, "totalTax")})


def import_line(work: Work, draft: Doc) -> Doc:
    name, given = localized(draft, "name", required=True), take(draft, "variant", "object", required=True)
    quantity = take(draft, "quantity", "int", required=True)
    price = take(draft, "price", "object", required=True)
    value = money(price, "value", required=True, unit_price=True) or {}
    copied = imported_variant(work, draft, given)
    line = {
        "id": work.state.new_id(),
        "key": key_of(draft),
        **copied,
        "name": name,
        "price": {"id": work.state.new_id(), **price, "value": value},
        "quantity": quantity,
        "totalPrice": cents(value["centAmount"] * quantity, value["currencyCode"]),
        "discountedPricePerQuantity": [],
        "taxRate": take(draft, "taxRate", "object"),
        "state": line_split(work, draft, quantity),
        "inventoryMode": choose(draft, "inventoryMode", INVENTORY_MODES),
        "shippingDetails": take(draft, "shippingDetails", "object"),
        "custom": custom_of(work, draft, "line-item"),
        "priceMode": "Platform",
        "lineItemMode": "Standard",
        "taxedPricePortions": [],
        "perMethodTaxRate": [],
    }
    for member, role in CHANNEL_ROLES.items():
        if draft.get(member) is not None:
            line[member] = channel_with_role(work, draft[member], role)
    return without_nones(line)


def imported_variant(work: Work, draft: Doc, given: Doc) -> Doc:
    """The catalogue snapshot under what the draft overrides; an unknown SKU or variant fails the import."""
    sku = take(given, "sku", "string")
    if sku is not None:
        found = find_variant(work.state, sku)
        if found is None:
            raise invalid_field("sku", sku)
    else:
        found = variant_by_id(work, draft, take(given, "id", "int", required=True))
    copied = snapshot(*found)
    copied["variant"] |= {name: given[name] for name in ("prices", "attributes", "images") if name in given}
    return copied


def variant_by_id(work: Work, draft: Doc, number: int) -> tuple[Doc, Doc]:
    product_id = take(draft, "productId", "string", required=True)
    product = work.load("product", work.find({"typeId": "product", "id": product_id}, "product"))
    data = product["masterData"]["current"]
    for variant in (data["masterVariant"], *data["variants"]):
        if variant["id"] == number:
            return product, variant
    raise invalid_input(f"The product '{product_id}' has no variant with ID {number}.")


def line_split(work: Work, draft: Doc, quantity: int) -> list[Doc]:
    given = objects(draft, "state")
    if not given:
        return initial_split(work.state, quantity)
    split = [{"quantity": take(part, "quantity", "int", required=True), "state": work.reference(part.get("state"), "state")} for part in given]
    if sum(part["quantity"] for part in split) != quantity:
        raise invalid_input("The quantities of the states do not add up to the quantity of the line item.")
    return split


def import_custom_line(work: Work, draft: Doc) -> Doc:
    quantity = take(draft, "quantity", "int", required=True)
    amount = money(draft, "money", required=True, unit_price=True) or {}
    line = {
        "id": work.state.new_id(),
        "key": key_of(draft),
        "name": localized(draft, "name", required=True),
        "slug": take(draft, "slug", "string", required=True),
        "quantity": quantity,
        "money": amount,
        "totalPrice": cents(amount["centAmount"] * quantity, amount["currencyCode"]),
        "taxRate": take(draft, "taxRate", "object"),
        "state": line_split(work, draft, quantity),
        "priceMode": take(draft, "priceMode", "string", default="Standard"),
        "custom": custom_of(work, draft, "custom-line-item"),
        "discountedPricePerQuantity": [],
        "taxedPricePortions": [],
        "perMethodTaxRate": [],
    }
    return without_nones(line)


def channel_with_role(work: Work, given: Doc, role: str) -> Doc:
    reference = work.reference(given, "channel")
    if role not in work.load("channel", reference["id"])["roles"]:
        raise ApiError(400, "MissingRoleOnChannel", f"The channel lacks the role '{role}'.", channel=reference, missingRole=role)
    return reference


def shipping_info(work: Work, draft: Doc, order: Doc) -> Doc | None:
    given = take(draft, "shippingInfo", "object")
    if given is None:
        return None
    rate = take(given, "shippingRate", "object", required=True)
    method = take(given, "shippingMethod", "object")
    return without_nones(
        {
            "shippingMethodName": take(given, "shippingMethodName", "string", required=True),
            "shippingMethod": work.reference(method, "shipping-method") if method else None,
            "price": money(given, "price", required=True),
            "shippingRate": {"price": money(rate, "price", required=True), "tiers": []},
            "taxRate": take(given, "taxRate", "object"),
            "taxCategory": take(given, "taxCategory", "object"),
            "shippingMethodState": choose(given, "shippingMethodState", SHIPPING_STATES, default="MatchesCart"),
            "deliveries": [new_delivery(work, order, delivery, key_name="key") for delivery in objects(given, "deliveries")],
        }
    )


def check_store(work: Work, order: Doc) -> None:
    """A store that lists channels or countries takes no others."""
    if "store" not in order:
        return
    store = work.load("store", work.find(order["store"], "store"))
    countries = [country["code"] for country in store.get("countries", [])]
    if countries and "country" in order and order["country"] not in countries:
        raise ApiError(
            400,
            "CountryNotConfiguredInStore",
            f"The country '{order['country']}' is not configured for the store '{store['key']}'.",
            storeCountries=countries,
            country=order["country"],
        )
    for member, listed in (("supplyChannel", "supplyChannels"), ("distributionChannel", "distributionChannels")):
        allowed = [channel["id"] for channel in store.get(listed, [])]
        used = [line[member]["id"] for line in order["lineItems"] if member in line]
        if allowed and set(used) - set(allowed):
            raise invalid_input(f"{member}: the channel is not configured for the store '{store['key']}'")
