"""The project's furniture: channels, states, types, stores, shipping methods, product types, tax categories."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.sandbox.commercetools.custom import custom_actions, custom_of
from connectors.sandbox.commercetools.errors import ApiError, invalid_field, invalid_input, invalid_operation
from connectors.sandbox.commercetools.inventory import set_key
from connectors.sandbox.commercetools.resources import Resource
from connectors.sandbox.commercetools.shapes import Doc, address, choose, key_of, localized, money, objects, put_or_drop, take, without_nones
from connectors.sandbox.commercetools.store import State, Work
from connectors.sandbox.commercetools.updates import Action, Actions, Note, set_field

ROLES = frozenset({"InventorySupply", "ProductDistribution", "OrderExport", "OrderImport", "Primary"})
STATE_TYPES = frozenset(
    {
        "OrderState",
        "LineItemState",
        "PaymentState",
        "ProductState",
        "ReviewState",
        "QuoteRequestState",
        "StagedQuoteState",
        "QuoteState",
        "RecurringOrderState",
    }
)
FIELD_NAME = re.compile(r"^[A-Za-z0-9_-]{2,36}$")


def roles_of(body: Doc, *, required: bool = False) -> list[str]:
    roles: list[str] = take(body, "roles", "array", required=required, default=["InventorySupply"])
    for role in roles:
        if role not in ROLES:
            raise invalid_field("roles", role, ROLES)
    if not roles:
        raise invalid_operation("A channel must have at least one role.")
    return list(dict.fromkeys(roles))


def channel_key(body: Doc) -> str | None:
    if body.get("key") == "":
        raise invalid_operation("The key of a channel must not be empty.")
    return key_of(body, required=True)


def create_channel(work: Work, draft: Doc) -> Doc:
    channel = {
        "key": channel_key(draft),
        "roles": roles_of(draft),
        "name": localized(draft, "name"),
        "description": localized(draft, "description"),
        "address": address(draft, "address"),
        "geoLocation": take(draft, "geoLocation", "object"),
        "custom": custom_of(work, draft, "channel"),
    }
    return work.create("channels", without_nones(channel))


def change_roles(combine: Callable[[list[str], list[str]], list[str]]) -> Action:
    def act(work: Work, channel: Doc, action: Doc) -> list[Note]:
        roles = combine(channel["roles"], roles_of(action, required=True))
        channel["roles"] = roles_of({"roles": roles})
        return []

    return act


def change_key(work: Work, channel: Doc, action: Doc) -> list[Note]:
    channel["key"] = channel_key(action)
    return []


def change_address(work: Work, channel: Doc, action: Doc) -> list[Note]:
    put_or_drop(channel, "address", address(action, "address"))
    return []


def refuse_used_channel(state: State, channel: Doc) -> None:
    for path, index in (("inventory", "supplyChannel.id"), ("orders", "lineItems.supplyChannel.id")):
        if state.collections[path].find_all(index, channel["id"]):
            message = f"Can not delete a channel while it is referenced from at least one '{state.collections[path].type_id}'."
            raise ApiError(400, "ReferenceExists", message, referencedBy=state.collections[path].type_id)


CHANNEL_ACTIONS: Actions = {
    "changeKey": change_key,
    "addRoles": change_roles(lambda old, new: [*old, *new]),
    "removeRoles": change_roles(lambda old, new: [role for role in old if role not in new]),
    "setRoles": change_roles(lambda old, new: new),
    "changeName": set_field("name", kind="object", required=True),
    "changeDescription": set_field("description", kind="object", required=True),
    "setAddress": change_address,
    "setGeoLocation": set_field("geoLocation", kind="object"),
    **custom_actions("channel"),
}


def create_state(work: Work, draft: Doc) -> Doc:
    transitions = draft.get("transitions")
    state = {
        "key": key_of(draft, required=True),
        "type": choose(draft, "type", STATE_TYPES, required=True),
        "name": localized(draft, "name"),
        "description": localized(draft, "description"),
        "initial": take(draft, "initial", "boolean", default=True),
        "builtIn": False,
        "roles": take(draft, "roles", "array", default=[]),
        "transitions": None if transitions is None else [work.reference(one, "state") for one in objects(draft, "transitions")],
    }
    return work.create("states", without_nones(state))


def set_transitions(work: Work, state: Doc, action: Doc) -> list[Note]:
    given = action.get("transitions")
    put_or_drop(state, "transitions", None if given is None else [work.reference(one, "state") for one in objects(action, "transitions")])
    return []


def field_definition(given: Doc) -> Doc:
    name = take(given, "name", "string", required=True)
    if not FIELD_NAME.match(name):
        raise invalid_input(f"The field name '{name}' may only have A-Z, a-z, 0-9, _ and -, and 2 to 36 of them.")
    kind = take(given, "type", "object", required=True)
    take(kind, "name", "string", required=True)
    label = localized(given, "label", required=True)
    hint = take(given, "inputHint", "string", default="SingleLine")
    return {"name": name, "label": label, "required": take(given, "required", "boolean", default=False), "type": kind, "inputHint": hint}


def create_type(work: Work, draft: Doc) -> Doc:
    kind = {
        "key": key_of(draft, required=True),
        "name": localized(draft, "name", required=True),
        "description": localized(draft, "description"),
        "resourceTypeIds": take(draft, "resourceTypeIds", "array", required=True),
        "fieldDefinitions": [field_definition(one) for one in objects(draft, "fieldDefinitions")],
    }
    return work.create("types", without_nones(kind))


def add_field_definition(work: Work, kind: Doc, action: Doc) -> list[Note]:
    definition = field_definition(take(action, "fieldDefinition", "object", required=True))
    if any(one["name"] == definition["name"] for one in kind["fieldDefinitions"]):
        raise invalid_operation(f"The field '{definition['name']}' is already defined.")
    kind["fieldDefinitions"].append(definition)
    return []


def create_store(work: Work, draft: Doc) -> Doc:
    store = {
        "key": key_of(draft, required=True),
        "name": localized(draft, "name"),
        "languages": take(draft, "languages", "array", default=[]),
        "countries": objects(draft, "countries"),
        "distributionChannels": [work.reference(one, "channel") for one in objects(draft, "distributionChannels")],
        "supplyChannels": [work.reference(one, "channel") for one in objects(draft, "supplyChannels")],
        "productSelections": [],
        "custom": custom_of(work, draft, "store"),
    }
    return work.create("stores", without_nones(store))


def create_shipping_method(work: Work, draft: Doc) -> Doc:
    zones = []
    for zone in objects(draft, "zoneRates"):
        rates: list[Doc] = [{"price": money(rate, "price", required=True), "tiers": []} for rate in objects(zone, "shippingRates")]
        zones.append({"zone": zone.get("zone", {"typeId": "zone", "id": work.state.new_id()}), "shippingRates": rates})
    tax = take(draft, "taxCategory", "object")
    method = {
        "key": key_of(draft),
        "name": take(draft, "name", "string", required=True),
        "localizedName": localized(draft, "localizedName"),
        "taxCategory": work.reference(tax, "tax-category") if tax else None,
        "zoneRates": zones,
        "active": take(draft, "active", "boolean", default=True),
        "isDefault": take(draft, "isDefault", "boolean", default=False),
    }
    return work.create("shipping-methods", without_nones(method))


NAMED: Actions = {"setKey": set_key, "changeName": set_field("name", required=True)}
SETUP: tuple[Resource, ...] = (
    Resource(
        path="channels",
        view=("view_channels", "view_products"),
        manage=("manage_channels", "manage_products"),
        create=create_channel,
        actions=CHANNEL_ACTIONS,
        before_delete=refuse_used_channel,
    ),
    Resource(
        path="states",
        view=("view_states",),
        manage=("manage_states",),
        create=create_state,
        actions={"setTransitions": set_transitions, "setName": set_field("name", kind="object")},
    ),
    Resource(path="types", view=("view_types",), manage=("manage_types",), create=create_type, actions={"addFieldDefinition": add_field_definition}),
    Resource(
        path="stores",
        view=("view_stores",),
        manage=("manage_stores",),
        create=create_store,
        actions={"setName": set_field("name", kind="object"), **custom_actions("store")},
    ),
    Resource(
        path="shipping-methods",
        view=("view_shipping_methods", "view_orders", "view_products"),
        manage=("manage_shipping_methods", "manage_project"),
        create=create_shipping_method,
        actions=NAMED,
    ),
)
