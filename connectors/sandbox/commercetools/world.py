"""What the shop's customers, staff and payment provider do: order, pay, edit, cancel, change the catalogue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.sandbox.commercetools.checkout import Basket, check_out
from connectors.sandbox.commercetools.collection import flip
from connectors.sandbox.commercetools.errors import ApiError, invalid_input, invalid_operation, not_found
from connectors.sandbox.commercetools.lines import line_of, rest_of_line, totals, variants_of
from connectors.sandbox.commercetools.matching import stamp
from connectors.sandbox.commercetools.order_actions import ORDER_ACTIONS
from connectors.sandbox.commercetools.payments import PAYMENT_ACTIONS
from connectors.sandbox.commercetools.people import person
from connectors.sandbox.commercetools.products import PRODUCT_ACTIONS
from connectors.sandbox.commercetools.settings import SHOP_CLIENT_ID
from connectors.sandbox.commercetools.shapes import Doc
from connectors.sandbox.commercetools.store import State, Work
from connectors.sandbox.commercetools.updates import update

STORE_COUNTRIES = {"uk": "GB", "eu": "DE", "outlet": "GB"}
STORE_CHANNELS = {"uk": "wh-leeds", "eu": "wh-berlin", "outlet": "wh-leeds"}
LOCALES = {"GB": "en-GB", "DE": "de-DE", "FR": "fr-FR"}
SETTLED = {"settle": ("Success", "Paid"), "fail": ("Failure", "Failed")}
PLAIN = ("order_state", "payment_state", "shipment_state", "inventory_mode", "supply_channel")


def shop_work(state: State, *, at: str | None = None, by: str = SHOP_CLIENT_ID) -> Work:
    return Work(state, at or state.now(), {"clientId": by, "isPlatformClient": False})


def place_orders(state: State, wish: Doc) -> tuple[list[Doc], list[ApiError]]:
    """`count` orders as the checkout makes them, and those it refused; see `place_one` for what a wish may say."""
    count, spread_s = int(wish.get("count", 1)), float(wish.get("spread_s", 0.0))
    now = state.bench.clock.now()
    same = state.now() if wish.get("same_instant") else None
    orders: list[Doc] = []
    refused: list[ApiError] = []
    for position in range(count):
        earlier = timedelta(seconds=spread_s * (count - 1 - position) / max(count - 1, 1))
        at = stamp(now - earlier) if spread_s else same
        try:
            orders.append(place_one(shop_work(state, at=at), wish, position))
        except ApiError as error:
            refused.append(error)
    if refused and not orders:
        raise refused[0]
    return orders, refused


def place_one(work: Work, wish: Doc, position: int) -> Doc:
    state = work.state
    store = wish.get("store")
    country = wish.get("country") or STORE_COUNTRIES.get(store or "", "GB")
    currency = wish.get("currency") or ("GBP" if country == "GB" else "EUR")
    address, email = person(state.random, country)
    shipping_address = address | wish.get("address", {})
    basket: dict[str, Any] = {"inventory_mode": "TrackOnly", "supply_channel": known_channel(state, STORE_CHANNELS.get(store or ""))}
    basket |= {name: wish[name] for name in PLAIN if name in wish}
    order = Basket(
        lines=tuple(wished_lines(state, wish, currency, position)),
        currency=currency,
        country=country,
        store=store,
        shipping_method=wish.get("shipping_method", default_method(state)),
        shipping_address=without(shipping_address, wish.get("missing", []), "shippingAddress."),
        billing_address=address,
        email=None if "customerEmail" in wish.get("missing", []) else wish.get("email", email),
        custom_lines=tuple(wish.get("custom_lines", [])),
        payment=wish.get("payment", "settled"),
        order_number=number_for(state, wish, position),
        locale=LOCALES.get(country, "en-GB"),
        extra=wish.get("extra", {}),
        **basket,
    )
    return check_out(work, order)


def known_channel(state: State, key: str | None) -> str | None:
    return key if key and state.collections["channels"].find("key", key) else None


def without(address: Doc, missing: list[str], prefix: str) -> Doc | None:
    """The address less the named members; None when the whole of it is missing."""
    if prefix.rstrip(".") in missing:
        return None
    return {name: value for name, value in address.items() if f"{prefix}{name}" not in missing and name not in missing}


def wished_lines(state: State, wish: Doc, currency: str, position: int) -> list[Doc]:
    if "lines" in wish:
        return list(wish["lines"])
    if "skus" in wish:
        return [{"sku": sku, "quantity": int(wish.get("quantity", 1))} for sku in wish["skus"]]
    chosen = random_skus(state, currency, int(wish.get("line_count", state.random.randint(1, 3))))
    return [{"sku": sku, "quantity": int(wish.get("quantity", state.random.randint(1, 2)))} for sku in chosen]


def random_skus(state: State, currency: str, count: int) -> list[str]:
    """SKUs of published products; a handful of tries instead of a scan."""
    view, chosen = state.current.views["id"], dict[str, None]()
    if not view:
        raise invalid_input("There is no published product to order; seed the demo first.")
    for _ in range(count * 6):
        if len(chosen) >= count:
            break
        product = state.current.peek(flip(state.random.choice(view)[1]))
        variant = state.random.choice([product["masterVariant"], *product["variants"]])
        if "sku" in variant and any(price["value"]["currencyCode"] == currency for price in variant["prices"]):
            chosen[variant["sku"]] = None
    return list(chosen)


def default_method(state: State) -> str | None:
    found = state.collections["shipping-methods"].find("key", "standard")
    return "standard" if found else None


def number_for(state: State, wish: Doc, position: int) -> str | None:
    if wish.get("without_number"):
        return None
    if "order_number" in wish:
        return str(wish["order_number"]) if not position else f"{wish['order_number']}-{position + 1}"
    number, state.next_order_number = state.next_order_number, state.next_order_number + 1
    return f"{wish.get('prefix', 'WEB-')}{number}"


def find_order(state: State, reference: str) -> Doc:
    orders = state.collections["orders"]
    order = orders.get(orders.find("orderNumber", reference) or reference)
    if order is None:
        raise not_found(reference, by="order number")
    return order


def act_on_order(state: State, order: Doc, actions: list[Doc], *, by: str = SHOP_CLIENT_ID) -> Doc:
    """Update actions as the shop's own people send them."""
    return update(shop_work(state, by=by), "orders", order, body={"version": order["version"], "actions": actions}, actions=ORDER_ACTIONS)


def resolve_payments(state: State, order: Doc, verb: str, *, label: bool = True) -> Doc:
    """The payment provider answers: every open transaction settles or fails, and the shop sets its label."""
    outcome, word = SETTLED[verb]
    for reference in order.get("paymentInfo", {}).get("payments", []):
        payment = state.collections["payments"].get(reference["id"])
        if payment is not None:
            actions = settling_actions(payment, outcome)
            update(shop_work(state), "payments", payment, body={"version": payment["version"], "actions": actions}, actions=PAYMENT_ACTIONS)
    return act_on_order(state, order, [{"action": "changePaymentState", "paymentState": word}]) if label else order


def settling_actions(payment: Doc, outcome: str) -> list[Doc]:
    """Open transactions change; an authorisation that stands is followed by its charge."""
    still_open = [one for one in payment["transactions"] if one["state"] in ("Initial", "Pending")]
    if still_open:
        return [{"action": "changeTransactionState", "transactionId": one["id"], "state": outcome} for one in still_open]
    if any(one["type"] == "Charge" and one["state"] == outcome for one in payment["transactions"]):
        return []
    amount = {name: payment["amountPlanned"][name] for name in ("currencyCode", "centAmount")}
    return [{"action": "addTransaction", "transaction": {"type": "Charge", "amount": amount, "state": outcome}}]


def edit_order(state: State, order: Doc, wish: Doc) -> Doc:
    """An applied order edit: lines and totals of a placed order change (line quantity, SKU, one more line, one less)."""
    work, before = shop_work(state), order["version"]
    old = {name: order.get(name) for name in ("totalPrice", "taxedPrice")}
    notes = [edit_line(work, order, wish)] if {"line", "sku", "quantity", "remove"} & wish.keys() else []
    notes += [add_line(work, order, wish["add_line"])] if "add_line" in wish else []
    if notes:
        order.update(totals(order))
        work.replace("orders", order, steps=len(notes))
        new = {name: order.get(name) for name in old}
        result = {"type": "Applied", "appliedAt": work.at, "excerptBeforeEdit": old | {"version": before}}
        edit = {"typeId": "order-edit", "id": state.new_id()}
        work.tell("orders", order, "OrderEditApplied", {"edit": edit, "result": result | {"excerptAfterEdit": new | {"version": order["version"]}}})
        for kind, payload in filter(None, notes):
            work.tell("orders", order, kind, payload)
    if "address" in wish:
        changed = order.get("shippingAddress", {}) | wish["address"]
        order = act_on_order(state, order, [{"action": "setShippingAddress", "address": changed}])
    return order


def edit_line(work: Work, order: Doc, wish: Doc) -> tuple[str, Doc] | None:
    position = int(wish.get("line", 0))
    if position >= len(order["lineItems"]):
        raise invalid_input(f"The order has no line {position}.")
    line = order["lineItems"][position]
    if wish.get("remove"):
        order["lineItems"].remove(line)
        return "OrderLineItemRemoved", {"lineItemId": line["id"], "removedQuantity": line["quantity"], "newQuantity": 0, "newState": []}
    quantity, currency = int(wish.get("quantity", line["quantity"])), order["totalPrice"]["currencyCode"]
    if "sku" in wish:
        fresh = line_of(work, sku=wish["sku"], quantity=quantity, currency=currency, country=order.get("country", "GB"))
        kept = {name: line[name] for name in ("id", "supplyChannel") if name in line}
        order["lineItems"][position] = fresh | kept
        return None
    line["quantity"] = quantity
    line.update(rest_of_line(work, line, country=order.get("country", "GB")))
    return None


def add_line(work: Work, order: Doc, wish: Doc) -> tuple[str, Doc]:
    quantity = int(wish.get("quantity", 1))
    line = line_of(work, sku=wish["sku"], quantity=quantity, currency=order["totalPrice"]["currencyCode"], country=order.get("country", "GB"))
    order["lineItems"].append(line)
    return "OrderLineItemAdded", {"lineItem": line, "addedQuantity": quantity}


def rename_sku(state: State, sku: str, wish: Doc) -> Doc:
    """A merchandiser gives a variant another SKU; staged only, unless `publish`."""
    products = state.collections["products"]
    product = products.get(products.find("sku", sku) or "")
    if product is None:
        raise not_found(sku, by="sku")
    number = next((one["id"] for one in variants_of(product["masterData"]["staged"]) if one.get("sku") == sku), None)
    if number is None:
        raise invalid_operation(f"The SKU '{sku}' is in the published data only; it was renamed already.")
    actions: list[Doc] = [{"action": "setSku", "variantId": number, "sku": wish.get("sku")}]
    actions += [{"action": "publish"}] if wish.get("publish", True) else []
    return update(shop_work(state), "products", product, body={"version": product["version"], "actions": actions}, actions=PRODUCT_ACTIONS)
