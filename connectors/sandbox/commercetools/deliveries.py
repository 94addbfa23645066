"""Deliveries and parcels of an order, and the update actions on them (https://docs.commercetools.com/api/projects/orders)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.sandbox.commercetools.custom import custom_of, put_field, put_type
from connectors.sandbox.commercetools.errors import duplicate_field, invalid_input, invalid_operation
from connectors.sandbox.commercetools.shapes import (
    Doc,
    address,
    key_of,
    objects,
    one_of,
    put_or_drop,
    refuse_taken_keys,
    take,
    without_nones,
)
from connectors.sandbox.commercetools.store import Work
from connectors.sandbox.commercetools.updates import Action, Actions, Note, changed

TRACKING = ("trackingId", "carrier", "provider", "providerTransaction")
MEASUREMENTS = ("heightInMillimeter", "lengthInMillimeter", "widthInMillimeter", "weightInGram")


def shipping_infos(order: Doc) -> Iterator[tuple[str | None, Doc]]:
    """Every shipping info that can hold deliveries, with its shipping key when there are several."""
    if "shippingInfo" in order:
        yield None, order["shippingInfo"]
    for shipping in order.get("shipping", []):
        yield shipping.get("shippingKey"), shipping["shippingInfo"]


def all_deliveries(order: Doc) -> list[Doc]:
    return [delivery for _, info in shipping_infos(order) for delivery in info.get("deliveries", [])]


def all_parcels(order: Doc) -> list[tuple[Doc, Doc]]:
    return [(delivery, parcel) for delivery in all_deliveries(order) for parcel in delivery["parcels"]]


def shipping_info_for(order: Doc, action: Doc) -> Doc:
    wanted = take(action, "shippingKey", "string")
    for key, info in shipping_infos(order):
        if key == wanted:
            return info
    raise invalid_operation("The order has no shipping info, so a delivery cannot be added.")


def items_of(order: Doc, body: Doc) -> list[Doc]:
    """Delivered items; only that the line exists is checked, not how much of it was ordered."""
    known = {line["id"] for line in [*order["lineItems"], *order["customLineItems"]]}
    items = []
    for item in objects(body, "items"):
        ident = take(item, "id", "string", required=True)
        if ident not in known:
            raise invalid_input(f"The line item '{ident}' does not exist on the order.")
        items.append({"id": ident, "quantity": take(item, "quantity", "int", required=True)})
    return items


def tracking_of(body: Doc) -> Doc | None:
    given = take(body, "trackingData", "object")
    if given is None:
        return None
    texts = {name: take(given, name, "string") for name in TRACKING}
    return without_nones(texts | {"isReturn": take(given, "isReturn", "boolean", default=False)})


def measurements_of(body: Doc) -> Doc | None:
    given = take(body, "measurements", "object")
    return None if given is None else without_nones({name: take(given, name, "int") for name in MEASUREMENTS})


def new_parcel(work: Work, order: Doc, body: Doc, *, key_name: str) -> Doc:
    parcel = {
        "id": work.state.new_id(),
        "key": key_of(body, key_name),
        "createdAt": work.at,
        "measurements": measurements_of(body),
        "trackingData": tracking_of(body),
        "items": items_of(order, body),
        "custom": custom_of(work, body, "order-parcel"),
    }
    return without_nones(parcel)


def new_delivery(work: Work, order: Doc, body: Doc, *, key_name: str) -> Doc:
    parcels = [new_parcel(work, order, parcel, key_name="key") for parcel in objects(body, "parcels")]
    refuse_taken_keys([parcel.get("key") for parcel in parcels], "parcelKey")
    delivery = {
        "id": work.state.new_id(),
        "key": key_of(body, key_name),
        "createdAt": work.at,
        "items": items_of(order, body),
        "parcels": parcels,
        "address": address(body, "address"),
        "custom": custom_of(work, body, "order-delivery"),
    }
    return without_nones(delivery)


def refuse_taken(taken: list[Doc], key: str | None, field: str) -> None:
    if key is not None and any(one.get("key") == key for one in taken):
        raise duplicate_field(field, key)


def find(ones: list[Doc], body: Doc, what: str) -> Doc:
    """The delivery, parcel … named by exactly one of its id and its key."""
    name, value = one_of(body, f"{what}Id", f"{what}Key")
    member = "id" if name.endswith("Id") else "key"
    for one in ones:
        if one.get(member) == value:
            return one
    raise invalid_input(f"The {what} with {member} '{value}' was not found.")


def find_parcel(order: Doc, body: Doc) -> tuple[Doc, Doc]:
    pairs = all_parcels(order)
    parcel = find([parcel for _, parcel in pairs], body, "parcel")
    return next((delivery, one) for delivery, one in pairs if one is parcel)


def add_delivery(work: Work, order: Doc, action: Doc) -> list[Note]:
    info = shipping_info_for(order, action)
    delivery = new_delivery(work, order, action, key_name="deliveryKey")
    refuse_taken(all_deliveries(order), delivery.get("key"), "deliveryKey")
    parcels = [parcel for _, parcel in all_parcels(order)]
    for parcel in delivery["parcels"]:
        refuse_taken(parcels, parcel.get("key"), "parcelKey")
    info.setdefault("deliveries", []).append(delivery)
    told = {"delivery": delivery | {"parcels": []}} | changed("shippingKey", action.get("shippingKey"))
    return [Note("DeliveryAdded", told), *(parcel_added(delivery, parcel, action) for parcel in delivery["parcels"])]


def parcel_added(delivery: Doc, parcel: Doc, action: Doc) -> Note:
    return Note("ParcelAddedToDelivery", {"delivery": dict(delivery), "parcel": parcel} | changed("shippingKey", action.get("shippingKey")))


def remove_delivery(work: Work, order: Doc, action: Doc) -> list[Note]:
    delivery = find(all_deliveries(order), action, "delivery")
    for _, info in shipping_infos(order):
        info["deliveries"] = [one for one in info.get("deliveries", []) if one is not delivery]
    return [Note("DeliveryRemoved", {"delivery": delivery})]


def set_delivery_items(work: Work, order: Doc, action: Doc) -> list[Note]:
    delivery = find(all_deliveries(order), action, "delivery")
    old, delivery["items"] = delivery["items"], items_of(order, action)
    return [Note("DeliveryItemsUpdated", {"deliveryId": delivery["id"], "items": delivery["items"], "oldItems": old})]


def set_delivery_address(work: Work, order: Doc, action: Doc) -> list[Note]:
    delivery = find(all_deliveries(order), action, "delivery")
    old, new = delivery.get("address"), address(action, "address")
    put_or_drop(delivery, "address", new)
    return [Note("DeliveryAddressSet", {"deliveryId": delivery["id"]} | changed("address", new) | changed("oldAddress", old))]


def add_parcel(work: Work, order: Doc, action: Doc) -> list[Note]:
    delivery = find(all_deliveries(order), action, "delivery")
    parcel = new_parcel(work, order, action, key_name="parcelKey")
    refuse_taken([one for _, one in all_parcels(order)], parcel.get("key"), "parcelKey")
    delivery["parcels"].append(parcel)
    return [parcel_added(delivery, parcel, action)]


def remove_parcel(work: Work, order: Doc, action: Doc) -> list[Note]:
    delivery, parcel = find_parcel(order, action)
    delivery["parcels"] = [one for one in delivery["parcels"] if one is not parcel]
    return [Note("ParcelRemovedFromDelivery", {"deliveryId": delivery["id"], "parcel": parcel})]


def parcel_member(name: str, kind: str, read: Any) -> Action:
    """An action that replaces a whole member of a parcel; absent clears."""

    def act(work: Work, order: Doc, action: Doc) -> list[Note]:
        delivery, parcel = find_parcel(order, action)
        value = read(action)
        put_or_drop(parcel, name, value)
        return [Note(kind, {"deliveryId": delivery["id"], "parcelId": parcel["id"]} | changed(name, value))]

    return act


def set_parcel_items(work: Work, order: Doc, action: Doc) -> list[Note]:
    delivery, parcel = find_parcel(order, action)
    old, parcel["items"] = parcel.get("items", []), items_of(order, action)
    told = {"deliveryId": delivery["id"], "parcelId": parcel["id"], "items": parcel["items"], "oldItems": old}
    return [Note("ParcelItemsUpdated", told)]


def set_nested_type(what: str, target: str) -> Action:
    def act(work: Work, order: Doc, action: Doc) -> list[Note]:
        put_type(work, nested(order, action, what), action, target)
        return []

    return act


def set_nested_field(what: str, prefix: str) -> Action:
    def act(work: Work, order: Doc, action: Doc) -> list[Note]:
        holder = nested(order, action, what)
        name, value, old = put_field(work, holder, action)
        verb = "Removed" if value is None else "Changed" if old is not None else "Added"
        told = {f"{what}Id": holder["id"], "name": name} | changed("value", value) | changed("previousValue", old)
        return [Note(f"{prefix}CustomField{verb}", told)]

    return act


def nested(order: Doc, action: Doc, what: str) -> Doc:
    return find_parcel(order, action)[1] if what == "parcel" else find(all_deliveries(order), action, what)


DELIVERY_ACTIONS: Actions = {
    "addDelivery": add_delivery,
    "removeDelivery": remove_delivery,
    "setDeliveryItems": set_delivery_items,
    "setDeliveryAddress": set_delivery_address,
    "addParcelToDelivery": add_parcel,
    "removeParcelFromDelivery": remove_parcel,
    "setParcelTrackingData": parcel_member("trackingData", "ParcelTrackingDataUpdated", tracking_of),
    "setParcelMeasurements": parcel_member("measurements", "ParcelMeasurementsUpdated", measurements_of),
    "setParcelItems": set_parcel_items,
    "setDeliveryCustomType": set_nested_type("delivery", "order-delivery"),
    "setDeliveryCustomField": set_nested_field("delivery", "Delivery"),
    "setParcelCustomType": set_nested_type("parcel", "order-parcel"),
    "setParcelCustomField": set_nested_field("parcel", "Parcel"),
}
