"""Custom fields: a type on a resource, and values its field definitions allow (https://docs.commercetools.com/api/projects/custom-fields)."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.commercetools.errors import invalid_input, invalid_operation, required_field
from connectors.sandbox.commercetools.shapes import Doc, take
from connectors.sandbox.commercetools.store import Work
from connectors.sandbox.commercetools.updates import Action, Note, changed

PLAIN: dict[str, type | tuple[type, ...]] = {
    "String": str,
    "Boolean": bool,
    "Number": (int, float),
    "Date": str,
    "Time": str,
    "DateTime": str,
    "LocalizedString": dict,
    "Money": dict,
    "Reference": dict,
    "LocalizedEnum": str,
}


def custom_of(work: Work, draft: Doc, target: str) -> Doc | None:
    """The `custom` member of a draft, checked against its type."""
    given = take(draft, "custom", "object")
    if given is None:
        return None
    return typed_fields(work, take(given, "type", "object", required=True), take(given, "fields", "object", default={}), target)


def typed_fields(work: Work, type_given: Doc, fields: Doc, target: str) -> Doc:
    reference = work.reference(type_given, "type")
    definition = work.load("type", reference["id"])
    if target not in definition["resourceTypeIds"]:
        raise invalid_operation(f"The type '{definition['key']}' cannot be used for '{target}'.")
    for name, value in fields.items():
        check_value(definition, name, value)
    for field in definition["fieldDefinitions"]:
        if field.get("required") and fields.get(field["name"]) is None:
            raise required_field(field["name"])
    return {"type": reference, "fields": {name: value for name, value in fields.items() if value is not None}}


def check_value(definition: Doc, name: str, value: Any) -> None:
    field = next((field for field in definition["fieldDefinitions"] if field["name"] == name), None)
    if field is None:
        raise invalid_operation(f"The field '{name}' is not defined for the type '{definition['key']}'.")
    if value is not None and not suits(field["type"], value):
        raise invalid_input(f"The value '{value}' is not valid for the field '{name}' of type {field['type']['name']}.")


def suits(kind: Doc, value: Any) -> bool:
    if kind["name"] == "Set":
        return isinstance(value, list) and all(suits(kind["elementType"], element) for element in value)
    if kind["name"] == "Enum":
        return value in [choice["key"] for choice in kind["values"]]
    wanted = PLAIN.get(kind["name"], object)
    return isinstance(value, wanted) and (kind["name"] == "Boolean" or not isinstance(value, bool))


def put_type(work: Work, holder: Doc, action: Doc, target: str) -> bool:
    """Set, replace or (without `type`) remove all custom fields; True when a type is set."""
    given = take(action, "type", "object")
    if given is None:
        holder.pop("custom", None)
        return False
    holder["custom"] = typed_fields(work, given, take(action, "fields", "object", default={}), target)
    return True


def put_field(work: Work, holder: Doc, action: Doc) -> tuple[str, Any, Any]:
    """Set or remove one field; its name, the new and the old value."""
    name, value = take(action, "name", "string", required=True), action.get("value")
    if "custom" not in holder:
        raise invalid_operation("This resource has no custom type set. Please use 'setCustomType' to set one.")
    fields = holder["custom"]["fields"]
    check_value(work.load("type", holder["custom"]["type"]["id"]), name, value)
    old = fields.get(name)
    if value is None:
        if name not in fields:
            raise invalid_operation(f"The field '{name}' is not set and cannot be removed.")
        del fields[name]
    else:
        fields[name] = value
    return name, value, old


def set_custom_type(target: str, prefix: str = "") -> Action:
    """`setCustomType`; messages named after the prefix (`Order`) where it is given."""

    def act(work: Work, doc: Doc, action: Doc) -> list[Note]:
        had = doc.get("custom", {}).get("type", {}).get("id")
        if put_type(work, doc, action, target):
            note = Note(f"{prefix}CustomTypeSet", {"customFields": doc["custom"]} | changed("previousTypeId", had))
        else:
            note = Note(f"{prefix}CustomTypeRemoved", changed("previousTypeId", had))
        return [note] if prefix else []

    return act


def set_custom_field(prefix: str = "") -> Action:
    """`setCustomField`, with the Added, Changed or Removed message of the prefix."""

    def act(work: Work, doc: Doc, action: Doc) -> list[Note]:
        name, value, old = put_field(work, doc, action)
        if value is None:
            note = Note(f"{prefix}CustomFieldRemoved", {"name": name})
        elif old is None:
            note = Note(f"{prefix}CustomFieldAdded", {"name": name, "value": value})
        else:
            note = Note(f"{prefix}CustomFieldChanged", {"name": name, "value": value, "previousValue": old})
        return [note] if prefix else []

    return act


def custom_actions(target: str, prefix: str = "") -> dict[str, Action]:
    return {"setCustomType": set_custom_type(target, prefix), "setCustomField": set_custom_field(prefix)}
