"""The root fields one writes by: business refusals are userErrors beside HTTP 200."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from connectors.sandbox.shopify.engine import Node, QueryError
from connectors.sandbox.shopify.goods_views import item_view, location_view
from connectors.sandbox.shopify.hooks import TOPICS
from connectors.sandbox.shopify.models import STOCK_NAMES, Doc, Fulfilment, Level
from connectors.sandbox.shopify.queries import subscription_view, topic_word
from connectors.sandbox.shopify.sending import UserError, fulfil, retrack, trackings, undo, wanted_lines
from connectors.sandbox.shopify.store import State, gid, number_in, stamp
from connectors.sandbox.shopify.views import fulfilment_view

REASONS = (
    "correction", "cycle_count_available", "damaged", "movement_created", "movement_updated", "movement_received", "movement_canceled", "other",
    "promotion", "quality_control", "received", "reservation_created", "reservation_deleted", "reservation_updated", "restock", "safety_stock",
    "shrinkage",
)  # fmt: skip
STOCK_WRITES = ("inventorySetQuantities", "inventoryAdjustQuantities")
MOST_UNITS, MOST_ROWS = 1_000_000_000, 250
NO_KEY = "The @idempotent directive is required for this mutation but was not provided."


def payload(name: str, key: str, node: Any, *, errors: Sequence[UserError] = ()) -> Node:
    kind = "UserError" if name in STOCK_WRITES else "PlainUserError"
    members = {key: node, "userErrors": [Node(kind, error.told()) for error in errors]}
    return Node(f"{name[0].upper()}{name[1:]}Payload", members)


def create_fulfilment(here: State, args: Doc) -> Node:
    wanted = args["fulfillment"]
    taken = wanted_lines(here, wanted["lineItemsByFulfillmentOrder"])
    made = fulfil(here, taken, trackings(wanted.get("trackingInfo")), notified=bool(wanted.get("notifyCustomer")))
    if here.oddities.take("lost_create"):
        raise QueryError("Internal error. Looks like something went wrong on our end.", "INTERNAL_SERVER_ERROR")
    return fulfilment_view(here, made)


def named_fulfilment(here: State, id: Any, field: str) -> Fulfilment:
    found = here.fulfilments.get(number_in("Fulfillment", id))
    if found is None:
        raise UserError("Fulfillment not found.", (field,))
    return found


def update_tracking(here: State, args: Doc) -> Node:
    row = named_fulfilment(here, args["fulfillmentId"], "fulfillmentId")
    if row.status == "CANCELLED":
        raise UserError("Fulfillment is cancelled and its tracking cannot be updated.", ("fulfillmentId",))
    retrack(here, row, trackings(args["trackingInfoInput"]))
    return fulfilment_view(here, row)


def cancel_fulfilment(here: State, args: Doc) -> Node:
    row = named_fulfilment(here, args["id"], "id")
    undo(here, row)
    return fulfilment_view(here, row)


def set_quantities(here: State, args: Doc) -> Node:
    told = args["input"]
    if told["name"] not in ("available", "on_hand"):
        raise UserError("The quantity name must be either 'available' or 'on_hand'.", ("input", "name"), "INVALID_NAME")
    forced = bool(told.get("ignoreCompareQuantity"))
    changes = []
    for at, row in enumerate(told["quantities"]):
        path = ("input", "quantities", str(at))
        level = level_named(here, row, path)
        if not 0 <= row["quantity"] <= MOST_UNITS:
            word = "negative" if row["quantity"] < 0 else "too high"
            raise UserError(f"The quantity can't be {word}.", (*path, "quantity"), f"INVALID_QUANTITY_{word.upper().replace(' ', '_')}")
        if not forced:
            compare(level, row.get("compareQuantity"), told["name"], path)
        changes.append((level, row["quantity"] - level.units[told["name"]]))
    return applied(here, told, changes)


def compare(level: Level, expected: int | None, name: str, path: Sequence[str]) -> None:
    if expected is None:
        message = "The compareQuantity argument must be given to each quantity or ignored using ignoreCompareQuantity."
        raise UserError(message, ("input", "ignoreCompareQuantity"), "COMPARE_QUANTITY_REQUIRED")
    if expected != level.units[name]:
        message = "The compareQuantity value no longer matches the persisted quantity."
        raise UserError(message, (*path, "compareQuantity"), "COMPARE_QUANTITY_STALE")


def adjust_quantities(here: State, args: Doc) -> Node:
    told = args["input"]
    if told["name"] not in STOCK_NAMES or told["name"] == "on_hand":
        raise UserError("The specified quantity name is invalid.", ("input", "name"), "INVALID_QUANTITY_NAME")
    changes = [(level_named(here, row, ("input", "changes", str(at))), row["delta"]) for at, row in enumerate(told["changes"])]
    return applied(here, told, changes)


def level_named(here: State, row: Doc, path: Sequence[str]) -> Level:
    item, place = number_in("InventoryItem", row["inventoryItemId"]), number_in("Location", row["locationId"])
    if item not in here.variant_of_item:
        raise UserError("The specified inventory item could not be found.", (*path, "inventoryItemId"), "INVALID_INVENTORY_ITEM")
    if place not in here.locations:
        raise UserError("The specified location could not be found.", (*path, "locationId"), "INVALID_LOCATION")
    level = here.levels.get((item, place))
    if level is None:
        message = "The specified inventory item is not stocked at the location."
        raise UserError(message, (*path, "locationId"), "ITEM_NOT_STOCKED_AT_LOCATION")
    return level


def applied(here: State, told: Doc, changes: Sequence[tuple[Level, int]]) -> Node:
    """Make the changes, all or none; the group that lists them."""
    check_request(told, changes)
    at, done = here.now(), []
    for level, delta in changes:
        if delta:
            level.set(told["name"], level.units[told["name"]] + delta)
            here.touch_level(level, at=at)
            done.append(change_view(here, level, told["name"], delta))
    facts = {"id": gid("InventoryAdjustmentGroup", here.next_id("group")), "createdAt": stamp(at), "reason": told["reason"]}
    return Node("InventoryAdjustmentGroup", {**facts, "referenceDocumentUri": told.get("referenceDocumentUri"), "changes": done}) if done else None  # type: ignore[return-value]


def check_request(told: Doc, changes: Sequence[tuple[Level, int]]) -> None:
    if told["reason"] not in REASONS:
        raise UserError("The specified reason is invalid.", ("input", "reason"), "INVALID_REASON")
    uri = told.get("referenceDocumentUri")
    if uri and "://" not in uri:
        raise UserError("The specified reference document is invalid.", ("input", "referenceDocumentUri"), "INVALID_REFERENCE_DOCUMENT")
    if not 0 < len(changes) <= MOST_ROWS:
        raise UserError(f"A call changes 1 to {MOST_ROWS} quantities.", ("input",), "TOO_MANY_ITEMS")
    if len({(level.item_id, level.location_id) for level, _ in changes}) < len(changes):
        message = "The combination of inventoryItemId and locationId must be unique."
        raise UserError(message, ("input", "quantities"), "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR")


def change_view(here: State, level: Level, name: str, delta: int) -> Node:
    members: Doc = {
        "name": name,
        "delta": delta,
        "quantityAfterChange": level.units[name],
        "item": lambda args: item_view(here, here.variants[here.variant_of_item[level.item_id]]),
        "location": lambda args: location_view(here, here.locations[level.location_id]),
    }
    return Node("InventoryChange", members)


def subscribe(here: State, args: Doc) -> Node:
    known = {topic_word(topic): topic for topic in TOPICS}
    if args["topic"] not in known:
        raise QueryError(f"Variable $topic of type WebhookSubscriptionTopic! was provided invalid value {args['topic']}", "INVALID_VARIABLE")
    url = args["webhookSubscription"].get("uri") or args["webhookSubscription"].get("callbackUrl") or ""
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):  # loopback: so that it can be tried here
        raise UserError("Address protocol http:// is not supported", ("webhookSubscription", "callbackUrl"))
    if any((each.topic, each.url) == (known[args["topic"]], url) for each in here.hooks.subscriptions.values()):
        raise UserError("Address for this topic has already been taken", ("webhookSubscription", "callbackUrl"))
    return subscription_view(here.hooks.subscribe(known[args["topic"]], url, by_call=True))


def unsubscribe(here: State, args: Doc) -> str:
    found = here.hooks.subscriptions.pop(number_in("WebhookSubscription", args["id"]), None)
    if found is None:
        raise UserError("Webhook subscription does not exist", ("id",))
    return gid("WebhookSubscription", found.id)


# Root field -> the member of its payload, and what does it.
WRITES: dict[str, tuple[str, Callable[[State, Doc], Any]]] = {
    "fulfillmentCreate": ("fulfillment", create_fulfilment),
    "fulfillmentTrackingInfoUpdate": ("fulfillment", update_tracking),
    "fulfillmentCancel": ("fulfillment", cancel_fulfilment),
    "inventorySetQuantities": ("inventoryAdjustmentGroup", set_quantities),
    "inventoryAdjustQuantities": ("inventoryAdjustmentGroup", adjust_quantities),
    "webhookSubscriptionCreate": ("webhookSubscription", subscribe),
    "webhookSubscriptionDelete": ("deletedWebhookSubscriptionId", unsubscribe),
}


def write(here: State, name: str, args: Doc, *, key: str | None, key_required: bool) -> Node:
    """Resolve a root field of a mutation. Under an idempotency key the same call is done once, and another one refused."""
    member, act = WRITES[name]
    if name in STOCK_WRITES and key is None and key_required:
        raise QueryError(NO_KEY, "BAD_REQUEST")
    asked = f"{name} {json.dumps(args, sort_keys=True)}"
    if key is not None and key in here.repeats:
        before, answer = here.repeats[key]
        if before != asked:
            message = "The same idempotency key cannot be used with different operation parameters."
            return payload(name, member, None, errors=[UserError(message, None, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")])
        return payload(name, member, answer["node"])
    try:
        node = act(here, args)
    except UserError as error:
        return payload(name, member, None, errors=[error])
    if key is not None:
        here.repeats[key] = (asked, {"node": node})
    return payload(name, member, node)
