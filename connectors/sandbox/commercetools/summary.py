"""What the project holds, counted: states, duplicates, deliveries beyond what was ordered."""

from __future__ import annotations

from collections import Counter

from connectors.sandbox.commercetools.deliveries import all_deliveries, all_parcels
from connectors.sandbox.commercetools.shapes import Doc
from connectors.sandbox.commercetools.store import State

LABELS = ("orderState", "paymentState", "shipmentState")


def summarize(state: State) -> Doc:
    counts = {path: len(collection) for path, collection in state.collections.items()}
    orders = state.collections["orders"]
    labels = {label: {str(value): len(owners) for value, owners in orders.postings[label].items()} for label in LABELS}
    return {
        "counts": counts,
        **labels,
        "messages": {"shown": len(state.log.collection), "unseen": len(state.log.unseen), "recorded": state.log.recorded},
        "tokens": len(state.tokens),
        **fulfilment(state),
    }


def fulfilment(state: State) -> Doc:
    """Deliveries and returns over all orders, with what should never be: a doubled parcel or an over-delivered line."""
    deliveries = parcels = returns = 0
    doubled, over, synced_twice = [], [], []
    for ident in state.collections["orders"].texts:
        order = state.collections["orders"].peek(ident)
        name = order.get("orderNumber", ident)
        deliveries += len(all_deliveries(order))
        parcels += len(all_parcels(order))
        returns += sum(len(info["items"]) for info in order.get("returnInfo", []))
        doubled += [name] if has_doubled_parcel(order) else []
        over += [name] if is_over_delivered(order) else []
        channels = Counter(info["channel"]["id"] for info in order.get("syncInfo", []))
        synced_twice += [name] if any(count > 1 for count in channels.values()) else []
    found = {"deliveries": deliveries, "parcels": parcels, "returnItems": returns}
    return found | {"duplicates": {"parcels": doubled, "overDelivered": over, "syncInfo": synced_twice}}


def has_doubled_parcel(order: Doc) -> bool:
    tracking = [parcel["trackingData"].get("trackingId") for _, parcel in all_parcels(order) if "trackingData" in parcel]
    given = [one for one in tracking if one is not None]
    return len(set(given)) < len(given)


def is_over_delivered(order: Doc) -> bool:
    delivered: Counter[str] = Counter()
    for delivery in all_deliveries(order):
        for item in delivery["items"]:
            delivered[item["id"]] += item["quantity"]
    ordered = {line["id"]: line["quantity"] for line in [*order["lineItems"], *order["customLineItems"]]}
    return any(quantity > ordered.get(ident, 0) for ident, quantity in delivered.items())
