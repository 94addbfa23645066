"""The update actions of an order (https://docs.commercetools.com/api/projects/orders#update-actions)."""

from __future__ import annotations

from connectors.sandbox.commercetools.custom import custom_actions, put_field, put_type
from connectors.sandbox.commercetools.deliveries import DELIVERY_ACTIONS, find
from connectors.sandbox.commercetools.errors import invalid_input, invalid_operation
from connectors.sandbox.commercetools.order_imports import ORDER_STATES, PAYMENT_STATES, SHIPMENT_STATES, line_split
from connectors.sandbox.commercetools.order_returns import RETURN_ACTIONS
from connectors.sandbox.commercetools.shapes import Doc, address, put_or_drop, take, without_nones
from connectors.sandbox.commercetools.stock import give_back
from connectors.sandbox.commercetools.store import Work
from connectors.sandbox.commercetools.updates import Action, Actions, Note, changed, set_field

SYNC_ROLES = {"OrderExport", "OrderImport"}


def set_order_number(work: Work, order: Doc, action: Doc) -> list[Note]:
    number = take(action, "orderNumber", "string")
    if "orderNumber" in order and number != order["orderNumber"]:
        raise invalid_operation("The order number is already set and cannot be changed.")
    put_or_drop(order, "orderNumber", number)
    return []


def change_order_state(work: Work, order: Doc, action: Doc) -> list[Note]:
    change = set_field("orderState", allowed=ORDER_STATES, required=True, told=("OrderStateChanged", "orderState", "oldOrderState"))
    was = order["orderState"]
    notes = change(work, order, action)
    if work.state.settings.cancel_releases_stock and order["orderState"] == "Cancelled" != was:
        work.afterwards.append(lambda: give_back(work, order))
    return notes


def check_transition(work: Work, present: str | None, target: str) -> None:
    """The target must be listed by the present state, or be initial where there is none."""
    if present is None:
        if not work.load("state", target).get("initial"):
            raise invalid_operation("The first state must be an initial one.")
        return
    transitions = work.load("state", present).get("transitions")
    if transitions is not None and target not in [one["id"] for one in transitions]:
        raise invalid_operation(f"The transition from state '{present}' to state '{target}' is not allowed.")


def transition_state(work: Work, order: Doc, action: Doc) -> list[Note]:
    target = work.reference(take(action, "state", "object", required=True), "state")
    if work.load("state", target["id"])["type"] != "OrderState":
        raise invalid_input("The state is not of type 'OrderState'.")
    force, old = take(action, "force", "boolean", default=False), order.get("state")
    if not force:
        check_transition(work, old["id"] if old else None, target["id"])
    order["state"] = target
    return [Note("OrderStateTransition", {"state": target} | changed("oldState", old) | {"force": force})]


def move_quantity(line: Doc, source: str, target: str, quantity: int) -> None:
    """Move part of a line's quantity from one state to another."""
    counts: dict[str, int] = {}
    for part in line["state"]:
        counts[part["state"]["id"]] = counts.get(part["state"]["id"], 0) + part["quantity"]
    if quantity <= 0 or counts.get(source, 0) < quantity:
        raise invalid_operation(f"The line item has less than {quantity} in the state '{source}'.")
    counts[source] -= quantity
    counts[target] = counts.get(target, 0) + quantity
    line["state"] = [{"quantity": count, "state": {"typeId": "state", "id": ident}} for ident, count in counts.items() if count]


def transition_line_state(lines: str, what: str, kind: str) -> Action:
    def act(work: Work, order: Doc, action: Doc) -> list[Note]:
        line = find(order[lines], action, what)
        source = work.reference(take(action, "fromState", "object", required=True), "state")
        target = work.reference(take(action, "toState", "object", required=True), "state")
        quantity = take(action, "quantity", "int", required=True)
        check_transition(work, source["id"], target["id"])
        move_quantity(line, source["id"], target["id"], quantity)
        date = take(action, "actualTransitionDate", "string", default=work.at)
        told = {f"{what}Id": line["id"]} | changed(f"{what}Key", line.get("key"))
        return [Note(kind, told | {"transitionDate": date, "quantity": quantity, "fromState": source, "toState": target})]

    return act


def import_line_state(lines: str, what: str) -> Action:
    def act(work: Work, order: Doc, action: Doc) -> list[Note]:
        line = find(order[lines], action, what)
        line["state"] = line_split(work, action, line["quantity"])
        return []

    return act


def update_sync_info(work: Work, order: Doc, action: Doc) -> list[Note]:
    channel = work.reference(take(action, "channel", "object", required=True), "channel")
    if not SYNC_ROLES & set(work.load("channel", channel["id"])["roles"]):
        raise invalid_input("The channel must have the role 'OrderExport' or 'OrderImport'.")
    kept = order.get("syncInfo", [])
    if work.state.settings.sync_info == "replace":
        kept = [info for info in kept if info["channel"]["id"] != channel["id"]]
    synced_at = take(action, "syncedAt", "string", default=work.at)
    entry = without_nones({"channel": channel, "externalId": take(action, "externalId", "string"), "syncedAt": synced_at})
    order["syncInfo"] = [*kept, entry]
    return []


def add_payment(work: Work, order: Doc, action: Doc) -> list[Note]:
    payment = work.reference(take(action, "payment", "object", required=True), "payment")
    owners = work.state.collections["orders"].find_all("paymentInfo.payments.id", payment["id"])
    if owners - {order["id"]}:
        raise invalid_operation(f"The payment '{payment['id']}' is already assigned to another order or active cart.")
    payments = order.setdefault("paymentInfo", {"payments": []})["payments"]
    if payment not in payments:
        payments.append(payment)
    return [Note("OrderPaymentAdded", {"paymentRef": payment})]


def remove_payment(work: Work, order: Doc, action: Doc) -> list[Note]:
    payment = work.reference(take(action, "payment", "object", required=True), "payment")
    left = [one for one in order.get("paymentInfo", {}).get("payments", []) if one["id"] != payment["id"]]
    put_or_drop(order, "paymentInfo", {"payments": left} if left else None)
    return [Note("OrderPaymentRemoved", {"paymentRef": payment, "removedPaymentInfo": not left})]


def set_address(name: str, kind: str) -> Action:
    def act(work: Work, order: Doc, action: Doc) -> list[Note]:
        old, new = order.get(name), address(action, "address")
        put_or_drop(order, name, new)
        return [Note(kind, changed("address", new) | changed("oldAddress", old))]

    return act


def set_store(work: Work, order: Doc, action: Doc) -> list[Note]:
    given = take(action, "store", "object")
    store = work.key_reference(given, "store") if given else None
    if store == order.get("store"):
        raise invalid_operation("The order is already in this store.")
    put_or_drop(order, "store", store)
    return [Note("OrderStoreSet", changed("store", store))]


def set_business_unit(work: Work, order: Doc, action: Doc) -> list[Note]:
    """Taken as given by key: the simulator keeps no business units to look it up in."""
    given = take(action, "businessUnit", "object")
    unit = {"typeId": "business-unit", "key": take(given, "key", "string", required=True)} if given else None
    put_or_drop(order, "businessUnit", unit)
    return [Note("OrderBusinessUnitSet", changed("businessUnit", unit))]


def set_estimated_delivery(work: Work, order: Doc, action: Doc) -> list[Note]:
    date = take(action, "estimatedDelivery", "string")
    if "shippingInfo" not in order:
        raise invalid_operation("The order has no shipping info.")
    put_or_drop(order["shippingInfo"], "estimatedDelivery", date)
    return [Note("OrderEstimatedDeliverySet", changed("estimatedDelivery", date))]


def change_item_address(verb: str) -> Action:
    """Item shipping addresses are known by their key."""

    def act(work: Work, order: Doc, action: Doc) -> list[Note]:
        given = address(action, "address") if verb != "remove" else {"key": take(action, "addressKey", "string", required=True)}
        key = (given or {}).get("key")
        held = order.get("itemShippingAddresses", [])
        known = any(one.get("key") == key for one in held)
        if key is None or known == (verb == "add"):
            raise invalid_input(f"The address key '{key}' does not fit '{verb}ItemShippingAddress'.")
        order["itemShippingAddresses"] = [one for one in held if one.get("key") != key] + ([given] if verb != "remove" else [])
        return []

    return act


def line_custom(lines: str, what: str, target: str) -> tuple[Action, Action]:
    def set_type(work: Work, order: Doc, action: Doc) -> list[Note]:
        put_type(work, find(order[lines], action, what), action, target)
        return []

    def set_one(work: Work, order: Doc, action: Doc) -> list[Note]:
        put_field(work, find(order[lines], action, what), action)
        return []

    return set_type, set_one


LINE_TYPE, LINE_FIELD = line_custom("lineItems", "lineItem", "line-item")
CUSTOM_LINE_TYPE, CUSTOM_LINE_FIELD = line_custom("customLineItems", "customLineItem", "custom-line-item")

ORDER_ACTIONS: Actions = {
    "setOrderNumber": set_order_number,
    "setPurchaseOrderNumber": set_field("purchaseOrderNumber", told=("OrderPurchaseOrderNumberSet", "purchaseOrderNumber", "oldPurchaseOrderNumber")),
    "changeOrderState": change_order_state,
    "changeShipmentState": set_field(
        "shipmentState", allowed=SHIPMENT_STATES, required=True, told=("OrderShipmentStateChanged", "shipmentState", "oldShipmentState")
    ),
    "changePaymentState": set_field(
        "paymentState", allowed=PAYMENT_STATES, required=True, told=("OrderPaymentStateChanged", "paymentState", "oldPaymentState")
    ),
    "transitionState": transition_state,
    "transitionLineItemState": transition_line_state("lineItems", "lineItem", "LineItemStateTransition"),
    "transitionCustomLineItemState": transition_line_state("customLineItems", "customLineItem", "CustomLineItemStateTransition"),
    "importLineItemState": import_line_state("lineItems", "lineItem"),
    "importCustomLineItemState": import_line_state("customLineItems", "customLineItem"),
    **DELIVERY_ACTIONS,
    **RETURN_ACTIONS,
    "updateSyncInfo": update_sync_info,
    "addPayment": add_payment,
    "removePayment": remove_payment,
    **custom_actions("order", "Order"),
    "setLineItemCustomType": LINE_TYPE,
    "setLineItemCustomField": LINE_FIELD,
    "setCustomLineItemCustomType": CUSTOM_LINE_TYPE,
    "setCustomLineItemCustomField": CUSTOM_LINE_FIELD,
    "setShippingAddress": set_address("shippingAddress", "OrderShippingAddressSet"),
    "setBillingAddress": set_address("billingAddress", "OrderBillingAddressSet"),
    "addItemShippingAddress": change_item_address("add"),
    "updateItemShippingAddress": change_item_address("update"),
    "removeItemShippingAddress": change_item_address("remove"),
    "setCustomerEmail": set_field("email", stored_as="customerEmail", told=("OrderCustomerEmailSet", "email", "oldEmail")),
    "setCustomerId": set_field("customerId", told=("OrderCustomerSet", "customerId", "oldCustomerId")),
    "setLocale": set_field("locale"),
    "setStore": set_store,
    "setBusinessUnit": set_business_unit,
    "setEstimatedDelivery": set_estimated_delivery,
}
