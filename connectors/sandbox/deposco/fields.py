"""Reading what a client sent: required fields, types, sizes, and references by id or by business key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import request

from connectors.sandbox.deposco.answers import Refused, invalid, unknown
from connectors.sandbox.deposco.models import Item, Json, Pack
from connectors.sandbox.deposco.store import State

TEXTS: tuple[str, ...] = ("orderSource", "secondaryOrderSource", "customerOrderNumber", "relatedOrderNumber", "shipVia", "shipVendor", "shipMethod")
TEXTS += ("freightTermsType", "freightBillToAccount", "otherReferenceNumber", "otherReferenceNumber2", "importReference", "exportReference")
TEXTS += tuple(f"customAttribute{at}" for at in range(1, 8))
AMOUNTS = ("orderSubtotal", "orderShippingTotal", "orderTaxTotal", "orderDiscountSubtotal", "orderTotal", "orderPriority")
DATES = ("placedDate", "plannedReleaseDate", "plannedShipDate", "earliestShipDate", "cancelByShipDate", "cancelByReleaseDate")
LISTS = ("customFields", "notes", "channels")
PEOPLE = {"shipToContact": "contact", "billToContact": "contact", "shipToAddress": "address", "billToAddress": "address"}
LINE_TEXTS = ("customerLineNumber", "description", "lotNumber", "importReference", *(f"customAttribute{at}" for at in range(1, 4)))
LINE_AMOUNTS = ("unitPrice", "unitCost", "discountAmount", "taxCost")
PERSON = {
    "contact": ("firstName", "lastName", "phone", "email"),
    "address": ("line1", "line2", "line3", "line4", "city", "stateProvince", "postalCode", "country"),
}
SIZES = {"firstName": 30, "lastName": 30, "email": 50}
FREIGHT_TERMS = ("Prepaid", "Collect", "Third party")


def sent() -> Json:
    """The JSON object of the body; no body is an empty object."""
    if not request.get_data():
        return {}
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise invalid("The request body is not a JSON object")
    return body


def required(body: Json, name: str, *, where: str) -> Any:
    if body.get(name) in (None, ""):
        raise invalid(f"{where}.{name} must not be null")
    return body[name]


def text(value: Any, *, where: str, most: int = 255) -> str:
    if not isinstance(value, str):
        raise invalid(f"{where} is not a string")
    if len(value) > most:
        raise invalid(f"{where} size must be between 0 and {most}")
    return value


def number(value: Any, *, where: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(f"{where} is not a number")
    return value


def packs_of(value: Any, *, where: str) -> int:
    """A count of packs: a positive whole number."""
    count = number(value, where=where)
    if count != int(count) or count <= 0:
        raise invalid(f"{where} must be a whole number greater than 0")
    return int(count)


def mapping(value: Any, *, where: str) -> Json:
    if not isinstance(value, dict):
        raise invalid(f"{where} is not an object")
    return value


def rows_of(body: Json, name: str, *, where: str) -> list[Json]:
    """`{"orderLines": {"data": [{…}]}}`; the collection may be left out."""
    if body.get(name) is None:
        return []
    rows = mapping(body[name], where=f"{where}.{name}").get("data", [])
    return objects(rows, where=f"{where}.{name}.data")


def objects(rows: Any, *, where: str) -> list[Json]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise invalid(f"{where} is not a list of objects")
    return rows


def moment(value: str, *, where: str) -> datetime:
    """ISO-8601; a plus that was not encoded arrives as a blank and is refused like any other nonsense."""
    try:
        read = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise invalid(f"{where} is not a valid date: [{value}]") from None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def header(body: Json, *, where: str) -> Json:
    """The writable plain fields that were sent, checked; what is not known is ignored."""
    given: Json = {name: text(body[name], where=f"{where}.{name}") for name in TEXTS if body.get(name) is not None}
    given |= {name: number(body[name], where=f"{where}.{name}") for name in AMOUNTS if body.get(name) is not None}
    for name in DATES:
        if body.get(name) is not None:
            moment(body[name], where=f"{where}.{name}")
            given[name] = body[name]
    given |= {name: objects(body[name], where=f"{where}.{name}") for name in LISTS if body.get(name) is not None}
    given |= {name: person(body[name], kind=kind, where=f"{where}.{name}") for name, kind in PEOPLE.items() if body.get(name) is not None}
    if given.get("orderPriority", 0) not in range(6):
        raise invalid(f"{where}.orderPriority must be between 0 and 5")
    if given.get("freightTermsType", "Prepaid") not in FREIGHT_TERMS:
        raise invalid(f"{where}.freightTermsType is not one of {list(FREIGHT_TERMS)}")
    return given


def person(value: Any, *, kind: str, where: str) -> Json:
    """A contact (sizes 30 and 50 were seen) or an address (country as two letters)."""
    found = mapping(value, where=where)
    names = PERSON[kind]
    kept = {name: text(found[name], where=f"{where}.{name}", most=SIZES.get(name, 255)) for name in names if found.get(name) is not None}
    if len(kept.get("country", "US")) != 2:
        raise invalid(f"{where}.country size must be between 2 and 2")
    return kept


def line_fields(row: Json, *, where: str) -> Json:
    given = {name: text(row[name], where=f"{where}.{name}") for name in LINE_TEXTS if row.get(name) is not None}
    return given | {name: number(row[name], where=f"{where}.{name}") for name in LINE_AMOUNTS if row.get(name) is not None}


def key_of(value: Any, *, where: str) -> tuple[int | None, Json]:
    """A reference's id and business key: one of the two has to be there."""
    found = mapping(value, where=where)
    id, key = found.get("id"), found.get("businessKey")
    if isinstance(id, bool) or not isinstance(id, int | None):
        raise invalid(f"{where}.id is not a number")
    if id is None and not isinstance(key, dict):
        raise invalid(f"{where} needs an id or a businessKey")
    return id, key if isinstance(key, dict) else {}


def company_ref(here: State, value: Any, *, where: str, permitted: str) -> str:
    id, key = key_of(value, where=where)
    code = key.get("code") if id is None else next((code for code, each in here.companies.items() if each["id"] == id), None)
    if code not in here.companies:
        raise unknown("Company", f"code = [{code}]")
    if code != permitted:
        raise Refused(403, f"Business unit {code} is not permitted")
    return str(code)


def facility_ref(here: State, value: Any, *, where: str) -> str:
    id, key = key_of(value, where=where)
    name = key.get("number") if id is None else next((name for name, each in here.facilities.items() if each["id"] == id), None)
    if name not in here.facilities:
        raise unknown("Facility", f"number = [{name if id is None else id}]")
    return str(name)


def item_ref(here: State, value: Any, *, where: str, company: str) -> Item:
    """By id, or by number within the company; an unknown SKU is a 404."""
    id, key = key_of(value, where=where)
    found = here.items.get(id) if id is not None else here.find_item(str(key.get("businessUnit.code", company)), str(key.get("number")))
    if found is None or found.company != company:
        raise unknown("Item", f"number = [{key.get('number') if id is None else id}]", missing="item")
    return found


def pack_ref(value: Any, *, where: str, item: Item) -> Pack:
    """By id, or by its quantity; the pack has to be one of the line's own item."""
    id, key = key_of(value, where=where)
    if id is not None:
        found = next((pack for pack in item.packs if pack.id == id), None)
    else:
        found = item.pack(key.get("quantity", 0)) if key.get("item.number", item.number) == item.number else None
    if found is None:
        told = id if id is not None else f"{key.get('item.number')}, {key.get('quantity')}"
        raise unknown("Pack", f"item.number, quantity = [{told}]", missing="pack")
    return found


def whole(name: str, default: int, *, most: int) -> int:
    """A number in the query, at least 1; a larger one than `most` is clamped."""
    written = request.args.get(name, "")
    if not written:
        return min(default, most)
    if not written.isdigit():
        raise invalid(f"{name} is not a number")
    return min(most, max(1, int(written)))


def named(words: str) -> set[str]:
    return {word.strip() for word in words.split(",") if word.strip()}


def only(names: Iterable[str], body: Json) -> Json:
    return {name: body[name] for name in names if name in body}
