"""Returns of an order: announced, arrived, put back or written off, refunded or not."""

from __future__ import annotations

from connectors.sandbox.commercetools.custom import custom_of, put_field, put_type
from connectors.sandbox.commercetools.deliveries import find
from connectors.sandbox.commercetools.errors import invalid_field, invalid_input, invalid_operation
from connectors.sandbox.commercetools.shapes import Doc, choose, key_of, objects, one_of, put_or_drop, refuse_taken_keys, take, without_nones
from connectors.sandbox.commercetools.store import Work
from connectors.sandbox.commercetools.updates import Actions, Note, changed

FIRST_STATES = {"Advised": "NonRefundable", "Returned": "Initial"}  # return shipment state -> payment state it starts with
SHIPMENT_STATES = frozenset({"Advised", "Returned", "BackInStock", "Unusable"})
PAYMENT_STATES = frozenset({"NonRefundable", "Initial", "Refunded", "NotRefunded"})
MOVES = {"Returned": {"BackInStock", "Unusable"}}


def new_item(work: Work, order: Doc, draft: Doc) -> Doc:
    name, line_id = one_of(draft, "lineItemId", "customLineItemId")
    lines = order["lineItems"] if name == "lineItemId" else order["customLineItems"]
    if all(line["id"] != line_id for line in lines):
        raise invalid_input(f"The line item '{line_id}' does not exist on the order.")
    state = choose(draft, "shipmentState", SHIPMENT_STATES, required=True)
    if state not in FIRST_STATES:
        raise invalid_field("shipmentState", state, FIRST_STATES)
    item = {
        "id": work.state.new_id(),
        "key": key_of(draft),
        "type": "LineItemReturnItem" if name == "lineItemId" else "CustomLineItemReturnItem",
        name: line_id,
        "quantity": take(draft, "quantity", "int", required=True),
        "comment": take(draft, "comment", "string"),
        "shipmentState": state,
        "paymentState": FIRST_STATES[state],
        "custom": custom_of(work, draft, "order-return-item"),
        "createdAt": work.at,
        "lastModifiedAt": work.at,
    }
    return without_nones(item)


def new_return(work: Work, order: Doc, draft: Doc, *, date: str | None) -> Doc:
    items = [new_item(work, order, item) for item in objects(draft, "items", required=True)]
    if not items:
        raise invalid_input("A return needs at least one item.")
    tracking = take(draft, "returnTrackingId", "string")
    return without_nones({"items": items, "returnTrackingId": tracking, "returnDate": take(draft, "returnDate", "string", default=date)})


def all_items(order: Doc) -> list[Doc]:
    return [item for info in order.get("returnInfo", []) for item in info["items"]]


def add_return_info(work: Work, order: Doc, action: Doc) -> list[Note]:
    info = new_return(work, order, action, date=work.at)
    refuse_taken_keys([item.get("key") for item in [*all_items(order), *info["items"]]], "key")
    order.setdefault("returnInfo", []).append(info)
    return [Note("ReturnInfoAdded", {"returnInfo": info})]


def set_return_info(work: Work, order: Doc, action: Doc) -> list[Note]:
    infos = [new_return(work, order, draft, date=None) for draft in objects(action, "items")]
    refuse_taken_keys([item.get("key") for info in infos for item in info["items"]], "key")
    put_or_drop(order, "returnInfo", infos)
    return [Note("ReturnInfoSet", changed("returnInfo", infos))]


def set_shipment_state(work: Work, order: Doc, action: Doc) -> list[Note]:
    item = find(all_items(order), action, "returnItem")
    wanted = choose(action, "shipmentState", SHIPMENT_STATES, required=True)
    allowed = MOVES.get(item["shipmentState"], set())
    if work.state.settings.advised_to_returned and item["shipmentState"] == "Advised":
        allowed = {"Returned"}
    if wanted not in allowed:
        raise invalid_operation(f"The return item cannot go from '{item['shipmentState']}' to '{wanted}'.")
    item.update(shipmentState=wanted, lastModifiedAt=work.at)
    if wanted == "Returned":
        item["paymentState"] = FIRST_STATES[wanted]
    return [Note("OrderReturnShipmentStateChanged", {"returnItemId": item["id"], "returnShipmentState": wanted})]


def set_payment_state(work: Work, order: Doc, action: Doc) -> list[Note]:
    item = find(all_items(order), action, "returnItem")
    wanted = choose(action, "paymentState", PAYMENT_STATES, required=True)
    if item["paymentState"] == "NonRefundable" and wanted != "NonRefundable":
        raise invalid_operation(f"A non-refundable return item cannot be set to '{wanted}'.")
    item.update(paymentState=wanted, lastModifiedAt=work.at)
    return []


def set_item_type(work: Work, order: Doc, action: Doc) -> list[Note]:
    put_type(work, find(all_items(order), action, "returnItem"), action, "order-return-item")
    return []


def set_item_field(work: Work, order: Doc, action: Doc) -> list[Note]:
    put_field(work, find(all_items(order), action, "returnItem"), action)
    return []


RETURN_ACTIONS: Actions = {
    "addReturnInfo": add_return_info,
    "setReturnInfo": set_return_info,
    "setReturnShipmentState": set_shipment_state,
    "setReturnPaymentState": set_payment_state,
    "setReturnItemCustomType": set_item_type,
    "setReturnItemCustomField": set_item_field,
}
