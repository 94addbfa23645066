"""Inventory entries: one per SKU and supply channel (https://docs.commercetools.com/api/projects/inventory)."""

from __future__ import annotations

from connectors.sandbox.commercetools.custom import custom_actions, custom_of
from connectors.sandbox.commercetools.errors import invalid_field
from connectors.sandbox.commercetools.resources import Resource
from connectors.sandbox.commercetools.shapes import Doc, key_of, put_or_drop, take, without_nones
from connectors.sandbox.commercetools.store import Work
from connectors.sandbox.commercetools.updates import Action, Actions, Note, changed, set_field, set_reference

NUMBERS = ("minCartQuantity", "maxCartQuantity", "restockableInDays", "reservationExpirationInMinutes")


def create_entry(work: Work, draft: Doc) -> Doc:
    sku, quantity = take(draft, "sku", "string", required=True), take(draft, "quantityOnStock", "int", required=True)
    if work.state.settings.inventory_needs_product and work.state.collections["products"].find("sku", sku) is None:
        raise invalid_field("sku", sku)
    channel = take(draft, "supplyChannel", "object")
    entry = {
        "key": key_of(draft),
        "sku": sku,
        "supplyChannel": work.reference(channel, "channel") if channel else None,
        "quantityOnStock": quantity,
        "availableQuantity": quantity,
        **{name: take(draft, name, "int") for name in NUMBERS},
        "expectedDelivery": take(draft, "expectedDelivery", "string"),
        "stockLevels": take(draft, "stockLevels", "object"),
        "custom": custom_of(work, draft, "inventory-entry"),
    }
    stored = work.create("inventory", without_nones(entry))
    work.tell("inventory", stored, "InventoryEntryCreated", {}, embed="inventoryEntry")
    return stored


def change_quantity(sign: int) -> Action:
    """sign 0 sets, +1 adds, -1 removes; the available quantity moves by the same difference."""

    def act(work: Work, entry: Doc, action: Doc) -> list[Note]:
        quantity = take(action, "quantity", "int", required=True)
        old, old_available = entry["quantityOnStock"], entry["availableQuantity"]
        entry["quantityOnStock"] = old + sign * quantity if sign else quantity
        entry["availableQuantity"] = old_available + entry["quantityOnStock"] - old
        return quantity_notes(entry, old, old_available)

    return act


def quantity_notes(entry: Doc, old: int, old_available: int) -> list[Note]:
    new, new_available = entry["quantityOnStock"], entry["availableQuantity"]
    named = {"sku": entry["sku"]} | changed("supplyChannel", entry.get("supplyChannel"))
    told = {"oldQuantityOnStock": old, "newQuantityOnStock": new, "oldAvailableQuantity": old_available, "newAvailableQuantity": new_available}
    notes = [Note("InventoryEntryQuantitySet", told | named)]
    if old_available > 0 >= new_available:
        notes.append(Note("InventoryEntryOutOfStock", named))
    levels = entry.get("stockLevels", {})
    for level, kind in (("reorderPoint", "InventoryEntryReorderPoint"), ("safetyStock", "InventoryEntrySafetyStock")):
        if level in levels and old > levels[level] >= new:
            notes.append(Note(kind, {"quantityOnStock": new} | named))
    return notes


def set_limits(work: Work, entry: Doc, action: Doc) -> list[Note]:
    for name in ("minCartQuantity", "maxCartQuantity"):
        put_or_drop(entry, name, take(action, name, "int"))
    return []


def set_level(name: str) -> Action:
    def act(work: Work, entry: Doc, action: Doc) -> list[Note]:
        levels = entry.get("stockLevels", {})
        put_or_drop(levels, name, take(action, "quantity", "int"))
        put_or_drop(entry, "stockLevels", levels or None)
        return []

    return act


def set_key(work: Work, doc: Doc, action: Doc) -> list[Note]:
    put_or_drop(doc, "key", key_of(action))
    return []


def tell_deleted(work: Work, entry: Doc) -> None:
    work.tell("inventory", entry, "InventoryEntryDeleted", {"sku": entry["sku"]} | changed("supplyChannel", entry.get("supplyChannel")))


INVENTORY_ACTIONS: Actions = {
    "changeQuantity": change_quantity(0),
    "addQuantity": change_quantity(1),
    "removeQuantity": change_quantity(-1),
    "setSupplyChannel": set_reference("supplyChannel", "channel"),
    "setRestockableInDays": set_field("restockableInDays", kind="int"),
    "setExpectedDelivery": set_field("expectedDelivery"),
    "setReservationExpirationInMinutes": set_field("reservationExpirationInMinutes", kind="int"),
    "setInventoryLimits": set_limits,
    "setReorderPoint": set_level("reorderPoint"),
    "setSafetyStock": set_level("safetyStock"),
    "setKey": set_key,
    **custom_actions("inventory-entry"),
}
INVENTORY = Resource(
    path="inventory",
    view=("view_products",),
    manage=("manage_products",),
    create=create_entry,
    actions=INVENTORY_ACTIONS,
    after_delete=tell_deleted,
)
